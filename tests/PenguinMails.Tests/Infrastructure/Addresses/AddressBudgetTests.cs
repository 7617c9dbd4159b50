using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Features;

namespace PenguinMails.Tests.Infrastructure.Addresses;

/// <summary>What may leave from an address in a day.</summary>
public sealed class AddressBudgetTests(AddressScene scene) : IClassFixture<AddressScene>, IAsyncLifetime
{
    private const string Used = "SELECT provider, reserved FROM smtp_ip_daily WHERE smtp_ip_address_id = $1 AND day = $2 ORDER BY provider";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DateOnly Today => DateOnly.FromDateTime(scene.Clock.Now.UtcDateTime);

    public async ValueTask InitializeAsync() => await scene.EmptyAsync(Ct);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task However_many_ask_at_once_neither_the_days_cap_nor_a_receivers_part_is_exceeded_and_the_rest_leaves_from_the_warmed_one()
    {
        var server = await scene.ServerAsync(Ct);
        // The seventh day of its ramp: 78.
        var young = await scene.AddressAsync(server, "warming", Ct, days: 6);
        var domains = await DomainsAsync(young, 4);
        var warmed = await scene.AddressAsync(server, "warmed", Ct);
        string[] recipients = ["gmail.com", "gmail.com", "outlook.com", "recipient.example", "gmail.com"];

        var grants = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => Task.Run(
            () => TakeAsync(domains[number % domains.Count], recipients, 5), Ct)));

        grants.SelectMany(addresses => addresses).ShouldAllBe(address => address != null);
        var used = await scene.QueryAsync(Used, Ct, young, Today);
        used.ShouldContain("*|78");
        used.ShouldContain("google|39");
        // 300 in all.
        (await scene.QueryAsync(Used, Ct, warmed, Today)).ShouldContain("*|222");
        grants.SelectMany(addresses => addresses).Count(address => address == young).ShouldBe(78);
        foreach (var (tenant, domain) in domains)
        {
            (await scene.PlacesOfAsync(domain, Ct)).ShouldBe([$"active|{warmed}", $"warming|{young}"]);
        }
    }

    [Fact]
    public async Task Without_a_warmed_address_what_exceeds_the_ramp_waits_and_the_next_day_allows_more()
    {
        var young = await scene.AddressAsync(await scene.ServerAsync(Ct), "warming", Ct, days: 2);
        var domain = (await DomainsAsync(young, 1)).Single();
        var recipients = Enumerable.Repeat("recipient.example", 100).ToArray();

        (await TakeAsync(domain, recipients, 100)).Count(address => address == young).ShouldBe(50);
        (await TakeAsync(domain, recipients, 100)).Count(address => address is not null).ShouldBe(0);
        scene.Clock.Pass(TimeSpan.FromDays(1));
        (await TakeAsync(domain, recipients, 100)).Count(address => address == young).ShouldBe(62);
    }

    [Fact]
    public async Task No_more_are_taken_than_the_mailbox_may_send_and_whose_turn_it_is_comes_first()
    {
        var address = await scene.AddressAsync(await scene.ServerAsync(Ct), "warmed", Ct);
        var domain = (await DomainsAsync(address, 1)).Single();

        (await TakeAsync(domain, ["a.example", "b.example", "c.example"], 2)).ShouldBe([address, address, null]);

        (await scene.QueryAsync(Used, Ct, address, Today)).ShouldBe(["*|2", "other|2"]);
    }

    [Fact]
    public async Task Where_the_platform_has_no_address_at_all_mail_leaves_from_the_mailboxs_own_server()
    {
        var tenant = await scene.TenantAsync(Ct);
        var (domain, mailbox) = (await scene.DomainAsync(tenant, Ct), Guid.CreateVersion7());
        await scene.QueryAsync(
            "INSERT INTO email_accounts (id, tenant_id, domain_id, email) VALUES ($1, $2, $3, 'own@budget.test')", Ct, mailbox, tenant, domain);

        (await ReserveAsync(tenant, mailbox)).ShouldBe(SendTurn.From(null));

        await scene.AddressAsync(await scene.ServerAsync(Ct), "degraded", Ct);
        (await ReserveAsync(tenant, mailbox)).Reason!.ShouldContain("none is free");
    }

    [Fact]
    public async Task A_place_on_an_address_that_carries_no_mail_is_none()
    {
        var address = await scene.AddressAsync(await scene.ServerAsync(Ct), "quarantined", Ct);
        var tenant = await scene.TenantAsync(Ct);
        var (domain, mailbox) = (await scene.DomainAsync(tenant, Ct), Guid.CreateVersion7());
        await scene.QueryAsync(
            "INSERT INTO domain_ip_assignments (tenant_id, domain_id, smtp_ip_address_id, status) VALUES ($1, $2, $3, 'active')", Ct, tenant, domain, address);
        await scene.QueryAsync(
            "INSERT INTO email_accounts (id, tenant_id, domain_id, email) VALUES ($1, $2, $3, 'none@budget.test')", Ct, mailbox, tenant, domain);

        (await ReserveAsync(tenant, mailbox)).RetryAt.ShouldBe(scene.Clock.Now.AddMinutes(15));
    }

    [Fact]
    public async Task A_domain_without_an_address_gets_one_and_without_room_none()
    {
        var tenant = await scene.TenantAsync(Ct);
        var domain = (tenant, await scene.DomainAsync(tenant, Ct));
        (await TakeAsync(domain, ["a.example"], 1)).ShouldBe([null]);
        (await scene.PlacesOfAsync(domain.Item2, Ct)).ShouldBe(["scheduled|"]);
        var address = await scene.AddressAsync(await scene.ServerAsync(Ct), "available", Ct);

        (await TakeAsync(domain, ["a.example"], 1)).ShouldBe([address]);

        (await scene.PlacesOfAsync(domain.Item2, Ct)).ShouldBe([$"warming|{address}"]);
    }

    [Theory]
    [InlineData("degraded", 600)]
    [InlineData("quarantined", 0)]
    [InlineData("burned", 0)]
    public async Task What_is_degraded_sends_half_and_what_is_quarantined_or_burned_nothing(string status, int granted)
    {
        var address = await scene.AddressAsync(await scene.ServerAsync(Ct), "warmed", Ct);
        var domain = (await DomainsAsync(address, 1)).Single();
        await scene.QueryAsync("UPDATE smtp_ip_addresses SET status = $2 WHERE id = $1", Ct, address, status);

        (await TakeAsync(domain, [.. Enumerable.Repeat("a.example", 700)], 700)).Count(one => one is not null).ShouldBe(granted);

        // Also when its caps were computed while it was still in use.
        (await scene.QueryAsync("SELECT reserve_address_sends($1, $2, 'other', 1, 5000, 5000)", Ct, address, Today)).ShouldBe([granted > 0 ? "1" : "0"]);
    }

    private async Task<List<(Guid Tenant, Guid Domain)>> DomainsAsync(Guid address, int count)
    {
        var domains = new List<(Guid, Guid)>();
        for (var number = 0; number < count; number++)
        {
            var tenant = await scene.TenantAsync(Ct);
            domains.Add((tenant, await scene.DomainAsync(tenant, Ct)));
            (await scene.Places.GiveAsync(tenant, domains[^1].Item2, Ct)).ShouldBeTrue();
        }

        (await scene.StateAsync(address, Ct)).ShouldEndWith($"|{count}");
        return domains;
    }

    private async Task<Guid?[]> TakeAsync((Guid Tenant, Guid Domain) domain, IReadOnlyList<string> recipients, int most)
    {
        var (budget, db) = scene.BudgetOf(domain.Tenant);
        await using (db)
        {
            return (await budget.TakeAsync(domain.Tenant, domain.Domain, recipients, most, Ct)).Addresses;
        }
    }

    private async Task<SendTurn> ReserveAsync(Guid tenant, Guid mailbox)
    {
        var (budget, db) = scene.BudgetOf(tenant);
        await using (db)
        {
            return (await new ReserveSendHandler(db, budget, scene.Places, scene.Clock).Handle(new ReserveSend(mailbox, 0, ["a.example"]), Ct)).Single();
        }
    }
}
