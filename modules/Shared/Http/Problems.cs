using System.Globalization;
using FluentValidation.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;

namespace PenguinMails.Shared.Http;

/// <summary>Problem details (RFC 9457) as every endpoint answers them: <c>errors</c> is keyed by field.</summary>
public static class Problems
{
    /// <summary>404: there is none, or it is another tenant's; the answer is the same.</summary>
    public static ProblemHttpResult NotFound(string what) =>
        TypedResults.Problem(title: $"{what} not found.", statusCode: StatusCodes.Status404NotFound);

    /// <summary>409: it exists already, or is in the wrong state.</summary>
    public static ProblemHttpResult Conflict(string title) =>
        TypedResults.Problem(title: title, statusCode: StatusCodes.Status409Conflict);

    /// <summary>422: well formed, but a rule of the domain refuses it.</summary>
    /// <param name="field">The request's field, in camelCase.</param>
    /// <param name="message">What is wrong and, where it helps, what would be right.</param>
    public static ProblemHttpResult Unprocessable(string field, string message) =>
        Unprocessable(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>422 with several fields.</summary>
    public static ProblemHttpResult Unprocessable(IDictionary<string, string[]> errors) => Fields(errors, StatusCodes.Status422UnprocessableEntity);

    /// <summary>What is refused, with what a program needs to know beside the words.</summary>
    /// <param name="details">Members of the problem, in camelCase.</param>
    public static ProblemHttpResult Refused(int status, IDictionary<string, string[]> errors, IDictionary<string, object?> details) =>
        Fields(errors, status, details);

    /// <summary>400 with one field, for what a validator cannot see.</summary>
    public static ProblemHttpResult Malformed(string field, string message) =>
        Fields(new Dictionary<string, string[]> { [field] = [message] }, StatusCodes.Status400BadRequest);

    /// <summary>The body for failures of a validator.</summary>
    public static HttpValidationProblemDetails FromFailures(IEnumerable<ValidationFailure> failures, HttpContext http, int status) =>
        new(failures.GroupBy(failure => failure.PropertyName).ToDictionary(
            group => group.Key, group => group.Select(failure => Words(failure.ErrorMessage)).Distinct().ToArray()))
        {
            Status = status,
            Title = "The request is not valid.",
            Extensions = { ["traceId"] = System.Diagnostics.Activity.Current?.Id ?? http.TraceIdentifier },
        };

    /// <summary>The status that an exception no endpoint caught stands for.</summary>
    public static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        // Someone else changed or deleted the row between the read and the write.
        DbUpdateConcurrencyException or ConflictException => StatusCodes.Status409Conflict,
        UnstorableTextException => StatusCodes.Status400BadRequest,
        ServiceAwayException => StatusCodes.Status503ServiceUnavailable,
        // Another tenant's row is not there; one that was referred to is not there, or no longer.
        _ when TenantRefusal.Of(exception) is { } refused =>
            TenantRefusal.IsOfPolicy(refused) ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict,
        DbUpdateException { InnerException: { } inner } => StatusOf(inner),
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Says in the problem of an exception that is meant for people what it says: of a service that is away, also when to try again.</summary>
    public static void Tell(ProblemDetailsContext context)
    {
        switch (context.Exception)
        {
            case ConflictException conflict:
                context.ProblemDetails.Title = conflict.Message;
                break;
            case ServiceAwayException away:
                context.ProblemDetails.Title = away.Title;
                context.HttpContext.Response.Headers.RetryAfter = ((int)away.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                break;
        }
    }

    // The serialiser names types of ours, which tell a caller nothing.
    private static string Words(string message) =>
        message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) ? "The value is not of the expected kind." : message;

    private static ProblemHttpResult Fields(IDictionary<string, string[]> errors, int status, IDictionary<string, object?>? details = null) => TypedResults.Problem(
        title: errors.Count == 1 ? errors.Values.First()[0] : "The request is not valid.",
        statusCode: status,
        extensions: new Dictionary<string, object?>(details ?? new Dictionary<string, object?>()) { ["errors"] = errors });
}
