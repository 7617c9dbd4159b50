using MediatR;
using PenguinMails.Security.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Security.Jobs;

/// <summary>Verifies the chain of hashes over the events, and tells staff of the first that does not hold.</summary>
internal sealed class VerifySecurityEvents(PlatformDb<SecurityDb> platform, ISender modules) : IRecurringJob
{
    public const string Id = "security.verify";

    public async Task RunAsync(CancellationToken ct)
    {
        await using var db = platform.Open(Id);
        if (await db.FirstBrokenAsync(ct) is { } broken)
        {
            await modules.Send(new RaiseNotification(
                "security_incident", "The record of security events was tampered with",
                $"The chain does not hold at event {broken.EventId?.ToString() ?? "(gone)"}, position {broken.ChainPosition}: {broken.Problem}.",
                "critical", "security_chain", TenantId: null), ct);
        }
    }
}
