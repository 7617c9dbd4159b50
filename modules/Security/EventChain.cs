using Microsoft.EntityFrameworkCore;
using PenguinMails.Security.Data;

namespace PenguinMails.Security;

/// <summary>A sealed event that was changed, or before which some are gone.</summary>
/// <param name="EventId">Null where the event itself is gone: the chain's newest end.</param>
internal sealed record BrokenLink(long ChainPosition, Guid? EventId, string Problem);

/// <summary>The chain of hashes over all events, whichever tenant's: read under the platform's role.</summary>
internal static class EventChain
{
    /// <summary>The first event at which the chain does not hold; null where it holds throughout.</summary>
    public static Task<BrokenLink?> FirstBrokenAsync(this SecurityDb db, CancellationToken ct)
    {
        // Seven years of events take their time.
        db.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
        return db.Database.SqlQuery<BrokenLink>($"SELECT chain_position, event_id, problem FROM verify_security_events() ORDER BY chain_position LIMIT 1")
            .FirstOrDefaultAsync(ct);
    }
}
