using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Notifications;

/// <summary>How staff and tenants settle a notification.</summary>
/// <param name="Notes">What was done about it.</param>
internal sealed record Resolution(Guid Id, string Notes)
{
    internal sealed class Validator : Validator<Resolution>
    {
        public Validator() => RuleFor(request => request.Notes).NotEmpty().MaximumLength(500);
    }

    /// <summary>Resolves it, once, where the context sees it.</summary>
    /// <returns>Null when done.</returns>
    public async Task<ProblemHttpResult?> SettleAsync(StaffDb db, Guid? userId, DateTimeOffset now, CancellationToken ct)
    {
        var isDone = await db.Notifications.Where(row => row.Id == Id && !row.IsResolved).ExecuteUpdateAsync(
            set => set
                .SetProperty(row => row.IsResolved, true)
                .SetProperty(row => row.Resolved, now)
                .SetProperty(row => row.ResolvedBy, userId)
                .SetProperty(row => row.ResolutionNotes, Notes),
            ct) == 1;
        return isDone ? null
            : await db.Notifications.AnyAsync(row => row.Id == Id, ct) ? Problems.Conflict("It is resolved already.")
            : Problems.NotFound("Notification");
    }
}
