using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>PATCH /templates/{id}: changes what is given, and keeps what was sent before as a version.</summary>
internal static class UpdateTemplate
{
    /// <param name="TextContent">Empty: made from the HTML from now on.</param>
    /// <param name="Version">The version that the change was made from; another one by now is a 409.</param>
    internal sealed record Request(Guid Id, string? Name, string? Subject, string? Content, string? TextContent, int? Version);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => (request.Name, request.Subject, request.Content, request.TextContent) != (null, null, null, null))
                .WithName("name").WithMessage("Nothing to change was given.");
            RuleFor(request => request.Name).NotEmpty().MaximumLength(100).When(request => request.Name is not null);
            When(request => request.Subject is not null, () => RuleFor(request => request.Subject).AsSubject());
            When(request => request.Content is not null, () => RuleFor(request => request.Content).AsContent());
            RuleFor(request => request.TextContent).AsTextContent();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<Ok<TemplateResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/templates/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<TemplateResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Templates.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } template)
            {
                return Problems.NotFound("Template");
            }

            if (request.Version is { } version && version != template.Version)
            {
                return Problems.Conflict($"The template has been changed meanwhile: it is at version {template.Version}.");
            }

            var (subject, content) = (request.Subject ?? template.Subject, request.Content ?? template.Content);
            var textContent = request.TextContent switch { null => template.TextContent, "" => null, var given => given };
            if (TemplateRules.Refuse(subject, content, textContent) is { } errors)
            {
                return Problems.Unprocessable(errors);
            }

            template.Name = request.Name ?? template.Name;
            if (template.Rewrite(subject, content, textContent, scope.UserId) is { } former)
            {
                db.TemplateVersions.Add(former);
            }

            return await db.SaveUniqueAsync(ct) is not null
                ? TemplateRules.ChangedMeanwhile()
                : TypedResults.Ok(await TemplateResponse.FindAsync(db, template.Id, ct));
        }
    }
}
