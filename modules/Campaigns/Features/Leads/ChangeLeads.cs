using System.Text.Json;
using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

internal enum BulkAction
{
    Archive,
    Restore,
    Delete,
    AddToList,
    RemoveFromList,
    AddTag,
    RemoveTag,
    SetAttribute,
}

/// <summary>POST /leads/bulk: the same for many leads, all of it or nothing.</summary>
internal static class ChangeLeads
{
    /// <param name="Ids">Up to 1000; or a filter instead.</param>
    /// <param name="Filter">As <c>GET /leads</c> takes it.</param>
    /// <param name="Key">The custom field to set.</param>
    /// <param name="Value">Empty or absent: the field goes.</param>
    internal sealed record Request(
        Guid[]? Ids, LeadFilter? Filter, string Action, Guid? ListId, string? Tag, string? Key, string? Value);

    /// <param name="Matched">Leads that were meant.</param>
    /// <param name="Changed">Of them; the others were so already, or may not be changed so: one that a campaign is writing to is not deleted.</param>
    internal sealed record Response(int Matched, int Changed);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Ids).Must((request, ids) => ids is null != request.Filter is null).WithMessage("Give either 'ids' or 'filter'.");
            RuleFor(request => request.Ids).Must(ids => ids is null || ids.Length <= 1000).WithMessage("At most 1000 ids.");
            var filter = new InlineValidator<LeadFilter>();
            filter.AddFilterRules();
            RuleFor(request => request.Filter!).SetValidator(filter).When(request => request.Filter is not null);
            RuleFor(request => request.Action).Must(action => action is not null && SnakeCase.Knows<BulkAction>(action))
                .WithMessage($"'action' is {string.Join(", ", Enum.GetValues<BulkAction>().Select(SnakeCase.Of))}.");
            RuleFor(request => request.ListId).NotEmpty().When(request => request.Action is "add_to_list" or "remove_from_list");
            RuleFor(request => request.Tag).NotEmpty().MaximumLength(200).When(request => request.Action is "add_tag" or "remove_tag");
            RuleFor(request => request.Key).NotEmpty().MaximumLength(LeadColumns.LongestCustomName).When(request => request.Action is "set_attribute");
            RuleFor(request => request.Value).MaximumLength(LeadRow.LongestAttribute);
        }
    }

    internal sealed class Endpoint(CampaignsDb db, LeadSearch search, TenantScope scope) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        // A statement's worth: its parameter is an array of that many ids.
        private const int Portion = 5000;

        public override void Configure()
        {
            Post("/leads/bulk");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var action = SnakeCase.Parse<BulkAction>(request.Action);
            if (request.ListId is { } listId && !await db.Lists.AnyAsync(list => list.Id == listId, ct))
            {
                return Problems.NotFound("Lead list");
            }

            var tag = request.Tag is { } value ? (await search.TagsAsync(value, ct)).Cast<long?>().FirstOrDefault() : null;
            if (request.Tag is not null && tag is null)
            {
                return Problems.NotFound("Tag");
            }

            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(10));
            var leads = request.Ids is { } given ? db.Leads.Where(lead => given.Contains(lead.Id)) : await search.FindAsync(request.Filter!, ct);
            var ids = await leads.OrderBy(lead => lead.Id).Select(lead => lead.Id).ToListAsync(ct);
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            var changed = 0;
            foreach (var portion in ids.Chunk(Portion))
            {
                changed += await ChangeAsync(action, request, tag, portion, ct);
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Ok(new Response(ids.Count, changed));
        }

        private Task<int> ChangeAsync(BulkAction action, Request request, long? tag, Guid[] ids, CancellationToken ct)
        {
            var tenant = scope.RequiredTenantId;
            var leads = db.Leads.Where(lead => ids.Contains(lead.Id));
            return action switch
            {
                BulkAction.Archive => MoveAsync(leads, LeadStatus.Active, LeadStatus.Archived, ct),
                BulkAction.Restore => MoveAsync(leads, LeadStatus.Archived, LeadStatus.Active, ct),
                BulkAction.Delete => leads.Deletable(db).ExecuteDeleteAsync(ct),
                BulkAction.AddToList => db.Database.ExecuteSqlAsync($"""
                    INSERT INTO lead_list_members (tenant_id, list_id, lead_id)
                    SELECT {tenant}, {request.ListId}, id FROM leads WHERE tenant_id = {tenant} AND id = ANY ({ids})
                    ON CONFLICT DO NOTHING
                    """, ct),
                BulkAction.RemoveFromList => db.ListMembers
                    .Where(member => member.ListId == request.ListId && ids.Contains(member.LeadId)).ExecuteDeleteAsync(ct),
                BulkAction.AddTag => db.Database.ExecuteSqlAsync($"""
                    INSERT INTO lead_tags (tenant_id, lead_id, tag_id)
                    SELECT {tenant}, id, {tag} FROM leads WHERE tenant_id = {tenant} AND id = ANY ({ids})
                    ON CONFLICT DO NOTHING
                    """, ct),
                BulkAction.RemoveTag => db.LeadTags.Where(row => row.TagId == tag && ids.Contains(row.LeadId)).ExecuteDeleteAsync(ct),
                BulkAction.SetAttribute => SetAttributeAsync(request, ids, ct),
                _ => throw new InvalidOperationException($"Nothing is done for {action}."),
            };
        }

        private static Task<int> MoveAsync(IQueryable<Lead> leads, LeadStatus from, LeadStatus to, CancellationToken ct) =>
            leads.Where(lead => lead.Status == from).ExecuteUpdateAsync(lead => lead.SetProperty(row => row.Status, to), ct);

        private Task<int> SetAttributeAsync(Request request, Guid[] ids, CancellationToken ct)
        {
            var tenant = scope.RequiredTenantId;
            if (string.IsNullOrEmpty(request.Value))
            {
                return db.Database.ExecuteSqlAsync(
                    $"UPDATE leads SET attributes = attributes - {request.Key} WHERE tenant_id = {tenant} AND id = ANY ({ids}) AND attributes ? {request.Key}", ct);
            }

            var field = JsonSerializer.Serialize(new Dictionary<string, string> { [request.Key!] = request.Value });
            return db.Database.ExecuteSqlAsync($"""
                UPDATE leads SET attributes = attributes || {field}::jsonb
                WHERE tenant_id = {tenant} AND id = ANY ({ids}) AND NOT attributes @> {field}::jsonb
                """, ct);
        }
    }
}
