using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>POST /templates/{id}/versions/{version}/restore: sends again what that version sent; what it replaces is kept too.</summary>
internal static class RestoreTemplateVersion
{
    internal sealed record Request(Guid Id, int Version);

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<Ok<TemplateResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/templates/{id}/versions/{version}/restore");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<TemplateResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var template = await db.Templates.SingleOrDefaultAsync(row => row.Id == request.Id, ct);
            var wanted = await db.TemplateVersions.AsNoTracking()
                .SingleOrDefaultAsync(row => row.TemplateId == request.Id && row.Version == request.Version, ct);
            if (template is null || wanted is null)
            {
                return Problems.NotFound(template is null ? "Template" : "Version");
            }

            // It was fit to be sent when it was kept, by the rules of that time.
            if (TemplateRules.Refuse(wanted.Subject, wanted.Content, wanted.TextContent) is { } errors)
            {
                return Problems.Unprocessable(errors);
            }

            if (template.Rewrite(wanted.Subject, wanted.Content, wanted.TextContent, scope.UserId) is { } former)
            {
                db.TemplateVersions.Add(former);
                if (await db.SaveUniqueAsync(ct) is not null)
                {
                    return TemplateRules.ChangedMeanwhile();
                }
            }

            return TypedResults.Ok(await TemplateResponse.FindAsync(db, template.Id, ct));
        }
    }
}
