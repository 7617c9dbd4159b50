using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>Section <c>TestSends</c>.</summary>
internal sealed record TestSendOptions
{
    /// <summary>Test messages an hour that one person, or a tenant's programs together, may send.</summary>
    [Range(1, 10_000)]
    public int PerHour { get; init; } = 20;
}

/// <summary>Test messages by person. The mailbox's day bounds those of all hosts.</summary>
internal sealed class TestSendLimit(IOptions<TestSendOptions> options) : CallLimit(options.Value.PerHour, TimeSpan.FromHours(1), segments: 12)
{
    /// <summary>429, with the headers that say when again.</summary>
    public ProblemHttpResult TooMany(TimeSpan wait, HttpResponse response)
    {
        var seconds = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        response.Headers["RateLimit-Limit"] = Most.ToString(CultureInfo.InvariantCulture);
        response.Headers["RateLimit-Remaining"] = "0";
        response.Headers["RateLimit-Reset"] = seconds;
        response.Headers.RetryAfter = seconds;
        return TypedResults.Problem(
            title: $"More than {Most} test messages an hour: try again later.", statusCode: StatusCodes.Status429TooManyRequests);
    }
}
