namespace PenguinMails.Staff.Features.Notifications;

/// <param name="TenantId">Null where it concerns the platform.</param>
/// <param name="AlertCount">How often it occurred while it was open.</param>
/// <param name="AutoResolveAfter">When it resolves itself unless it recurs; null: never.</param>
internal sealed record NotificationResponse(
    Guid Id, Guid? TenantId, string Category, string Title, string Message, string Severity, int AlertCount, DateTimeOffset FirstOccurrence,
    DateTimeOffset LastOccurrence, DateTimeOffset? AutoResolveAfter, bool IsResolved, DateTimeOffset? Resolved, Guid? ResolvedBy,
    string? ResolutionNotes)
{
    public static NotificationResponse Of(SystemNotification row) => new(
        row.Id, row.TenantId, row.Category, row.Title, row.Message, row.Severity, row.AlertCount, row.FirstOccurrence, row.LastOccurrence,
        row.AutoResolveAfter, row.IsResolved, row.Resolved, row.ResolvedBy, row.ResolutionNotes);
}
