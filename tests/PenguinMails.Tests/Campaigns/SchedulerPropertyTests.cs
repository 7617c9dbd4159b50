using PenguinMails.Campaigns;
using PenguinMails.Tests.Infrastructure;

namespace PenguinMails.Tests.Campaigns;

/// <summary>What holds for any campaign, over some days of a clock that is set by hand.</summary>
public sealed class SchedulerPropertyTests(HostFixture host, OwnDatabase database) : IClassFixture<OwnDatabase>
{
    private const int MostLooks = 3000;

    private static readonly string[] Zones = ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"];

    private sealed record Running(WorldTenant Tenant, Campaign Campaign, IReadOnlyList<SequenceStep> Steps, IReadOnlyDictionary<Guid, int> Limits);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Caps_windows_gaps_and_order_hold_and_every_enrollment_ends(int seed)
    {
        var random = new Random(seed);
        await using var world = SendingWorld.Start(host, database);
        var running = new List<Running>();
        for (var number = 0; number < 2; number++)
        {
            running.AddRange(await LaunchAsync(world, random));
        }

        var looks = await world.RunAsync(MostLooks, Ct);

        looks.ShouldBeLessThan(MostLooks, "something looks again and again");
        foreach (var group in running.GroupBy(one => one.Tenant))
        {
            var messages = await world.MessagesAsync(group.Key, Ct);
            messages.ShouldNotBeEmpty();
            messages.ShouldAllBe(message => message.Status == MessageStatus.Sent);
            messages.Select(message => (message.CampaignLeadId, message.StepId)).ShouldBeUnique();
            (await world.EnrollmentsAsync(group.Key, Ct)).ShouldAllBe(enrollment => enrollment.Status == EnrollmentStatus.Completed && enrollment.LeaseOwner == null);
            CapsHold([.. group], messages);
            foreach (var one in group)
            {
                var own = messages.Where(message => message.CampaignId == one.Campaign.Id).ToList();
                own.ShouldAllBe(message => one.Campaign.Window.Next(message.Sent!.Value) == message.Sent);
                OrderHolds(one, own);
            }
        }
    }

    // A mailbox's day is UTC's, a campaign's is its zone's; the gap is the longest that a campaign of the mailbox asks for, or less.
    private static void CapsHold(IReadOnlyList<Running> running, IReadOnlyList<EmailMessage> messages)
    {
        foreach (var mailbox in messages.GroupBy(message => message.EmailAccountId!.Value))
        {
            var limit = running[0].Limits[mailbox.Key];
            mailbox.GroupBy(message => message.Sent!.Value.UtcDateTime.Date).ShouldAllBe(day => day.Count() <= limit);
            foreach (var (before, next) in mailbox.Zip(mailbox.Skip(1)))
            {
                var gap = running.Single(one => one.Campaign.Id == next.CampaignId).Campaign.MinGapSeconds;
                (next.Sent!.Value - before.Sent!.Value).TotalSeconds.ShouldBeGreaterThanOrEqualTo(gap);
            }
        }

        foreach (var one in running.Where(one => one.Campaign.DailyLimit is not null))
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(one.Campaign.Timezone);
            messages.Where(message => message.CampaignId == one.Campaign.Id)
                .GroupBy(message => TimeZoneInfo.ConvertTime(message.Sent!.Value, zone).Date)
                .ShouldAllBe(day => day.Count() <= one.Campaign.DailyLimit);
        }
    }

    // Each lead gets all the e-mails in their order, from one mailbox, each not before the waits in front of it are over.
    private static void OrderHolds(Running one, IReadOnlyList<EmailMessage> messages)
    {
        var emails = one.Steps.Where(step => step.StepType == StepType.Email).ToList();
        foreach (var lead in messages.GroupBy(message => message.LeadId))
        {
            lead.Select(message => message.StepId).ShouldBe(emails.Select(step => (Guid?)step.Id));
            lead.Select(message => message.EmailAccountId).Distinct().ShouldHaveSingleItem();
            foreach (var ((before, next), number) in lead.Zip(lead.Skip(1)).Select((pair, index) => (pair, index)))
            {
                var hours = one.Steps.Where(step => step.StepOrder > emails[number].StepOrder && step.StepOrder < emails[number + 1].StepOrder)
                    .Sum(step => step.WaitDurationHours ?? 0);
                (next.Sent!.Value - before.Sent!.Value).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(hours));
            }
        }

        messages.Select(message => message.LeadId).Distinct().Count().ShouldBe(one.Tenant.Leads.Count);
    }

    // One or two campaigns that share the tenant's mailboxes.
    private static async Task<IEnumerable<Running>> LaunchAsync(SendingWorld world, Random random)
    {
        var limits = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(2, 9)).ToList();
        var tenant = await world.ATenantAsync(limits, random.Next(3, 9), Ct);
        var byMailbox = tenant.Mailboxes.Zip(limits).ToDictionary(pair => pair.First, pair => pair.Second);
        var running = new List<Running>();
        for (var number = 0; number < random.Next(1, 3); number++)
        {
            var campaign = ACampaign(tenant, random);
            var steps = Steps(campaign, tenant, random);
            await world.LaunchAsync(campaign, tenant.Mailboxes, steps, tenant.Leads, Ct);
            running.Add(new Running(tenant, campaign, steps, byMailbox));
        }

        return running;
    }

    private static Campaign ACampaign(WorldTenant tenant, Random random)
    {
        var start = random.Next(0, 20);
        return new Campaign
        {
            Id = Guid.CreateVersion7(), TenantId = tenant.Id, CompanyId = tenant.CompanyId, Name = "C",
            Timezone = Zones[random.Next(Zones.Length)], WindowStart = new TimeOnly(start, 0), WindowEnd = new TimeOnly(random.Next(start + 1, 24), 30),
            WindowDays = random.Next(2) == 0 ? [1, 2, 3, 4, 5] : [1, 2, 3, 4, 5, 6, 7],
            MinGapSeconds = new[] { 0, 60, 900 }[random.Next(3)], DailyLimit = random.Next(2) == 0 ? null : random.Next(2, 8),
        };
    }

    private static List<SequenceStep> Steps(Campaign campaign, WorldTenant tenant, Random random)
    {
        var steps = new List<SequenceStep>();
        for (var number = 0; number < random.Next(1, 4); number++)
        {
            if (number > 0 && random.Next(4) > 0)
            {
                steps.Add(AStep(campaign, StepType.Wait, steps.Count + 1, hours: random.Next(1, 40)));
            }

            steps.Add(AStep(campaign, StepType.Email, steps.Count + 1, tenant.TemplateId));
        }

        return steps;
    }

    private static SequenceStep AStep(Campaign campaign, StepType type, int order, Guid? template = null, int? hours = null) => new()
    {
        Id = Guid.CreateVersion7(), TenantId = campaign.TenantId, CampaignId = campaign.Id, StepOrder = order, StepType = type, TemplateId = template,
        WaitDurationHours = hours,
    };
}
