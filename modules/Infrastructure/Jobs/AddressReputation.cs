using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Looks at each address by what was sent from it and what blocklists say, and gives waiting domains the places that unused ones leave.</summary>
internal sealed class AddressReputation(PlatformDb<InfrastructureDb> platform, AddressReview review, AddressPlaces places, ISender modules)
    : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        await using var db = platform.Open("addresses.reputation");
        var addresses = await db.SmtpIpAddresses.Where(address => address.Status != AddressStatus.Burned || address.AssignedCount > 0)
            .Select(address => address.Id).ToListAsync(ct);
        try
        {
            await Sweep.EachApartAsync(addresses, id => review.RunAsync(id, ct), ct);
        }
        finally
        {
            await PlaceWaitingAsync(db, ct);
        }
    }

    private async Task PlaceWaitingAsync(InfrastructureDb db, CancellationToken ct)
    {
        await places.EndUnusedAsync(ct);
        var waiting = await db.DomainIpAssignments.Where(place => place.Status == AssignmentStatus.Scheduled).OrderBy(place => place.Id)
            .Select(place => new { place.TenantId, place.DomainId }).ToListAsync(ct);
        var left = waiting.Count;
        await Sweep.EachApartAsync(
            waiting, async domain => left -= await places.GiveAsync(domain.TenantId, domain.DomainId, ct) ? 1 : 0, ct);
        if (left > 0)
        {
            await modules.Send(new RaiseNotification(
                "ip_capacity", "Domains wait for an address", $"{left} domains wait for an address: none has room. Their mail waits too.", "warning",
                "addresses:no_room", TenantId: null) { AutoResolveAfter = TimeSpan.FromHours(2) }, ct);
        }
    }
}
