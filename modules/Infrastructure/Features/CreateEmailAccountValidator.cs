using FastEndpoints;
using FluentValidation;
using MimeKit;

namespace PenguinMails.Infrastructure.Features;

internal static partial class CreateEmailAccount
{
    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.DomainId).NotEmpty();
            RuleFor(request => request.Email).Cascade(CascadeMode.Stop).NotEmpty().MaximumLength(254).Must(BeAnAddress)
                .WithMessage("'email' must be an address such as ann@example.com.");
            RuleFor(request => request.DisplayName).MaximumLength(100).Must(name => name is null || !name.Any(char.IsControl))
                .WithMessage("'displayName' must not hold control characters.");
            RuleFor(request => request.Provider).Must(provider => provider is null or "smtp").WithMessage("'provider' must be smtp.");
            RuleFor(request => request.DailyLimit).InclusiveBetween(1, 10_000);
            RuleFor(request => request.MinGapSeconds).InclusiveBetween(0, 86_400);
            RuleFor(request => request.Smtp!).SetValidator(new SmtpValidator()).When(request => request.Smtp is not null);
        }

        private static bool BeAnAddress(string? email) =>
            MailboxAddress.TryParse(email, out var mailbox) && mailbox.Address == email && email.Count(letter => letter == '@') == 1;
    }

    private sealed class SmtpValidator : AbstractValidator<Smtp>
    {
        public SmtpValidator()
        {
            RuleFor(smtp => smtp.Host).Cascade(CascadeMode.Stop).NotEmpty().MaximumLength(253)
                .Must(host => Uri.CheckHostName(host) != UriHostNameType.Unknown)
                .WithMessage("'host' must be a host name or an address.");
            RuleFor(smtp => smtp.Port).InclusiveBetween(1, 65535);
            RuleFor(smtp => smtp.Username).MaximumLength(255);
            RuleFor(smtp => smtp.Username).NotEmpty().When(smtp => !string.IsNullOrEmpty(smtp.Password));
            RuleFor(smtp => smtp.Password).MaximumLength(1000);
            RuleFor(smtp => smtp.Password).NotEmpty().When(smtp => !string.IsNullOrEmpty(smtp.Username));
        }
    }
}
