using System.Linq.Expressions;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Features.Folders;

/// <param name="Templates">How many are in it.</param>
internal sealed record FolderResponse(long Id, string Name, int Templates, DateTimeOffset? Created)
{
    public static Expression<Func<Folder, FolderResponse>> Of(CampaignsDb db) => folder => new FolderResponse(
        folder.Id, folder.Name, db.TemplateFolders.Count(row => row.FolderId == folder.Id), folder.Created);
}
