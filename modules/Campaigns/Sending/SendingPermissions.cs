using MediatR;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>What the subscription says of sending: the month's messages, and room to keep them in.</summary>
internal static class SendingPermissions
{
    public static async Task<SendingPermission> SendingPermissionAsync(this ISender modules, CampaignsDb db, CancellationToken ct)
    {
        var permission = await modules.Send(new GetSendingPermission(), ct);
        if (!permission.MaySend)
        {
            return permission;
        }

        var storage = await modules.Send(new RequireAllowance(PlanLimit.Storage), ct);
        return storage.Refuse(await db.StoredBytesAsync(ct)) is { } full ? new SendingPermission(false, full.Message, 0) { Refusal = full } : permission;
    }
}
