using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>What a step may be, by itself.</summary>
internal static class StepRules
{
    /// <summary>What it refers to and the tenant does not have.</summary>
    public static async Task<ProblemHttpResult?> RefuseStrangersAsync(StepSettings given, CampaignsDb db, ISender modules, CancellationToken ct)
    {
        if (given.TemplateId is { } template && !await db.Templates.AnyAsync(row => row.Id == template, ct))
        {
            return Problems.NotFound("Template");
        }

        return given.EmailAccountId is { } mailbox && mailbox != Guid.Empty && (await modules.Send(new GetMailboxes([mailbox]), ct)).Count == 0
            ? Problems.NotFound("Mailbox")
            : null;
    }

    /// <summary>What does not fit together.</summary>
    /// <param name="isFirstEmail">No e-mail comes before it.</param>
    public static ProblemHttpResult? Refuse(SequenceStep step, bool isFirstEmail)
    {
        var errors = Strange(step).Concat(OfType(step, isFirstEmail)).Where(check => check.Problem is not null)
            .GroupBy(check => check.Field).ToDictionary(field => field.Key, field => field.Select(check => check.Problem!).ToArray());
        return errors.Count > 0 ? Problems.Unprocessable(errors) : null;
    }

    // Given, and of another type of step.
    private static IEnumerable<(string Field, string? Problem)> Strange(SequenceStep step) =>
        new (string Field, StepType Of, bool IsGiven)[]
        {
            ("templateId", StepType.Email, step.TemplateId is not null),
            ("emailAccountId", StepType.Email, step.EmailAccountId is not null),
            ("subjectOverride", StepType.Email, step.SubjectOverride is not null),
            ("fromNameOverride", StepType.Email, step.FromNameOverride is not null),
            ("sendCondition", StepType.Email, step.SendCondition is not null),
            ("waitDurationHours", StepType.Wait, step.WaitDurationHours is not null),
            ("waitUntilDate", StepType.Wait, step.WaitUntilDate is not null),
            ("conditionType", StepType.Condition, step.ConditionType is not null),
            ("conditionValue", StepType.Condition, step.ConditionValue is not null),
            ("trueStepOrder", StepType.Condition, step.TrueStepOrder is not null),
            ("falseStepOrder", StepType.Condition, step.FalseStepOrder is not null),
        }
        .Where(field => field.IsGiven && field.Of != step.StepType)
        .Select(field => (field.Field, (string?)$"'{field.Field}' belongs to a step of type {field.Of.ToString().ToLowerInvariant()}."));

    private static IEnumerable<(string Field, string? Problem)> OfType(SequenceStep step, bool isFirstEmail) => step.StepType switch
    {
        StepType.Email =>
        [
            ("subjectOverride", step.SubjectOverride is { } subject ? LiquidTemplates.Check(subject) : null),
            ("sendCondition", isFirstEmail && step.SendCondition is not (null or SendCondition.Always)
                ? "No e-mail comes before it: 'sendCondition' of the first is always."
                : null),
        ],
        StepType.Condition =>
        [
            ("conditionValue", SequenceCheck.RefuseValue(step.ConditionType, step.ConditionValue)),
            ("trueStepOrder", SequenceCheck.RefuseTarget(step, step.TrueStepOrder)),
            ("falseStepOrder", SequenceCheck.RefuseTarget(step, step.FalseStepOrder)),
        ],
        _ => [],
    };
}
