using System.Globalization;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Analytics;

/// <summary>Numbers with the names of what they are of, as JSON or a file.</summary>
internal sealed class AnalyticsReports(CampaignsDb db, CampaignNumbers numbers, ISender modules, TimeProvider clock)
{
    private static readonly string[] Columns =
    [
        "key", "name", "sent", "delivered", "opened", "clicked", "replied", "bounced", "complained", "unsubscribed", "deferred", "failed",
        "delivered_percent", "opened_percent", "clicked_percent", "replied_percent", "bounced_percent", "complained_percent", "unsubscribed_percent",
        "executed_count", "last_executed",
    ];

    /// <summary>Numbers by mailbox and by provider are of the larger plans.</summary>
    /// <returns>Null where the tenant may have them.</returns>
    public async Task<ProblemHttpResult?> RefuseAsync(AnalyticsRange asked, CancellationToken ct) => asked.Grouping is "mailbox" or "provider"
        ? (await modules.Send(new RequireFeature(PlanFeature.AdvancedAnalytics), ct))?.ToProblem("by")
        : null;

    /// <param name="campaigns">Null: all of the tenant. By step there is one.</param>
    public async Task<AnalyticsReport> MakeAsync(AnalyticsRange asked, IReadOnlyCollection<Guid>? campaigns, CancellationToken ct)
    {
        var (from, to) = asked.Days(clock.GetUtcNow());
        var counted = await numbers.ReadAsync(campaigns, from, to, asked.Grouping, ct);
        var rows = asked.Grouping == "step" ? await StepsAsync(campaigns!.Single(), counted, ct) : await NamedAsync(asked.Grouping, counted, ct);
        return new AnalyticsReport(from, to, asked.Grouping, rows, AnalyticsRow.Of(Numbers.Sum(counted), "Total"));
    }

    public static async Task WriteAsync(HttpResponse response, AnalyticsReport report, CancellationToken ct)
    {
        await using var csv = CsvAnswer.Begin(response, $"analytics-{report.From:yyyy-MM-dd}-{report.To:yyyy-MM-dd}.csv", forSpreadsheets: true);
        await csv.WriteAsync(Columns, ct);
        foreach (var row in report.Rows)
        {
            await csv.WriteAsync([row.Key, row.Name, .. CellsOf(row).Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture)),
                row.ExecutedCount?.ToString(CultureInfo.InvariantCulture), row.LastExecuted?.ToString("O", CultureInfo.InvariantCulture)], ct);
        }
    }

    private static object[] CellsOf(AnalyticsRow row) =>
    [
        row.Sent, row.Delivered, row.Opened, row.Clicked, row.Replied, row.Bounced, row.Complained, row.Unsubscribed, row.Deferred, row.Failed,
        row.Rates.Delivered, row.Rates.Opened, row.Rates.Clicked, row.Rates.Replied, row.Rates.Bounced, row.Rates.Complained, row.Rates.Unsubscribed,
    ];

    // In their order, also those that nothing was sent for yet; then what is left of steps that are gone.
    private async Task<IReadOnlyList<AnalyticsRow>> StepsAsync(Guid campaignId, IReadOnlyList<Numbers> counted, CancellationToken ct)
    {
        var steps = await db.Steps.AsNoTracking().Where(step => step.CampaignId == campaignId && step.StepType == StepType.Email)
            .OrderBy(step => step.StepOrder).ToListAsync(ct);
        var found = counted.Where(row => row.Key is not null).ToDictionary(row => row.Key!);
        var keys = steps.Select(step => step.Id.ToString()).ToHashSet();
        return
        [
            .. steps.Select(step => AnalyticsRow.Of(
                found.GetValueOrDefault(step.Id.ToString()) ?? new Numbers { Key = step.Id.ToString() }, $"Step {step.StepOrder}", step)),
            .. counted.Where(row => row.Key is null || !keys.Contains(row.Key)).Select(row => AnalyticsRow.Of(row, name: null)),
        ];
    }

    private async Task<IReadOnlyList<AnalyticsRow>> NamedAsync(string by, IReadOnlyList<Numbers> counted, CancellationToken ct)
    {
        if (by is "day" or "provider")
        {
            return [.. counted.Select(row => AnalyticsRow.Of(row, row.Key))];
        }

        var names = await NamesAsync(by, [.. counted.Select(row => row.Key).OfType<string>().Select(Guid.Parse)], ct);
        return [.. counted.Select(row => AnalyticsRow.Of(row, row.Key is { } key ? names.GetValueOrDefault(Guid.Parse(key)) : null))];
    }

    private async Task<Dictionary<Guid, string>> NamesAsync(string by, IReadOnlyList<Guid> ids, CancellationToken ct) => by switch
    {
        "campaign" => await db.Campaigns.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, ct),
        "variant" => await db.Variants.Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Name, ct),
        _ => (await modules.Send(new GetMailboxes(ids), ct)).ToDictionary(mailbox => mailbox.Id, mailbox => mailbox.Email),
    };
}
