using PenguinMails.Campaigns;
using PenguinMails.Campaigns.Forecasts;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Tests.Campaigns;

/// <summary>Who gets what when, without a database.</summary>
public sealed class ForecastTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 30, 9, 0, 0, TimeSpan.Zero);
    private static readonly Guid Mailbox = Guid.CreateVersion7();

    [Fact]
    public void One_mailbox_sends_one_after_the_other_with_its_gap() =>
        Times(Plan(Campaign(), [Email(1)], leads: 3)).ShouldBe([Monday, Monday.AddMinutes(2), Monday.AddMinutes(4)]);

    [Fact]
    public void Outside_of_the_window_the_next_day_that_it_opens_is_waited_for()
    {
        var friday = Monday.AddDays(4).AddHours(7).AddMinutes(59);

        Times(Plan(Campaign(), [Email(1)], leads: 2, from: friday)).ShouldBe([friday, Monday.AddDays(7)]);
    }

    [Fact]
    public void A_mailbox_sends_no_more_than_its_day_allows_of_which_some_may_be_used() =>
        Times(Plan(Campaign(), [Email(1)], leads: 4, perDay: 2, used: 1)).ShouldBe(
            [Monday, Monday.AddDays(1), Monday.AddDays(1).AddMinutes(2), Monday.AddDays(2)]);

    [Fact]
    public void The_campaign_sends_no_more_than_its_own_day_allows_in_its_zone()
    {
        var campaign = Campaign();
        (campaign.DailyLimit, campaign.Timezone, campaign.WindowStart, campaign.WindowEnd) = (1, "Pacific/Auckland", new(0, 0), new(23, 59));

        // 09:00 UTC is 22:00 in Auckland.
        Times(Plan(campaign, [Email(1)], leads: 2)).ShouldBe([Monday, Monday.AddHours(2)]);
    }

    [Fact]
    public void With_the_leads_own_zone_the_window_is_there()
    {
        var campaign = Campaign();
        campaign.UseLeadTimezone = true;

        Times(Plan(campaign, [Email(1)], leads: 1, zone: "America/New_York")).ShouldBe([Monday.AddHours(5)]);
    }

    [Fact]
    public void A_wait_delays_what_comes_after_it_and_a_follow_up_goes_before_a_new_lead()
    {
        var campaign = Campaign();
        campaign.MinGapSeconds = 3600;

        var plan = Plan(campaign, [Email(1), Wait(2, hours: 1), Email(3)], leads: 2);

        Times(plan, order: 1).ShouldBe([Monday, Monday.AddHours(2)]);
        Times(plan, order: 2).ShouldBe([Monday, Monday.AddHours(2)]);
        Times(plan, order: 3).ShouldBe([Monday.AddHours(1), Monday.AddHours(3)]);
    }

    [Fact]
    public void A_condition_on_the_lead_leads_where_it_is_met_or_not()
    {
        var score = new SequenceStep
        {
            Id = Guid.CreateVersion7(), TenantId = default, CampaignId = default, StepOrder = 1, StepType = StepType.Condition,
            ConditionType = ConditionType.LeadScore, ConditionValue = "1", FalseStepOrder = 3,
        };

        var plan = Plan(Campaign(), [score, Email(2), Email(3)], leads: 1).Single();

        (plan[0].At, plan[0].Note).ShouldBe((Monday, "Not met."));
        (plan[1].At, plan[1].Note).ShouldBe((null, "Not on its way."));
        plan[2].At.ShouldBe(Monday);
    }

    [Fact]
    public void A_condition_on_an_email_is_waited_out_and_without_another_way_is_the_end()
    {
        var opened = new SequenceStep
        {
            Id = Guid.CreateVersion7(), TenantId = default, CampaignId = default, StepOrder = 2, StepType = StepType.Condition,
            ConditionType = ConditionType.EmailOpened, ConditionValue = "3d",
        };

        var plan = Plan(Campaign(), [Email(1), opened, Email(3)], leads: 1).Single();

        plan[1].At.ShouldBe(Monday.AddDays(3));
        plan[1].Note.ShouldNotBeNull().ShouldContain("unless it happens");
        plan[2].At.ShouldBeNull();
    }

    [Fact]
    public void What_only_goes_to_who_has_opened_is_passed_by()
    {
        var follow = Email(2);
        follow.SendCondition = SendCondition.Opened;

        var plan = Plan(Campaign(), [Email(1), follow, Email(3)], leads: 1).Single();

        plan[1].At.ShouldBeNull();
        plan[1].Note.ShouldBe("Only if the e-mail before was opened.");
        plan[2].At.ShouldBe(Monday.AddMinutes(2));
    }

    [Fact]
    public void A_mailbox_that_may_send_nothing_or_none_at_all_is_told()
    {
        var (nothing, none) = (
            Plan(Campaign(), [Email(1)], leads: 1, perDay: 0).Single(),
            new Forecast(Campaign(), [Email(1)], [], Monday).Of([new ForecastLead(Lead(null), null, Monday)]).Values.Single());

        (nothing[0].At, none[0].At).ShouldBe((null, null));
        nothing[0].Note.ShouldNotBeNull().ShouldContain("nothing left");
        none[0].Note.ShouldNotBeNull().ShouldContain("no usable mailbox");
    }

    private static IReadOnlyList<IReadOnlyList<ForeseenStep>> Plan(
        Campaign campaign, SequenceStep[] steps, int leads, DateTimeOffset? from = null, int perDay = 100, int used = 0, string? zone = null)
    {
        var begin = from ?? Monday;
        var enrolled = Enumerable.Range(0, leads).Select(_ => new ForecastLead(Lead(zone), Mailbox, begin)).ToList();
        var foreseen = new Forecast(campaign, steps, [new MailboxLimit(Mailbox, perDay, used)], begin).Of(enrolled);
        return [.. enrolled.Select(lead => foreseen[lead.Lead.Id])];
    }

    private static IEnumerable<DateTimeOffset?> Times(IReadOnlyList<IReadOnlyList<ForeseenStep>> plan, int order = 1) =>
        plan.Select(steps => steps.Single(step => step.Step.StepOrder == order).At);

    private static Campaign Campaign() => new() { Id = Guid.CreateVersion7(), TenantId = default, CompanyId = default, Name = "C" };

    private static Lead Lead(string? zone) => new() { Id = Guid.CreateVersion7(), TenantId = default, Email = "a@b.example", Timezone = zone };

    private static SequenceStep Email(int order) => new()
    {
        Id = Guid.CreateVersion7(), TenantId = default, CampaignId = default, StepOrder = order, StepType = StepType.Email, TemplateId = Guid.CreateVersion7(),
    };

    private static SequenceStep Wait(int order, int hours) => new()
    {
        Id = Guid.CreateVersion7(), TenantId = default, CampaignId = default, StepOrder = order, StepType = StepType.Wait, WaitDurationHours = hours,
    };
}
