using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

public sealed class CampaignTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mails_each_lead_once_for_each_step_and_completes()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);
        var list = await tenant.AListAsync(5, Ct);
        var template = await tenant.PostAsync("templates", new { Name = "T", Subject = "Hello {{ first_name }}", Content = "<p>Hi {{ first_name }}</p>" }, Ct);
        var campaign = await tenant.PostAsync("campaigns", new
        {
            tenant.CompanyId,
            Name = "C",
            EmailAccountIds = new[] { mailbox.Id() },
            MinGapSeconds = 0,
            Window = new { Timezone = "UTC", Start = "00:00:00", End = "23:59:59", Days = new[] { 1, 2, 3, 4, 5, 6, 7 } },
        }, Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/steps", new { StepType = "email", TemplateId = template.Id() }, Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/leads", new { ListId = list }, Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/launch", new { }, Ct);

        JsonNode state;
        do
        {
            await Task.Delay(50, Ct);
            state = await tenant.GetAsync($"campaigns/{campaign.Id()}", Ct);
        }
        while (state["status"]!.GetValue<string>() != "completed");

        state["progress"]!["messages"]!["sent"]!.GetValue<int>().ShouldBe(5);
        host.Mail.Count(message => message.From.Mailboxes.Single().Address == mailbox["email"]!.GetValue<string>()).ShouldBe(5);
    }
}
