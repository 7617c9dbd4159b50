using MediatR;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Mail;

namespace PenguinMails.Infrastructure.Features;

internal sealed class OpenOutletHandler(Outlets outlets) : IRequestHandler<OpenOutlet, MailOutlet>
{
    public Task<MailOutlet> Handle(OpenOutlet request, CancellationToken ct) => outlets.OpenAsync(request.EmailAccountId, request.SmtpIpAddressId, ct);
}
