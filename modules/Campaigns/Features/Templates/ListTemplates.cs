using FastEndpoints;
using FluentValidation;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>GET /templates: the tenant's templates, of a folder or tag, starred, or by the beginning of their name.</summary>
internal static class ListTemplates
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>The beginning of the name, in whatever case.</summary>
        [QueryParam]
        public string? Search { get; init; }

        [QueryParam]
        public long? FolderId { get; init; }

        [QueryParam]
        public long? TagId { get; init; }

        /// <summary>True: only starred ones; false: only others.</summary>
        [QueryParam]
        public bool? IsStarred { get; init; }
    }

    internal sealed record Item(Guid Id, string Name, string Subject, bool IsStarred, int Version, DateTimeOffset? Created, DateTimeOffset? Updated);

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Search).MaximumLength(100);
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Page<Item>>
    {
        public override void Configure()
        {
            Get("/templates");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var search = request.Search?.ToLowerInvariant();
            return db.Templates
                .Where(template => search == null || template.Name.ToLower().StartsWith(search))
                .Where(template => request.IsStarred == null || template.IsStarred == request.IsStarred)
                .Where(template => request.FolderId == null
                    || db.TemplateFolders.Any(row => row.TemplateId == template.Id && row.FolderId == request.FolderId))
                .Where(template => request.TagId == null || db.TemplateTags.Any(row => row.TemplateId == template.Id && row.TagId == request.TagId))
                .ToPageAsync(
                    request,
                    template => template.Id,
                    template => new Item(
                        template.Id, template.Name, template.Subject, template.IsStarred, template.Version, template.Created, template.Updated),
                    item => item.Id,
                    ct);
        }
    }
}
