using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>
/// Gives domains their places on addresses: the least loaded warmed one first, else one that is warming, else a free one. A tenant with
/// addresses of its own uses those alone, while their servers stay. One place is given at a time, so that the least loaded is known; it takes milliseconds.
/// </summary>
internal sealed class AddressPlaces(PlatformDb<InfrastructureDb> platform, IOptions<AddressOptions> options, TimeProvider clock)
{
    private const string Purpose = "addresses.places";
    private const long Turn = 0x41444452;

    /// <summary>Gives a domain an address where it has none. Without room it waits for one.</summary>
    /// <returns>Whether it has one now.</returns>
    public async Task<bool> GiveAsync(Guid tenantId, Guid domainId, CancellationToken ct)
    {
        await using var db = platform.Open(Purpose);
        await using var work = await BeginTurnAsync(db, ct);
        var places = await PlacesAsync(db, domainId, ct);
        var has = places.Any(IsPlaced) || await PlaceAsync(db, tenantId, domainId, places.SingleOrDefault(), null, ct);
        await db.SaveChangesAsync(ct);
        await work.CommitAsync(ct);
        return has;
    }

    /// <summary>Gives a domain that is on a warming address one that is warmed besides, for what the first has no room for.</summary>
    /// <returns>Whether it has one now; somebody else may have asked at the same time.</returns>
    public async Task<bool> GiveWarmedAsync(Guid tenantId, Guid domainId, CancellationToken ct)
    {
        await using var db = platform.Open(Purpose);
        await using var work = await BeginTurnAsync(db, ct);
        var places = await PlacesAsync(db, domainId, ct);
        if (places.Any(place => place.Status == AssignmentStatus.Active))
        {
            return true;
        }

        if (await FindAsync(db, tenantId, null, warmedOnly: true, ct) is not { } address)
        {
            return false;
        }

        Put(db, places.Find(place => !IsPlaced(place)) ?? DomainIpAssignment.Waiting(tenantId, domainId), address);
        await db.SaveChangesAsync(ct);
        await work.CommitAsync(ct);
        return true;
    }

    /// <summary>Moves all domains off an address.</summary>
    /// <param name="stay">
    /// Whether a domain stays where no address of another server has room; else it leaves whatever there is, and may have to wait.
    /// </param>
    /// <returns>Whether each has a place elsewhere now.</returns>
    public async Task<bool> ClearAsync(SmtpIpAddress address, bool stay, CancellationToken ct)
    {
        List<Guid> there;
        await using (var db = platform.Open(Purpose))
        {
            there = await db.DomainIpAssignments
                .Where(place => place.SmtpIpAddressId == address.Id && place.Status != AssignmentStatus.Expired)
                .Select(place => place.Id).ToListAsync(ct);
        }

        var moved = 0;
        await Sweep.EachApartAsync(there, async id => moved += await MoveAsync(id, stay ? address.VpsInstanceId : null, stay, ct) ? 1 : 0, ct);
        return moved == there.Count;
    }

    /// <summary>Whether the platform has any address at all; else its mail server sends from its own.</summary>
    public async Task<bool> HaveAddressesAsync(CancellationToken ct)
    {
        await using var db = platform.Open(Purpose);
        return await db.SmtpIpAddresses.AnyAsync(address => address.Status != AddressStatus.Burned, ct);
    }

    /// <summary>Ends the places of domains that for a day have had no mailbox to send from them.</summary>
    public async Task EndUnusedAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = platform.Open(Purpose);
        await using var work = await BeginTurnAsync(db, ct);
        await db.Database.ExecuteSqlAsync($"""
            UPDATE domain_ip_assignments place SET status = 'expired', expires = {now}
            WHERE place.status <> 'expired' AND place.created < {now.AddDays(-1)}
              AND NOT EXISTS (
                  SELECT FROM email_accounts account
                  WHERE account.domain_id = place.domain_id AND account.provider = {EmailAccount.PlatformServer})
            """, ct);
        await work.CommitAsync(ct);
    }

    /// <summary>Takes the turn to change places, until the transaction ends. It comes before any lock on a row.</summary>
    public static async Task<IDbContextTransaction> BeginTurnAsync(InfrastructureDb db, CancellationToken ct)
    {
        var work = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Turn})", ct);
        return work;
    }

    private async Task<bool> MoveAsync(Guid assignmentId, Guid? notOnServer, bool stay, CancellationToken ct)
    {
        await using var db = platform.Open(Purpose);
        await using var work = await BeginTurnAsync(db, ct);
        var place = await db.DomainIpAssignments.SingleOrDefaultAsync(row => row.Id == assignmentId && row.Status != AssignmentStatus.Expired, ct);
        if (place is null)
        {
            return true;
        }

        var others = (await PlacesAsync(db, place.DomainId, ct)).Where(other => other.Id != place.Id).ToList();
        place.Expire(clock.GetUtcNow());
        // The new place may be of the same kind, of which there is one.
        await db.SaveChangesAsync(ct);
        var has = others.Any(IsPlaced) || await PlaceAsync(db, place.TenantId, place.DomainId, others.SingleOrDefault(), notOnServer, ct);
        if (has || !stay)
        {
            await db.SaveChangesAsync(ct);
            await work.CommitAsync(ct);
        }

        return has;
    }

    private static Task<List<DomainIpAssignment>> PlacesAsync(InfrastructureDb db, Guid domainId, CancellationToken ct) =>
        db.DomainIpAssignments.Where(place => place.DomainId == domainId && place.Status != AssignmentStatus.Expired).ToListAsync(ct);

    private static bool IsPlaced(DomainIpAssignment place) => place.SmtpIpAddressId is not null;

    private async Task<bool> PlaceAsync(
        InfrastructureDb db, Guid tenantId, Guid domainId, DomainIpAssignment? waiting, Guid? notOnServer, CancellationToken ct)
    {
        var address = await FindAsync(db, tenantId, notOnServer, warmedOnly: false, ct);
        Put(db, waiting ?? DomainIpAssignment.Waiting(tenantId, domainId), address);
        return address is not null;
    }

    private void Put(InfrastructureDb db, DomainIpAssignment place, SmtpIpAddress? address)
    {
        var now = clock.GetUtcNow();
        if (address?.Assign(now) == true)
        {
            place.Take(address, WarmupRamp.IsDone(address.Status, address.WarmingStarted, options.Value, now), now);
        }

        if (db.Entry(place).State == EntityState.Detached)
        {
            db.DomainIpAssignments.Add(place);
        }
    }

    // Of equals the one whose last domain came longest ago. One that somebody changes at the moment is passed by: waiting for it, with
    // others' rows in hand, two could wait for each other.
    private async Task<SmtpIpAddress?> FindAsync(InfrastructureDb db, Guid tenantId, Guid? notOnServer, bool warmedOnly, CancellationToken ct)
    {
        var (now, limit) = (clock.GetUtcNow(), options.Value.DomainsPerAddress);
        var doneSince = now.AddDays(-options.Value.WarmupDays);
        return (await db.SmtpIpAddresses.FromSql($"""
            SELECT address.* FROM smtp_ip_addresses address
            JOIN vps_instances server ON server.id = address.vps_instance_id AND server.status = 'active'
            CROSS JOIN LATERAL (SELECT CASE address.status
                WHEN 'warmed' THEN CASE WHEN address.warming_started > {doneSince} THEN 2 ELSE 1 END
                WHEN 'warming' THEN 2 WHEN 'assigned' THEN 2 WHEN 'available' THEN 3 END) AS choice (place)
            WHERE choice.place <= {(warmedOnly ? 1 : 3)}
              AND CASE WHEN EXISTS (
                      SELECT FROM smtp_ip_addresses own
                      JOIN vps_instances its ON its.id = own.vps_instance_id AND its.status = 'active'
                      WHERE own.dedicated_tenant_id = {tenantId} AND own.status <> 'burned'
                        AND own.vps_instance_id IS DISTINCT FROM {notOnServer})
                  THEN address.dedicated_tenant_id = {tenantId}
                  ELSE address.dedicated_tenant_id IS NULL AND address.assigned_count < {limit} END
              AND NOT COALESCE(jsonb_path_exists(address.provider_blacklist_status, '$.*.listed ? (@ == true)'), false)
              AND address.vps_instance_id IS DISTINCT FROM {notOnServer}
            ORDER BY choice.place, address.assigned_count, (
                SELECT max(place.assigned) FROM domain_ip_assignments place WHERE place.smtp_ip_address_id = address.id) NULLS FIRST, address.id
            LIMIT 1
            FOR NO KEY UPDATE OF address SKIP LOCKED
            """).ToListAsync(ct)).SingleOrDefault();
    }
}
