using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>A lead with all that is known of it.</summary>
internal sealed record LeadView(
    Guid Id, string Email, string? Name, string? FirstName, string? LastName, string? Company, string? Timezone, LeadStatus Status, int Score,
    IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<string> Tags, IReadOnlyList<Guid> ListIds, DateTimeOffset Created, DateTimeOffset? Updated)
{
    /// <returns>Null where there is none.</returns>
    public static async Task<LeadView?> ReadAsync(CampaignsDb db, Guid id, CancellationToken ct)
    {
        if (await db.Leads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct) is not { } lead)
        {
            return null;
        }

        var lists = await db.ListMembers.Where(member => member.LeadId == id).OrderBy(member => member.ListId).Select(member => member.ListId).ToListAsync(ct);
        var tags = await db.Database.SqlQuery<string>($"""
            SELECT tags.value AS "Value" FROM lead_tags JOIN tags ON tags.id = lead_tags.tag_id
            WHERE lead_tags.tenant_id = {lead.TenantId} AND lead_tags.lead_id = {id} ORDER BY 1
            """).ToListAsync(ct);
        return new LeadView(
            lead.Id, lead.Email, lead.Name, lead.FirstName, lead.LastName, lead.Company, lead.Timezone, lead.Status, lead.Score,
            JsonSerializer.Deserialize<Dictionary<string, string>>(lead.Attributes) ?? [], tags, lists, lead.Created, lead.Updated);
    }
}
