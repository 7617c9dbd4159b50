using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>POST /templates: keeps a subject, an HTML body and perhaps a text body, once all can be sent.</summary>
internal static class CreateTemplate
{
    internal sealed record Request(string Name, string Subject, string Content, string? TextContent);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).NotEmpty().MaximumLength(100);
            RuleFor(request => request.Subject).AsSubject();
            RuleFor(request => request.Content).AsContent();
            RuleFor(request => request.TextContent).AsTextContent();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope)
        : Endpoint<Request, Results<Created<TemplateResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/templates");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<TemplateResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (TemplateRules.Refuse(request.Subject, request.Content, request.TextContent) is { } errors)
            {
                return Problems.Unprocessable(errors);
            }

            var template = new Template
            {
                Id = Guid.CreateVersion7(),
                TenantId = scope.RequiredTenantId,
                Name = request.Name,
                Subject = request.Subject,
                Content = request.Content,
                TextContent = string.IsNullOrEmpty(request.TextContent) ? null : request.TextContent,
            };
            db.Templates.Add(template);
            await db.SaveChangesAsync(ct);
            return TypedResults.Created($"/api/v1/templates/{template.Id}", await TemplateResponse.FindAsync(db, template.Id, ct));
        }
    }
}
