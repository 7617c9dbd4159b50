using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>POST /templates/{id}/duplicate: a copy in the same folders with the same tags, without the versions.</summary>
internal static class DuplicateTemplate
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Created<TemplateResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/templates/{id}/duplicate");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<TemplateResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Templates.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } template)
            {
                return Problems.NotFound("Template");
            }

            var name = $"Copy of {template.Name}";
            var copy = new Template
            {
                Id = Guid.CreateVersion7(),
                TenantId = template.TenantId,
                Name = MessageText.Cut(name, 100),
                Subject = template.Subject,
                Content = template.Content,
                TextContent = template.TextContent,
            };
            db.Templates.Add(copy);
            db.TemplateFolders.AddRange((await db.TemplateFolders.AsNoTracking().Where(row => row.TemplateId == template.Id).ToListAsync(ct))
                .Select(row => new TemplateFolder { TenantId = row.TenantId, TemplateId = copy.Id, FolderId = row.FolderId }));
            db.TemplateTags.AddRange((await db.TemplateTags.AsNoTracking().Where(row => row.TemplateId == template.Id).ToListAsync(ct))
                .Select(row => new TemplateTag { TenantId = row.TenantId, TemplateId = copy.Id, TagId = row.TagId }));
            await db.SaveChangesAsync(ct);
            return TypedResults.Created($"/api/v1/templates/{copy.Id}", await TemplateResponse.FindAsync(db, copy.Id, ct));
        }
    }
}
