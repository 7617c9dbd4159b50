using MediatR;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Blocklists;

/// <summary>What staff, and the tenant of a domain, hear of blocklists.</summary>
internal sealed class BlocklistNotices(ISender modules)
{
    private const string Category = "blocklist";

    /// <summary>Tells of what is new on a list, once, and settles it when it is off again. To be called before that is kept, so that none is lost.</summary>
    public async Task FoundAsync(
        Guid id, string subject, IReadOnlyDictionary<string, Listing>? known, IEnumerable<(Blocklist List, Verdict Verdict)> found, Guid? tenantId, CancellationToken ct)
    {
        foreach (var (list, verdict) in found)
        {
            var (key, wasListed) = ($"blocklist:{list.Name}:{id}", known.Has(list.Name));
            if (verdict.IsListed is true && !wasListed)
            {
                await modules.Send(new RaiseNotification(
                    Category, "On a blocklist", $"{subject} is on {list.Name} ({list.Zone} answered {verdict.Code}).",
                    list.QuarantinesFor(verdict.Code) ? "critical" : "warning", key, tenantId), ct);
            }
            else if (verdict.IsListed is false && wasListed)
            {
                await modules.Send(new SettleNotification(key, tenantId, $"{subject} is off {list.Name} again."), ct);
            }
        }
    }

    /// <summary>Tells of a list that cannot be asked.</summary>
    public Task TestedAsync(Blocklist list, string? fault, CancellationToken ct) => fault is null
        ? modules.Send(new SettleNotification($"blocklist-test:{list.Name}", TenantId: null, "The list passes its self-test."), ct)
        : modules.Send(new RaiseNotification(
            Category, "A blocklist fails its self-test", $"{list.Name} is ignored: {fault}", "low", $"blocklist-test:{list.Name}", TenantId: null), ct);
}
