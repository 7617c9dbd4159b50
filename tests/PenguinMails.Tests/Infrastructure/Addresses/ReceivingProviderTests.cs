using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Tests.Infrastructure.Addresses;

public sealed class ReceivingProviderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("aspmx.l.google.com", "google")]
    [InlineData("alt1.gmail-smtp-in.l.google.com", "google")]
    [InlineData("contoso-com.mail.protection.outlook.com", "microsoft")]
    [InlineData("contoso-com.g-v1.mx.microsoft", "microsoft")]
    [InlineData("mta5.am0.yahoodns.net", "yahoo")]
    [InlineData("mx01.mail.icloud.com", "apple")]
    [InlineData("mx.notgoogle.com", "other")]
    [InlineData("mx.example.org", "other")]
    public void Is_known_by_its_exchanger(string host, string provider) => ReceivingProviders.ByExchanger(host).Name().ShouldBe(provider);

    [Fact]
    public async Task Well_known_and_reserved_domains_ask_nobody_and_a_fault_is_asked_once_for_some_minutes()
    {
        using var resolver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var providers = new ReceivingProviders(new DnsLookup(Options.Create(
            new DnsOptions { Resolver = resolver.Client.LocalEndPoint!.ToString(), TimeoutSeconds = 1 })));

        foreach (var (domain, provider) in new[] { ("gmail.com", "google"), ("Hotmail.com", "microsoft"), ("recipient.example", "other"), ("a.test", "other") })
        {
            (await providers.OfAsync(domain, Ct)).Name().ShouldBe(provider);
        }

        resolver.Available.ShouldBe(0, "nothing was asked");
        (await providers.OfAsync("silent.org", Ct)).ShouldBe(ReceivingProvider.Other);
        var asked = await DrainAsync(resolver);
        asked.ShouldBeGreaterThan(0);
        (await providers.OfAsync("silent.org", Ct)).ShouldBe(ReceivingProvider.Other);
        resolver.Available.ShouldBe(0, "it is remembered");
    }

    private static async Task<int> DrainAsync(UdpClient resolver)
    {
        var count = 0;
        while (resolver.Available > 0)
        {
            await resolver.ReceiveAsync(Ct);
            count++;
        }

        return count;
    }
}
