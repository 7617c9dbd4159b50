using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Settings;

internal sealed class GetSettingHandler(StaffDb db, PlatformDb<StaffDb> platform, SettingValues values, ChangeFeed changes)
    : IRequestHandler<GetSetting, Setting?>
{
    public async Task<Setting?> Handle(GetSetting request, CancellationToken ct)
    {
        // As it is in the table: what is sealed is remembered sealed.
        var row = await changes.RememberAsync(
            (nameof(GetSetting), request.Key, request.IncludeSensitive), [Subjects.Settings],
            () => request.IncludeSensitive ? ReadAllAsync(request.Key, ct) : ReadAsync(db, request.Key, ct));
        return row is not null && values.Read(row) is { } value ? new Setting(value) : null;
    }

    private async Task<SystemSetting?> ReadAllAsync(string key, CancellationToken ct)
    {
        await using var all = platform.Open("settings");
        return await ReadAsync(all, key, ct);
    }

    private static Task<SystemSetting?> ReadAsync(StaffDb from, string key, CancellationToken ct) =>
        from.Settings.AsNoTracking().SingleOrDefaultAsync(row => row.Key == key, ct);
}
