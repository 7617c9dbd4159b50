using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>Changes an address under its lock, and does what follows from its new state.</summary>
internal sealed class AddressLife(
    PlatformDb<InfrastructureDb> platform, AddressPlaces places, ISender modules, IOptions<AddressOptions> options, TimeProvider clock)
{
    /// <summary>Domains' places follow; staff are told of trouble; domains leave what carries no mail any more.</summary>
    /// <returns>The address as it is now; null where there is none.</returns>
    public async Task<SmtpIpAddress?> ChangeAsync(Guid id, Func<InfrastructureDb, SmtpIpAddress, Task> change, CancellationToken ct)
    {
        await using var db = platform.Open("addresses.life");
        await using var work = await AddressPlaces.BeginTurnAsync(db, ct);
        if ((await db.SmtpIpAddresses.FromSql($"SELECT * FROM smtp_ip_addresses WHERE id = {id} FOR NO KEY UPDATE").ToListAsync(ct))
            .SingleOrDefault() is not { } address)
        {
            return null;
        }

        var before = address.Status;
        await change(db, address);
        await db.SaveChangesAsync(ct);
        await FollowAsync(db, address, ct);
        // Before it is so: told twice is better than never.
        if (address.Status != before)
        {
            await TellAsync(address, before, ct);
        }

        await work.CommitAsync(ct);

        // Also what an earlier run was stopped in.
        if (address.Status is AddressStatus.Quarantined or AddressStatus.Burned)
        {
            await places.ClearAsync(address, stay: false, ct);
        }

        return address;
    }

    // A domain that was on a warmed address besides leaves that one when its own is warmed: it has one active place.
    private Task FollowAsync(InfrastructureDb db, SmtpIpAddress address, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return WarmupRamp.IsDone(address.Status, address.WarmingStarted, options.Value, now)
            ? db.Database.ExecuteSqlAsync($"""
                UPDATE domain_ip_assignments SET status = 'expired', expires = {now}
                WHERE status = 'active' AND domain_id IN (
                    SELECT domain_id FROM domain_ip_assignments WHERE smtp_ip_address_id = {address.Id} AND status = 'warming');
                UPDATE domain_ip_assignments SET status = 'active', warmup_state = 'warmed'
                WHERE smtp_ip_address_id = {address.Id} AND status = 'warming'
                """, ct)
            : address.Status == AddressStatus.Warming
            ? db.Database.ExecuteSqlAsync($"""
                UPDATE domain_ip_assignments SET warmup_state = 'warming'
                WHERE smtp_ip_address_id = {address.Id} AND status = 'warming' AND warmup_state = 'unwarmed'
                """, ct)
            : Task.CompletedTask;
    }

    private async Task TellAsync(SmtpIpAddress address, AddressStatus before, CancellationToken ct)
    {
        await modules.Send(
            new SettleNotification($"address:{address.Id}:{SnakeCase.Of(before)}", TenantId: null, $"It is {SnakeCase.Of(address.Status)} now."), ct);
        var severity = address.Status switch
        {
            AddressStatus.Degraded => "warning",
            AddressStatus.Quarantined => "critical",
            AddressStatus.Burned => "high",
            _ => null,
        };
        if (severity is not null)
        {
            var status = SnakeCase.Of(address.Status);
            await modules.Send(new RaiseNotification(
                "ip_reputation", $"Address {address.IpAddress} is {status}", address.History.Last().Reason ?? "", severity,
                $"address:{address.Id}:{status}", TenantId: null), ct);
        }
    }
}
