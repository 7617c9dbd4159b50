using Npgsql;

namespace PenguinMails.Tests.Processes;

/// <summary>A campaign of one e-mail to very many leads, and what must be true of it whatever happened meanwhile.</summary>
internal sealed record LongCampaign(TenantClient Tenant, Guid Id, int Leads)
{
    private static readonly object AlwaysOpen =
        new { Timezone = "UTC", Start = "00:00:00", End = "23:59:59.9999999", Days = new[] { 1, 2, 3, 4, 5, 6, 7 } };

    /// <summary>Not launched yet.</summary>
    public static async Task<LongCampaign> DraftAsync(TenantClient tenant, int leads, int mailboxes, CancellationToken ct)
    {
        var ids = new List<Guid>();
        for (var number = 1; number <= mailboxes; number++)
        {
            var domain = await tenant.ADomainAsync(ct);
            var mailbox = await tenant.PostAsync("email-accounts", new
            {
                DomainId = domain.Id(), Email = $"someone@{domain["domain"]}", DisplayName = "Someone", Provider = "smtp", DailyLimit = 10_000,
            }, ct);
            ids.Add(mailbox.Id());
        }

        var template = await tenant.PostAsync("templates", new { Name = "T", Subject = "Hello {{ first_name }}", Content = "<p>Hi</p>" }, ct);
        var campaign = await tenant.PostAsync(
            "campaigns", new { tenant.CompanyId, Name = "C", EmailAccountIds = ids, MinGapSeconds = 0, Window = AlwaysOpen }, ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/steps", new { StepType = "email", TemplateId = template.Id() }, ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/leads", new { ListId = await tenant.AListAsync(leads, ct) }, ct);
        return new LongCampaign(tenant, campaign.Id(), leads);
    }

    public Task LaunchAsync(CancellationToken ct) => Tenant.PostAsync($"campaigns/{Id}/launch", new { }, ct);

    public Task CompletedAsync(NpgsqlConnection database, CancellationToken ct) => Given.EventuallyAsync(
        () => database.RowsAsync("""
            SELECT status, (SELECT string_agg(line, ', ') FROM (SELECT status || ' ' || count(*) AS line FROM campaign_leads
                WHERE campaign_id = campaigns.id GROUP BY status) leads) FROM campaigns WHERE id = $1
            """, ct, Id),
        rows => rows.Single().StartsWith("completed|", StringComparison.Ordinal), ct, seconds: 120);

    /// <summary>No silent skip and no silent duplicate: each lead has one message that it got, or one that is shown as in doubt.</summary>
    /// <param name="mostInDoubt">As many as were connected when something was lost.</param>
    /// <returns>How many are in doubt.</returns>
    public async Task<int> IsExactAsync(
        NpgsqlConnection database, IReadOnlyCollection<(string To, string MessageId)> delivered, int mostInDoubt, string story, CancellationToken ct)
    {
        var rows = (await database.RowsAsync("SELECT to_address, status, message_id FROM content.email_messages WHERE campaign_id = $1", ct, Id))
            .Select(row => row.Split('|')).Select(row => (To: row[0], Status: row[1], MessageId: row[2])).ToList();
        HashSet<(string, string)> Of(string status) => [.. rows.Where(row => row.Status == status).Select(row => (row.To, row.MessageId))];
        var (sent, doubtful) = (Of("sent"), Of("in_doubt"));
        story = $"{story}: {rows.Count} messages, {sent.Count} sent, {doubtful.Count} in doubt of at most {mostInDoubt}, {delivered.Count} delivered";

        delivered.Select(mail => mail.To).ShouldBeUnique(story);
        delivered.Select(mail => mail.MessageId).ShouldBeUnique(story);
        rows.Select(row => row.To).Order(StringComparer.Ordinal).ShouldBe(
            Enumerable.Range(1, Leads).Select(number => $"lead{number}@recipient.example").Order(StringComparer.Ordinal), story);
        (sent.Count + doubtful.Count).ShouldBe(Leads, story);
        sent.Except(delivered).ShouldBeEmpty(story);
        delivered.Except(sent).Except(doubtful).ShouldBeEmpty(story);
        doubtful.Count.ShouldBeLessThanOrEqualTo(mostInDoubt, story);
        return doubtful.Count;
    }
}
