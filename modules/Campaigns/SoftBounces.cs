using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns;

/// <summary>
/// A mailbox that is full or away comes back; one that sends three messages in a row back does not. An open, a click or an answer begins
/// the count anew (<see cref="MessageEvents"/>).
/// </summary>
internal static class SoftBounces
{
    public const int Most = 3;

    /// <summary>
    /// Counts one for the message's lead; the third suppresses the address for the tenant. To be called once a message: a second notice
    /// of the same says nothing new.
    /// </summary>
    /// <returns>Whether the address is suppressed by it.</returns>
    public static async Task<bool> CountAsync(CampaignsDb db, EmailMessage message, DateTimeOffset now, CancellationToken ct)
    {
        var counted = await db.Database.SqlQuery<Counted>($"""
            UPDATE leads SET soft_bounces = soft_bounces + 1 WHERE tenant_id = {message.TenantId} AND id = {message.LeadId}::uuid
            RETURNING email, soft_bounces
            """).ToListAsync(ct);
        if (counted is not [{ SoftBounces: >= Most } lead])
        {
            return false;
        }

        var order = new SuppressionOrder(null, SuppressionReason.SoftBounces, $"message {message.Id}");
        await Suppression.AddAllAsync(db, message.TenantId, [lead.Email], order, now, ct);
        return true;
    }

    internal sealed record Counted(string Email, int SoftBounces);
}
