namespace PenguinMails.Infrastructure.Blocklists;

/// <summary>What the blocklists say of one address or domain, by their names.</summary>
internal static class Listings
{
    /// <summary>What was known, with what was found out now. A fault changes nothing: it neither lists nor clears.</summary>
    public static IReadOnlyDictionary<string, Listing> With(
        this IReadOnlyDictionary<string, Listing>? known, IEnumerable<(Blocklist List, Verdict Verdict)> found, DateTimeOffset now)
    {
        var listings = new SortedDictionary<string, Listing>(StringComparer.Ordinal);
        foreach (var (name, listing) in known ?? new Dictionary<string, Listing>())
        {
            listings[name] = listing;
        }

        foreach (var (list, verdict) in found)
        {
            if (verdict.IsListed is { } isListed)
            {
                var since = isListed && listings.TryGetValue(list.Name, out var before) && before.Listed ? before.Since : now;
                listings[list.Name] = new Listing(isListed, verdict.Code, isListed ? since : null, now);
            }
        }

        return listings;
    }

    /// <summary>Whether a list has it.</summary>
    public static bool Has(this IReadOnlyDictionary<string, Listing>? known, string list) =>
        known is not null && known.TryGetValue(list, out var listing) && listing.Listed;
}
