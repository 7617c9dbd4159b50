using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Flags;

internal sealed class IsFeatureEnabledHandler(StaffDb db, TenantScope scope) : IRequestHandler<IsFeatureEnabled, bool>
{
    public async Task<bool> Handle(IsFeatureEnabled request, CancellationToken ct)
    {
        var found = await db.FeatureFlags
            .AsNoTracking()
            .Where(flag => flag.Key == request.Key)
            .Select(flag => new
            {
                Flag = flag,
                Own = db.FeatureFlagOverrides.Where(own => own.FeatureFlagId == flag.Id).Select(own => (bool?)own.IsEnabled).FirstOrDefault(),
            })
            .SingleOrDefaultAsync(ct);
        return found?.Own ?? found?.Flag.IsOnFor(scope.TenantId) ?? false;
    }
}
