using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Blocklists;

/// <summary>What a blocklist last said of an address or a domain.</summary>
internal sealed record ListingResponse(string List, bool Listed, string? Code, DateTimeOffset? Since, DateTimeOffset Checked)
{
    /// <summary>By list; empty before the first check. They are few: always one page.</summary>
    public static Page<ListingResponse> PageOf(IReadOnlyDictionary<string, Listing>? listings) => new(
        [.. (listings ?? new Dictionary<string, Listing>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new ListingResponse(pair.Key, pair.Value.Listed, pair.Value.Code, pair.Value.Since, pair.Value.Checked))],
        null);
}
