using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Infrastructure.Mailu;

/// <summary>Why Mailu did not do what it was asked.</summary>
/// <param name="Status">Of our answer: 409 and 422 are the caller's, 502 the operator's, 503 passes.</param>
/// <param name="Title">For people.</param>
/// <param name="RetryAfter">When it is worth asking again; null where that would not help.</param>
internal sealed record MailuFault(int Status, string Title, TimeSpan? RetryAfter = null)
{
    private static readonly TimeSpan SoonEnough = TimeSpan.FromMinutes(1);

    public static readonly MailuFault RefusesToken =
        new(StatusCodes.Status502BadGateway, "The mail server's administration refuses the platform's token. Its operator must mend that.");

    public static readonly MailuFault Garbled =
        new(StatusCodes.Status502BadGateway, "The mail server's administration answers what is not Mailu's. Its operator must mend that.");

    public static MailuFault Away(TimeSpan? retryAfter = null) => new(
        StatusCodes.Status503ServiceUnavailable, "The mail server's administration does not answer. Nothing was lost: try again.", retryAfter ?? SoonEnough);

    public ProblemHttpResult ToProblem(HttpContext http)
    {
        if (RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(title: Title, statusCode: Status);
    }
}
