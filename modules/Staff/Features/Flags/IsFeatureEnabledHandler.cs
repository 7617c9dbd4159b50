using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Flags;

internal sealed class IsFeatureEnabledHandler(StaffDb db, TenantScope scope, ChangeFeed changes) : IRequestHandler<IsFeatureEnabled, bool>
{
    public Task<bool> Handle(IsFeatureEnabled request, CancellationToken ct) => changes.RememberAsync(
        (nameof(IsFeatureEnabled), request.Key, scope.TenantId), [Subjects.FeatureFlags], () => ReadAsync(request.Key, ct));

    private async Task<bool> ReadAsync(string key, CancellationToken ct)
    {
        var found = await db.FeatureFlags
            .AsNoTracking()
            .Where(flag => flag.Key == key)
            .Select(flag => new
            {
                Flag = flag,
                Own = db.FeatureFlagOverrides.Where(own => own.FeatureFlagId == flag.Id).Select(own => (bool?)own.IsEnabled).FirstOrDefault(),
            })
            .SingleOrDefaultAsync(ct);
        return found?.Own ?? found?.Flag.IsOnFor(scope.TenantId) ?? false;
    }
}
