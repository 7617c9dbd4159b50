using MediatR;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Features.Audit;

namespace PenguinMails.Staff.Jobs;

/// <summary>Goes through the whole chain of the audit log, and alerts staff where it is broken.</summary>
internal sealed class VerifyAuditLog(AuditChain chain, ISender modules) : IRecurringJob
{
    public const string Id = "staff.verify-audit-log";

    public async Task RunAsync(CancellationToken ct)
    {
        if (await chain.FirstBreakAsync(ct) is { } found)
        {
            await modules.Send(
                new RaiseNotification(
                    "audit", "The audit log was tampered with", $"Row {found.EntryId?.ToString() ?? "(gone)"} at position {found.Position}: {found.Problem}.",
                    "critical", "audit_chain", TenantId: null),
                ct);
        }
    }
}
