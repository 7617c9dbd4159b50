using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Addresses;

/// <summary>Looks at one address by what was sent from it.</summary>
internal sealed class AddressReview(AddressLife life, IOptions<AddressOptions> options, TimeProvider clock)
{
    private const int Days = 3;

    public Task RunAsync(Guid addressId, CancellationToken ct) =>
        life.ChangeAsync(addressId, (db, address) => JudgeAsync(db, address, ct), ct);

    private async Task JudgeAsync(InfrastructureDb db, SmtpIpAddress address, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var idleFrom = today.AddDays(-Math.Max(options.Value.IdleDays, 2 * Days));
        var days = await db.AddressDays.AsNoTracking()
            .Where(day => day.SmtpIpAddressId == address.Id && day.Provider == AddressDay.All && day.Day > idleFrom).ToListAsync(ct);
        var from = today.AddDays(1 - Days);
        // What made it degraded does not keep it so.
        var judgedFrom = address.Status is AddressStatus.Degraded or AddressStatus.Quarantined
            ? DateOnly.FromDateTime(address.StatusSince.UtcDateTime).AddDays(1) : from;
        address.Review(
            DeliveryCounts.Of(days.Where(day => day.Day >= from && day.Day >= judgedFrom)),
            DeliveryCounts.Of(days.Where(day => day.Day < from && day.Day >= from.AddDays(-Days))),
            isIdle: days.All(day => day.Sent == 0) && now - address.StatusSince >= TimeSpan.FromDays(options.Value.IdleDays),
            options.Value, now);
    }
}
