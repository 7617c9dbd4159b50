using System.Net.Mail;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>Answers and rules that several slices of accounts share: they must not tell who has an account.</summary>
internal static class Answers
{
    /// <summary>One for every reason.</summary>
    public static ProblemHttpResult NotLoggedIn() => TypedResults.Problem(
        title: "The e-mail address or the password is wrong, the address is not verified yet, or the account is locked for a while.",
        statusCode: StatusCodes.Status401Unauthorized);

    public static ProblemHttpResult SessionOver() =>
        TypedResults.Problem(title: "The session has ended: log in again.", statusCode: StatusCodes.Status401Unauthorized);

    public static ProblemHttpResult DeadToken() => Problems.Unprocessable("token", "The link or code is wrong, was used, or has expired: ask for a new one.");

    /// <summary>422 with what the rules say against a password.</summary>
    public static ProblemHttpResult BadPassword(IReadOnlyList<string> faults, string field = "password") =>
        Problems.Unprocessable(new Dictionary<string, string[]> { [field] = [.. faults] });

    /// <summary>A bare address such as ann@example.com, in ASCII: a domain of other letters is given as IDNA (xn--).</summary>
    public static IRuleBuilderOptions<T, string> AsEmail<T>(this IRuleBuilder<T, string> rule) => rule.NotEmpty().MaximumLength(254)
        .Must(text => text is null || (MailAddress.TryCreate(text, out var address) && address.Address == text && text.All(IsOfAddress)))
        .WithMessage("'{PropertyName}' must be an e-mail address such as ann@example.com.");

    private static bool IsOfAddress(char letter) => char.IsAscii(letter) && !char.IsWhiteSpace(letter) && !char.IsControl(letter) && letter is not ('<' or '>' or '"');

    /// <summary>What no policy may undercut; the tenant's own rules are asked for later.</summary>
    public static IRuleBuilderOptions<T, string> AsNewPassword<T>(this IRuleBuilder<T, string> rule) => rule.NotEmpty().MinimumLength(8).MaximumLength(128);
}
