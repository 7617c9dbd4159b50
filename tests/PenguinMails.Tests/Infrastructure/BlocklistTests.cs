using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Blocklists;
using PenguinMails.Infrastructure.Jobs;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>What blocklists say, over DNS on the loopback.</summary>
public sealed class BlocklistTests(OwnDatabase database) : IClassFixture<OwnDatabase>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Blocklist Zen => Blocklist.Usual[0];

    private static Blocklist Dbl => Blocklist.Usual.Single(list => list.Name == "spamhaus_dbl");

    [Fact]
    public void Names_are_reversed_under_the_zone()
    {
        Zen.NameOf("192.0.2.99").ShouldBe("99.2.0.192.zen.spamhaus.org");
        Zen.NameOf("2001:db8:1:2:3:4:567:89ab").ShouldBe("b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org");
        Dbl.NameOf("example.com").ShouldBe("example.com.dbl.spamhaus.org");
    }

    [Theory]
    [InlineData("spamhaus_zen", "", false, null, false)]
    [InlineData("spamhaus_zen", "127.0.0.2", true, "127.0.0.2", true)]
    [InlineData("spamhaus_zen", "127.0.0.4", true, "127.0.0.4", true)]
    [InlineData("spamhaus_zen", "127.0.0.10", true, "127.0.0.10", false)]
    [InlineData("spamhaus_zen", "127.0.0.10 127.0.0.3", true, "127.0.0.3", true)]
    [InlineData("spamhaus_zen", "127.255.255.252", null, null, false)]
    [InlineData("spamhaus_zen", "127.255.255.254", null, null, false)]
    [InlineData("spamhaus_zen", "127.255.255.255", null, null, false)]
    [InlineData("spamhaus_zen", "203.0.113.9", null, null, false)]
    [InlineData("barracuda", "127.0.0.2", true, "127.0.0.2", false)]
    [InlineData("spamcop", "127.0.0.2", true, "127.0.0.2", false)]
    [InlineData("spamhaus_dbl", "127.0.1.2", true, "127.0.1.2", true)]
    [InlineData("spamhaus_dbl", "127.0.1.255", null, null, false)]
    [InlineData("surbl", "127.0.0.72", true, "127.0.0.72", false)]
    [InlineData("surbl", "127.0.0.1", null, null, false)]
    [InlineData("uribl", "127.0.0.14", true, "127.0.0.14", false)]
    [InlineData("uribl", "127.0.0.1", null, null, false)]
    public void A_code_means_what_its_list_says(string list, string answers, bool? isListed, string? code, bool quarantines)
    {
        var asked = Blocklist.Usual.Single(one => one.Name == list);

        var verdict = asked.Read([.. answers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(System.Net.IPAddress.Parse)]);

        (verdict.IsListed, verdict.Code, verdict.Fault is null).ShouldBe((isListed, code, isListed is not null));
        (verdict.IsListed is true && asked.QuarantinesFor(verdict.Code)).ShouldBe(quarantines);
    }

    [Fact]
    public async Task A_listing_is_kept_and_told_once_until_it_is_over()
    {
        using var dns = DnsZones.Start();
        await using var platform = await StartAsync(dns);
        var (id, address) = await AnAddressAsync(platform);
        var name = Zen.NameOf(address);
        dns.Set($"2.0.0.127.{Zen.Zone}", "A", "127.0.0.2");

        await RunAsync(platform);
        (await ListingsAsync(platform, id))["spamhaus_zen"].ShouldBe(new Listing(false, null, null, platform.Clock.Now));
        var listed = platform.Clock.Now = platform.Clock.Now.AddHours(1);
        dns.Set(name, "A", "127.0.0.3");
        await RunAsync(platform);
        platform.Clock.Now = platform.Clock.Now.AddHours(1);
        dns.Set(name, "A", "127.0.0.4");
        await RunAsync(platform);

        (await ListingsAsync(platform, id))["spamhaus_zen"].ShouldBe(new Listing(true, "127.0.0.4", listed, platform.Clock.Now));
        (await platform.NotificationsAsync($"blocklist:spamhaus_zen:{id}", Ct))
            .ShouldBe([$"critical: {address} is on spamhaus_zen (zen.spamhaus.org answered 127.0.0.3)."]);
        dns.Set(name, "A");
        await RunAsync(platform);
        (await ListingsAsync(platform, id))["spamhaus_zen"].ShouldBe(new Listing(false, null, null, platform.Clock.Now));
        (await platform.NotificationsAsync($"blocklist:spamhaus_zen:{id}", Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_policy_listing_is_a_warning()
    {
        using var dns = DnsZones.Start();
        await using var platform = await StartAsync(dns);
        var (id, address) = await AnAddressAsync(platform);
        dns.Set($"2.0.0.127.{Zen.Zone}", "A", "127.0.0.2");
        dns.Set(Zen.NameOf(address), "A", "127.0.0.11");

        await RunAsync(platform);

        (await platform.NotificationsAsync($"blocklist:spamhaus_zen:{id}", Ct)).ShouldHaveSingleItem().ShouldStartWith("warning: ");
    }

    [Theory]
    [InlineData(DnsTrouble.ServFail, null)]
    [InlineData(DnsTrouble.Refused, null)]
    [InlineData(null, "127.255.255.255")]
    [InlineData(null, "127.0.0.1")]
    public async Task A_fault_neither_lists_nor_clears(DnsTrouble? fault, string? code)
    {
        using var dns = DnsZones.Start();
        await using var platform = await StartAsync(dns);
        var ((listed, bad), (clean, good)) = (await AnAddressAsync(platform), await AnAddressAsync(platform));
        dns.Set($"2.0.0.127.{Zen.Zone}", "A", "127.0.0.2");
        dns.Set(Zen.NameOf(bad), "A", "127.0.0.2");
        await RunAsync(platform);
        var before = (await ListingsAsync(platform, listed), await ListingsAsync(platform, clean));
        platform.Clock.Now = platform.Clock.Now.AddHours(1);
        foreach (var name in new[] { Zen.NameOf(bad), Zen.NameOf(good) })
        {
            dns.Trouble(name, fault);
            dns.Set(name, code is null ? "TXT" : "A", code ?? "It is there, and is no address.");
        }

        await RunAsync(platform);

        (await ListingsAsync(platform, listed))["spamhaus_zen"].ShouldBe(before.Item1["spamhaus_zen"]);
        (await ListingsAsync(platform, clean))["spamhaus_zen"].ShouldBe(before.Item2["spamhaus_zen"]);
        (await platform.NotificationsAsync($"blocklist:spamhaus_zen:{listed}", Ct)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.2", "zen.spamhaus.org lists 127.0.0.1, which no list may.")]
    [InlineData(null, null, "zen.spamhaus.org does not list 127.0.0.2, which each list has.")]
    [InlineData("127.255.255.254", "127.255.255.254", "zen.spamhaus.org answered 127.255.255.254, which is no listing: it does not answer public resolvers.")]
    [InlineData("198.51.100.1", "198.51.100.1", "zen.spamhaus.org answered 198.51.100.1, which is no listing: the resolver makes answers up.")]
    public async Task A_list_that_fails_its_self_test_is_ignored_and_reported(string? listed, string? unlisted, string fault)
    {
        using var dns = DnsZones.Start();
        await using var platform = await StartAsync(dns);
        var (id, address) = await AnAddressAsync(platform);
        dns.Set("2.0.0.127.bl.spamcop.net", "A", "127.0.0.2");
        dns.Set(Zen.NameOf(address), "A", "127.0.0.2");
        dns.Set("2.0.0.127.zen.spamhaus.org", listed is null ? "TXT" : "A", listed ?? "It is there, and is no address.");
        dns.Set("1.0.0.127.zen.spamhaus.org", unlisted is null ? "TXT" : "A", unlisted ?? "It is there, and is no address.");

        await RunAsync(platform);

        (await ListingsAsync(platform, id)).Keys.ShouldBe(["spamcop"]);
        dns.Questions.ShouldNotContain($"A {Zen.NameOf(address)}");
        await using var db = platform.Open();
        var states = await db.Blocklists.AsNoTracking().ToDictionaryAsync(state => state.Name, Ct);
        (states["spamhaus_zen"].Fault, states["spamhaus_zen"].Checked).ShouldBe((fault, platform.Clock.Now));
        states["spamcop"].Fault.ShouldBeNull();
        (await platform.NotificationsAsync("blocklist-test:spamhaus_zen", Ct)).ShouldContain($"low: spamhaus_zen is ignored: {fault}");
        dns.Set("1.0.0.127.zen.spamhaus.org", "A");
        dns.Set($"2.0.0.127.{Zen.Zone}", "A", "127.0.0.2");
        await RunAsync(platform);
        (await platform.NotificationsAsync("blocklist-test:spamhaus_zen", Ct)).ShouldBeEmpty();
        (await ListingsAsync(platform, id))["spamhaus_zen"].Listed.ShouldBeTrue();
    }

    [Fact]
    public async Task Addresses_that_are_burned_or_on_no_public_network_are_not_asked_about()
    {
        using var dns = DnsZones.Start();
        await using var platform = await StartAsync(dns);
        var (burned, gone) = await AnAddressAsync(platform);
        await AnAddressAsync(platform, "198.18.0.9");
        await database.ExecuteAsync($"UPDATE smtp_ip_addresses SET status = 'burned' WHERE id = '{burned}'", Ct);
        dns.Set($"2.0.0.127.{Zen.Zone}", "A", "127.0.0.2");

        await RunAsync(platform);

        dns.Questions.ShouldNotContain($"A {Zen.NameOf("198.18.0.9")}");
        dns.Questions.ShouldNotContain($"A {Zen.NameOf(gone)}");
    }

    [Fact]
    public async Task Domains_are_asked_about_by_the_name_that_was_registered()
    {
        using var dns = DnsZones.Start();
        await using var platform = await StartAsync(dns);
        var (tenant, domain) = (Guid.CreateVersion7(), $"mail.d{Guid.CreateVersion7():N}.example");
        await database.ExecuteAsync(
            $"INSERT INTO tenants (id, name) VALUES ('{tenant}', 'T'); INSERT INTO domains (tenant_id, domain) VALUES ('{tenant}', '{domain}')", Ct);
        dns.Set("dbltest.com.dbl.spamhaus.org", "A", "127.0.1.2");
        dns.Set("test.uribl.com.multi.uribl.com", "A", "127.0.0.14");
        dns.Set(Dbl.NameOf(domain["mail.".Length..]), "A", "127.0.1.4");

        await RunAsync(platform);

        await using var db = platform.Open();
        var row = await db.Domains.Where(one => one.Name == domain).Select(one => new { one.Id, one.BlacklistStatus }).SingleAsync(Ct);
        var listings = row.BlacklistStatus!;
        listings.Keys.Order().ShouldBe(["spamhaus_dbl", "uribl"]);
        listings["spamhaus_dbl"].ShouldBe(new Listing(true, "127.0.1.4", platform.Clock.Now, platform.Clock.Now));
        listings["uribl"].Listed.ShouldBeFalse();
        (await platform.NotificationsAsync($"blocklist:spamhaus_dbl:{row.Id}", Ct)).ShouldHaveSingleItem().ShouldStartWith("critical: ");
    }

    [Fact]
    public async Task Of_a_name_too_long_to_be_asked_for_nothing_is_known()
    {
        using var dns = DnsZones.Start();
        var lookup = new BlocklistLookup(
            Options.Create(new BlocklistOptions { Resolver = dns.EndPoint.ToString() }), Options.Create(new PenguinMails.Infrastructure.Domains.DnsOptions()));

        (await lookup.AskAsync(Dbl, string.Join('.', Enumerable.Repeat(new string('a', 60), 4)), Ct)).IsListed.ShouldBeNull();
    }

    private Task<OwnPlatform> StartAsync(DnsZones dns) =>
        OwnPlatform.StartAsync(database, Ct, ("Blocklists:Resolver", dns.EndPoint.ToString()));

    private static async Task RunAsync(OwnPlatform platform)
    {
        await using var scope = platform.Scope();
        await scope.ServiceProvider.GetRequiredService<BlocklistChecks>().RunAsync(Ct);
    }

    private static async Task<(Guid Id, string Address)> AnAddressAsync(OwnPlatform platform, string? ip = null)
    {
        ip ??= $"{Random.Shared.Next(11, 100)}.{Random.Shared.Next(256)}.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}";
        var server = await platform.OrderAsync(Ct);
        var address = SmtpIpAddress.Provision(server, ip);
        await using var db = platform.Open();
        db.SmtpIpAddresses.Add(address);
        await db.SaveChangesAsync(Ct);
        return (address.Id, ip);
    }

    private static async Task<IReadOnlyDictionary<string, Listing>> ListingsAsync(OwnPlatform platform, Guid id)
    {
        await using var db = platform.Open();
        return (await db.SmtpIpAddresses.AsNoTracking().SingleAsync(address => address.Id == id, Ct)).ProviderBlacklistStatus!;
    }
}
