using MediatR;

namespace PenguinMails.Staff.Contracts;

/// <summary>Tells staff, and the tenant where there is one, of something to look at. It is durable when the request returns.</summary>
/// <param name="Category">What it is about, such as <c>connection_pool</c>; at most 100 characters.</param>
/// <param name="Title">For people; cut to 255 characters.</param>
/// <param name="Message">For people; the tenant's members read it too.</param>
/// <param name="Severity">info, low, medium, warning, high, error or critical.</param>
/// <param name="DedupKey">
/// Names the matter, at most 200 characters. While one of the same key and tenant is open, this counts up on it instead of
/// opening another: the newest words and the gravest severity stay. What is a warning or graver escalates as it recurs: the tenth
/// time it is high at least, the fiftieth critical.
/// </param>
/// <param name="TenantId">Null where it concerns the platform: staff alone see it.</param>
public sealed record RaiseNotification(
    string Category, string Title, string Message, string Severity, string DedupKey, Guid? TenantId) : IRequest
{
    /// <summary>How long after its last occurrence it resolves itself, within ten minutes; null: never.</summary>
    public TimeSpan? AutoResolveAfter { get; init; }
}
