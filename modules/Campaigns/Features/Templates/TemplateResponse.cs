using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>A template as the API shows it.</summary>
/// <param name="TextContent">Null: the text part is made from the HTML.</param>
/// <param name="Hints">What may keep its messages out of inboxes.</param>
internal sealed record TemplateResponse(
    Guid Id, string Name, string Subject, string Content, string? TextContent, bool IsStarred, int Version,
    IReadOnlyList<long> FolderIds, IReadOnlyList<long> TagIds, DateTimeOffset? Created, DateTimeOffset? Updated, IReadOnlyList<Hint> Hints)
{
    /// <returns>Null where there is no such template.</returns>
    public static async Task<TemplateResponse?> FindAsync(CampaignsDb db, Guid id, CancellationToken ct)
    {
        // Split: folders times tags would repeat the content.
        var found = await db.Templates.Where(template => template.Id == id).AsSplitQuery().Select(template => new TemplateResponse(
            template.Id, template.Name, template.Subject, template.Content, template.TextContent, template.IsStarred, template.Version,
            db.TemplateFolders.Where(row => row.TemplateId == template.Id && row.FolderId != null).OrderBy(row => row.FolderId)
                .Select(row => row.FolderId!.Value).ToList(),
            db.TemplateTags.Where(row => row.TemplateId == template.Id && row.TagId != null).OrderBy(row => row.TagId)
                .Select(row => row.TagId!.Value).ToList(),
            template.Created, template.Updated, Array.Empty<Hint>())).SingleOrDefaultAsync(ct);
        return found is null ? null : found with { Hints = TemplateHints.Of(found.Subject, found.Content, found.TextContent) };
    }
}
