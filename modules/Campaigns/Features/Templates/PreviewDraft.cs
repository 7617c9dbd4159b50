using FastEndpoints;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>POST /templates/preview: what a lead would get of a template that is not kept yet.</summary>
internal static class PreviewDraft
{
    internal sealed record Request(string Subject, string Content, string? TextContent, Guid? LeadId, Guid? StepId, Dictionary<string, string>? Sample);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Subject).AsSubject();
            RuleFor(request => request.Content).AsContent();
            RuleFor(request => request.TextContent).AsTextContent();
        }
    }

    internal sealed class Endpoint(Previews previews) : Endpoint<Request, Results<Ok<Preview>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/templates/preview");
            Policies(AccessPolicies.Member);
        }

        public override Task<Results<Ok<Preview>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            TemplateRules.Refuse(request.Subject, request.Content, request.TextContent) is { } errors
                ? Task.FromResult<Results<Ok<Preview>, ProblemHttpResult>>(Problems.Unprocessable(errors))
                : previews.MakeAsync(
                    new(request.Subject, request.Content, request.TextContent), new(request.LeadId, request.StepId, request.Sample), ct);
    }
}
