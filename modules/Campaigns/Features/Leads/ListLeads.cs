using FastEndpoints;
using FluentValidation;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>GET /leads: the tenant's contacts, by what they begin with and in the order asked for.</summary>
internal static class ListLeads
{
    internal sealed record Request : LeadFilter, IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>created, email, name, company or score; with a minus from the end. Absent: what is searched for, else the newest first.</summary>
        [QueryParam]
        public string? Sort { get; init; }

        // What a prefix is looked up in has that order already.
        internal LeadOrder? Order => Sort is { } sort ? LeadOrder.Parse(sort)
            : Email is not null ? new LeadOrder(LeadSort.Email, IsDescending: false)
            : Name is not null ? new LeadOrder(LeadSort.Name, IsDescending: false)
            : Company is not null ? new LeadOrder(LeadSort.Company, IsDescending: false)
            : new LeadOrder(LeadSort.Created, IsDescending: true);
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            this.AddFilterRules();
            RuleFor(page => page.Limit).InclusiveBetween(1, 200);
            RuleFor(page => page.Sort).Must((page, _) => page.Order is not null)
                .WithMessage("'sort' is created, email, name, company or score, or one of them with a minus before it.");
            RuleFor(page => page.Cursor)
                .Must((page, cursor) => cursor is null || page.Order is not { } order || LeadCursor.Decode(cursor, order) is not null)
                .WithMessage("'cursor' must be the nextCursor of a page in the same order.");
        }
    }

    internal sealed class Endpoint(LeadSearch search) : Endpoint<Request, Page<LeadItem>>
    {
        public override void Configure()
        {
            Get("/leads");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<LeadItem>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var order = request.Order!;
            var after = request.Cursor is { } cursor ? LeadCursor.Decode(cursor, order) : null;
            return search.PageAsync(request, order, after, request.Limit ?? 50, ct);
        }
    }
}
