using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Inbox;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>GET /inbox/threads: who wrote in, the latest first; what is archived only where it is asked for.</summary>
internal static class ListThreads
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        [QueryParam]
        public bool? Unread { get; init; }

        /// <summary>Absent: those that are not.</summary>
        [QueryParam]
        public bool? Archived { get; init; }

        [QueryParam]
        public Guid? EmailAccountId { get; init; }

        [QueryParam]
        public Guid? CampaignId { get; init; }

        [QueryParam]
        public Guid? LeadId { get; init; }

        [QueryParam]
        public long? Tag { get; init; }

        /// <summary>Those with a message of this kind: reply, out_of_office or other.</summary>
        [QueryParam]
        public string? Kind { get; init; }

        /// <summary>What the address begins with, or the subject contains.</summary>
        [QueryParam]
        public string? Search { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Limit).InclusiveBetween(1, 200);
            RuleFor(request => request.Cursor).Must(cursor => cursor is null || ThreadCursor.Decode(cursor) is not null)
                .WithMessage("'cursor' must be the nextCursor of a page.");
            RuleFor(request => request.Kind).Must(kind => kind is null || SnakeCase.Knows<InboxKind>(kind))
                .WithMessage("'kind' is not a kind of message.");
            RuleFor(request => request.Search).MaximumLength(254);
        }
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Page<ThreadItem>>
    {
        public override void Configure()
        {
            Get("/inbox/threads");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Page<ThreadItem>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var threads = Filter(request);
            if (request.Cursor is { } cursor && ThreadCursor.Decode(cursor) is { } last)
            {
                threads = threads.Where(row => row.LastMessage < last.LastMessage || (row.LastMessage == last.LastMessage && row.Id > last.Id));
            }

            var limit = request.Limit ?? 50;
            var items = await threads.OrderByDescending(row => row.LastMessage).ThenBy(row => row.Id).Take(limit + 1)
                .Select(ThreadItem.Of(db)).ToListAsync(ct);
            if (items.Count <= limit)
            {
                return new Page<ThreadItem>(items, null);
            }

            items.RemoveAt(limit);
            return new Page<ThreadItem>(items, new ThreadCursor(items[^1].LastMessage, items[^1].Id).Encode());
        }

        private IQueryable<InboxThread> Filter(Request request)
        {
            var archived = request.Archived ?? false;
            var search = request.Search?.Trim().ToLowerInvariant();
            InboxKind? kind = request.Kind is null ? null : SnakeCase.Parse<InboxKind>(request.Kind);
            return db.Threads.AsNoTracking().Where(row => row.IsArchived == archived
                && (request.Unread == null || row.Unread > 0 == request.Unread)
                && (request.EmailAccountId == null || row.EmailAccountId == request.EmailAccountId)
                && (request.CampaignId == null || row.CampaignId == request.CampaignId)
                && (request.LeadId == null || row.LeadId == request.LeadId)
                && (request.Tag == null || db.ThreadTags.Any(tag => tag.ThreadId == row.Id && tag.TagId == request.Tag))
                && (kind == null || db.InboxMessages.Any(message => message.ThreadId == row.Id && message.Kind == kind))
                && (search == null || row.Participant.StartsWith(search) || CampaignsDb.Lower(row.Subject!).Contains(search)));
        }
    }
}
