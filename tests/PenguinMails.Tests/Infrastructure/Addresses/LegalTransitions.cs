using PenguinMails.Infrastructure;
using static PenguinMails.Infrastructure.AddressStatus;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>How an address may go from one state to another, as the domain's table says.</summary>
internal static class LegalTransitions
{
    private static readonly (AddressStatus From, AddressStatus To)[] All =
    [
        (Available, Assigned),
        (Assigned, Warming), (Assigned, Available), // its only domain was deleted before it sent
        (Warming, Warmed), (Warming, Degraded), (Warming, Available), // the last: it lay idle
        (Warmed, Degraded), (Warmed, Available),
        (Degraded, Warmed), (Degraded, Quarantined),
        (Quarantined, Warming), (Quarantined, Burned),
        // Staff and Spamhaus do not wait.
        (Available, Quarantined), (Assigned, Quarantined), (Warming, Quarantined), (Warmed, Quarantined),
        // The server is given back, or staff retire it.
        (Available, Burned), (Assigned, Burned), (Warming, Burned), (Warmed, Burned), (Degraded, Burned),
    ];

    /// <param name="statuses">One after the other, from the first on.</param>
    public static IEnumerable<(AddressStatus From, AddressStatus To)> Broken(IEnumerable<AddressStatus> statuses)
    {
        var all = statuses.Prepend(Available).ToList();
        return all.Zip(all.Skip(1)).Select(pair => (pair.First, pair.Second)).Except(All);
    }
}
