using System.Linq.Expressions;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <param name="Participant">The address that writes in.</param>
/// <param name="Unread">Messages that nobody has read.</param>
internal sealed record ThreadItem(
    Guid Id, string Participant, string? Subject, Guid? EmailAccountId, Guid? CampaignId, Guid? LeadId, DateTimeOffset LastMessage,
    int Unread, bool IsArchived, IEnumerable<long> Tags)
{
    public static Expression<Func<InboxThread, ThreadItem>> Of(CampaignsDb db) => row => new ThreadItem(
        row.Id, row.Participant, row.Subject, row.EmailAccountId, row.CampaignId, row.LeadId, row.LastMessage, row.Unread, row.IsArchived,
        db.ThreadTags.Where(tag => tag.ThreadId == row.Id).OrderBy(tag => tag.TagId).Select(tag => tag.TagId).ToList());
}
