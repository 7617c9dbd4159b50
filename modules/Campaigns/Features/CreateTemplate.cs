using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /templates: keeps a Liquid subject and HTML body, once both can be sent.</summary>
internal static class CreateTemplate
{
    internal sealed record Request(string Name, string Subject, string Content);

    internal sealed record Response(Guid Id, string Name, string Subject, string Content);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).NotEmpty().MaximumLength(100);
            RuleFor(request => request.Subject).NotEmpty().MaximumLength(255).OneLine();
            RuleFor(request => request.Content).NotEmpty().MaximumLength(256 * 1024);
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<Created<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/templates");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var errors = new Dictionary<string, string[]>();
            Check("subject", request.Subject, errors);
            Check("content", request.Content, errors);
            if (errors.Count > 0)
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
            };
            db.Templates.Add(template);
            await db.SaveChangesAsync(ct);
            return TypedResults.Created($"/api/v1/templates/{template.Id}",
                new Response(template.Id, template.Name, template.Subject, template.Content));
        }

        private static void Check(string field, string text, Dictionary<string, string[]> errors)
        {
            if (LiquidTemplates.Check(text) is { } error)
            {
                errors[field] = [error];
            }
        }
    }
}
