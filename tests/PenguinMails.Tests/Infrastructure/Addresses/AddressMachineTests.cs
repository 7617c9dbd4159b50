using CsCheck;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Addresses;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>The states of an address, without a database.</summary>
public sealed class AddressMachineTests
{
    private static readonly AddressOptions Options = new();
    private static readonly DeliveryCounts None = new(0, 0, 0, 0, 0);
    private static readonly DeliveryCounts Fine = new(1000, 5, 0, 300, 50);
    private static readonly DeliveryCounts Bouncing = new(1000, 81, 0, 300, 50);
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private enum Happening
    {
        Assign,
        FirstSend,
        Review,
        Quarantine,
        Release,
        Burn,
    }

    private sealed record Step(Happening What, int Hours, int Sent, int Bounced, int Complained, int Opened, string? List, bool IsIdle);

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.OneOf(
            Happening.Assign, Happening.Assign, Happening.FirstSend, Happening.FirstSend, Happening.Review, Happening.Review, Happening.Review,
            Happening.Review, Happening.Quarantine, Happening.Release, Happening.Burn),
        Gen.OneOf(1, 20, 73, 24 * 15), Gen.Int[0, 2000], Gen.OneOf(0, 0, 1, 400), Gen.OneOf(0, 0, 0, 50),
        Gen.Int[0, 500],
        Gen.OneOf<string?>(null, null, null, null, null, "spamcop", "spamhaus_zen"), Gen.Bool,
        (what, hours, sent, bounced, complained, opened, list, idle) => new Step(what, hours, sent, bounced, complained, opened, list, idle));

    [Fact]
    public void Whatever_happens_no_state_is_reached_that_is_not_allowed()
    {
        var reached = new System.Collections.Concurrent.ConcurrentDictionary<(AddressStatus, AddressStatus), int>();
        Steps.Array[1, 80].Sample(
            steps =>
            {
                var (address, clock) = (SmtpIpAddress.Provision(Guid.CreateVersion7(), "192.0.2.1"), new HandClock(Start));
                foreach (var step in steps)
                {
                    clock.Pass(TimeSpan.FromHours(step.Hours));
                    var (before, since, known) = (address.Status, address.StatusSince, address.History.Count);
                    var started = address.WarmingStarted;

                    Do(address, step, clock.Now);

                    var path = address.History.Skip(known).Select(record => record.Status).ToList();
                    Follows(before, path, started, since, address, step, clock.Now);
                    foreach (var pair in path.Prepend(before).Zip(path))
                    {
                        reached.AddOrUpdate(pair, 1, (_, count) => count + 1);
                    }
                }

                LegalTransitions.Broken(address.History.Select(record => record.Status)).ShouldBeEmpty();
            },
            iter: 3000);

        // It has seen something: each state, and the ways between them that time takes.
        reached.Keys.Select(pair => pair.Item2).Distinct().Count().ShouldBe(Enum.GetValues<AddressStatus>().Length);
        reached.ShouldContainKey((AddressStatus.Degraded, AddressStatus.Warmed));
        reached.ShouldContainKey((AddressStatus.Quarantined, AddressStatus.Warming));
        reached.ShouldContainKey((AddressStatus.Quarantined, AddressStatus.Burned));
    }

    [Fact]
    public void An_address_warms_for_a_fortnight_and_only_with_a_reputation()
    {
        var (address, clock) = Warming();
        clock.Pass(TimeSpan.FromDays(14) - TimeSpan.FromMinutes(1));
        Review(address, Fine, clock).ShouldBe(AddressStatus.Warming);
        clock.Pass(TimeSpan.FromMinutes(1));

        Review(address, None, clock).ShouldBe(AddressStatus.Warming, "nothing is known of it");
        // 100 - 10 x 3.1
        Review(address, new DeliveryCounts(1000, 31, 0, 0, 0), clock).ShouldBe(AddressStatus.Warming, "69 is poor");
        Review(address, new DeliveryCounts(1000, 30, 0, 0, 0), clock).ShouldBe(AddressStatus.Warmed, "70 is fair");
    }

    [Theory]
    [InlineData(1000, 81, 0, 300, "bounced")]
    [InlineData(1000, 0, 3, 300, "complaints")]
    [InlineData(1000, 0, 0, 149, "opened")]
    [InlineData(1000, 80, 2, 150, null)]
    // Too few to say.
    [InlineData(49, 40, 9, 0, null)]
    public void What_degrades_an_address(int sent, int bounced, int complained, int opened, string? reason)
    {
        var (address, clock) = Warming();

        address.Review(new DeliveryCounts(sent, bounced, complained, opened, 0), new DeliveryCounts(1000, 0, 0, 300, 0), isIdle: false, Options, clock.Now);

        address.Status.ShouldBe(reason is null ? AddressStatus.Warming : AddressStatus.Degraded);
        if (reason is not null)
        {
            var record = address.History.Last();
            record.Reason!.ShouldContain(reason);
            (record.Sent, record.Bounced, record.Complained, record.Opened).ShouldBe((sent, bounced, complained, opened));
        }
    }

    [Fact]
    public void Any_listing_degrades_and_one_of_Spamhaus_quarantines()
    {
        foreach (var (list, code, status) in new[]
        {
            ("spamcop", "127.0.0.2", AddressStatus.Degraded), ("spamhaus_zen", "127.0.0.2", AddressStatus.Quarantined),
            // The PBL: nobody accuses it of anything.
            ("spamhaus_zen", "127.0.0.11", AddressStatus.Degraded),
        })
        {
            var (address, clock) = Warming();
            address.ProviderBlacklistStatus = List(list, code, clock.Now);

            Review(address, Fine, clock).ShouldBe(status, list);
        }
    }

    [Fact]
    public void An_idle_warming_address_without_a_domain_begins_its_ramp_anew()
    {
        var (address, clock) = Warming();
        clock.Pass(TimeSpan.FromDays(30));

        address.Review(None, None, isIdle: true, Options, clock.Now);

        (address.Status, address.WarmingStarted).ShouldBe((AddressStatus.Available, null));
        address.Assign(clock.Now).ShouldBeTrue();
        address.FirstSend(clock.Now).ShouldBeTrue();
        WarmupRamp.CapAt(address.Status, address.WarmingStarted, Options, clock.Now).ShouldBe(50);
    }

    [Fact]
    public void A_degraded_address_recovers_after_three_clean_days_but_keeps_to_its_ramp()
    {
        var (address, clock) = Warming();
        Review(address, Bouncing, clock).ShouldBe(AddressStatus.Degraded);
        clock.Pass(TimeSpan.FromHours(1));
        Review(address, None, clock);
        clock.Pass(TimeSpan.FromHours(71));
        Review(address, Fine, clock).ShouldBe(AddressStatus.Degraded, "it has been clean for 71 hours");
        clock.Pass(TimeSpan.FromHours(1));

        Review(address, Fine, clock).ShouldBe(AddressStatus.Warmed);

        WarmupRamp.CapAt(address.Status, address.WarmingStarted, Options, clock.Now).ShouldBe(62, "the fourth day of its ramp");
    }

    [Fact]
    public void At_fault_after_72_hours_it_is_quarantined_and_the_second_time_burned()
    {
        var (address, clock) = Warming();
        for (var time = 1; time <= 2; time++)
        {
            Review(address, Bouncing, clock).ShouldBe(AddressStatus.Degraded);
            clock.Pass(TimeSpan.FromHours(71));
            Review(address, Bouncing, clock).ShouldBe(AddressStatus.Degraded);
            clock.Pass(TimeSpan.FromHours(1));
            Review(address, Bouncing, clock).ShouldBe(time == 1 ? AddressStatus.Quarantined : AddressStatus.Burned);
            Review(address, None, clock);
            clock.Pass(TimeSpan.FromDays(14));
            Review(address, None, clock).ShouldBe(time == 1 ? AddressStatus.Warming : AddressStatus.Burned);
        }

        address.History.TakeLast(2).Select(record => record.Status).ShouldBe([AddressStatus.Quarantined, AddressStatus.Burned]);
    }

    [Fact]
    public void The_ramp_grows_by_a_quarter_every_third_day_and_ends_at_the_cap()
    {
        var caps = Enumerable.Range(0, 15).Select(day => WarmupRamp.CapAt(AddressStatus.Warming, Start, Options, Start.AddDays(day)));

        caps.ShouldBe([50, 50, 50, 62, 62, 62, 78, 78, 78, 97, 97, 97, 122, 122, 122]);
        WarmupRamp.CapAt(AddressStatus.Warming, Start, Options, Start.AddDays(600)).ShouldBe(1200);
        WarmupRamp.CapAt(AddressStatus.Warmed, Start, Options, Start.AddDays(14)).ShouldBe(1200);
        WarmupRamp.CapAt(AddressStatus.Degraded, Start, Options, Start.AddDays(14)).ShouldBe(600);
        WarmupRamp.ProviderCapAt(62, ReceivingProvider.Google, AddressStatus.Warming, Start, Options, Start).ShouldBe(31);
        WarmupRamp.ProviderCapAt(62, ReceivingProvider.Other, AddressStatus.Warming, Start, Options, Start).ShouldBe(62);
        WarmupRamp.ProviderCapAt(1200, ReceivingProvider.Google, AddressStatus.Warmed, Start, Options, Start.AddDays(14)).ShouldBe(1200);
    }

    [Theory]
    [InlineData(100, 0, 0, 0, 0, "100", "good")]
    [InlineData(1000, 20, 0, 400, 100, "89", "fair")]
    [InlineData(1000, 0, 10, 0, 0, "50", "poor")]
    [InlineData(1000, 0, 11, 0, 0, "45", "critical")]
    [InlineData(100, 100, 100, 0, 0, "0", "critical")]
    [InlineData(49, 0, 0, 0, 0, null, null)]
    public void Health_is_computed_as_the_formula_says(int sent, int bounced, int complained, int opened, int clicked, string? health, string? word)
    {
        var found = new DeliveryCounts(sent, bounced, complained, opened, clicked).Health(Options.MinimumSends);

        found?.ToString("0", System.Globalization.CultureInfo.InvariantCulture).ShouldBe(health);
        (found is { } value ? DeliveryCounts.Word(value).ToString().ToLowerInvariant() : null).ShouldBe(word);
    }

    private static void Do(SmtpIpAddress address, Step step, DateTimeOffset now)
    {
        address.ProviderBlacklistStatus = step.List is null ? null : List(step.List, "127.0.0.2", now);
        var before = address.Status;
        var allowed = step.What switch
        {
            Happening.Assign => address.Assign(now),
            Happening.FirstSend => address.FirstSend(now),
            Happening.Quarantine => address.Quarantine("Staff say so.", null, now),
            Happening.Release => address.Release("Staff say so.", now),
            Happening.Burn => address.Burn("Staff say so.", now),
            _ => Reviewed(address, step, now),
        };
        if (step.What is not (Happening.Review or Happening.Assign))
        {
            allowed.ShouldBe(address.Status != before);
        }
    }

    private static bool Reviewed(SmtpIpAddress address, Step step, DateTimeOffset now)
    {
        address.Review(new DeliveryCounts(step.Sent, step.Bounced, step.Complained, step.Opened, 0), None, step.IsIdle, Options, now);
        return true;
    }

    private static void Follows(
        AddressStatus before, List<AddressStatus> path, DateTimeOffset? started, DateTimeOffset since, SmtpIpAddress address, Step step, DateTimeOffset now)
    {
        (path.Count == 0 ? before : path[^1]).ShouldBe(address.Status);
        address.QuarantineCount.ShouldBe(address.History.Count(record => record.Status == AddressStatus.Quarantined));
        address.QuarantineCount.ShouldBeLessThanOrEqualTo(2);
        var carries = address.Status is not (AddressStatus.Available or AddressStatus.Quarantined or AddressStatus.Burned);
        (WarmupRamp.CapAt(address.Status, address.WarmingStarted, Options, now) > 0).ShouldBe(carries);
        WarmupRamp.CapAt(address.Status, address.WarmingStarted, Options, now).ShouldBeLessThanOrEqualTo(1200);
        if (path.Count == 0)
        {
            return;
        }

        address.StatusSince.ShouldBe(now);
        switch (before, path[0])
        {
            case (AddressStatus.Warming, AddressStatus.Warmed):
                (now - started!.Value).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromDays(14));
                break;
            case (AddressStatus.Degraded, AddressStatus.Warmed):
                (now - since).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromDays(3));
                break;
            case (AddressStatus.Quarantined, AddressStatus.Warming):
                (now - since).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromDays(14));
                break;
            case (AddressStatus.Degraded, AddressStatus.Quarantined) when step is { What: Happening.Review, List: not "spamhaus_zen" }:
                (now - since).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(72));
                break;
        }
    }

    private static AddressStatus Review(SmtpIpAddress address, DeliveryCounts numbers, HandClock clock)
    {
        address.Review(numbers, None, isIdle: false, Options, clock.Now);
        return address.Status;
    }

    private static (SmtpIpAddress Address, HandClock Clock) Warming()
    {
        var (address, clock) = (SmtpIpAddress.Provision(Guid.CreateVersion7(), "192.0.2.1"), new HandClock(Start));
        address.Assign(clock.Now).ShouldBeTrue();
        address.FirstSend(clock.Now).ShouldBeTrue();
        return (address, clock);
    }

    private static Dictionary<string, Listing> List(string name, string code, DateTimeOffset now) =>
        new() { [name] = new Listing(true, code, now, now), ["barracuda"] = new Listing(false, null, null, now) };
}
