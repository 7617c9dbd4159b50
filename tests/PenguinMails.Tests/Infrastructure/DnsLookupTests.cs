using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using DnsClient;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Tests.Infrastructure;

public sealed class DnsLookupTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_one_resolver_is_dead_the_next_is_asked()
    {
        var name = $"d{Guid.CreateVersion7():N}.example";
        host.Dns.Set(name, "TXT", "here");
        // Bound, and never read.
        using var dead = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));

        var answer = await AskAsync($"{dead.Client.LocalEndPoint}, {host.Dns.EndPoint}", name);

        answer.Texts.ShouldBe(["here"]);
    }

    [Theory]
    [InlineData(64, 1)]
    [InlineData(60, 5)]
    public async Task A_name_that_cannot_exist_does_not(int letters, int labels)
    {
        var name = string.Join('.', Enumerable.Repeat(new string('a', letters), labels)) + ".example";

        (await AskAsync(host.Dns.EndPoint.ToString(), name)).ShouldSatisfyAllConditions(
            answer => answer.Exists.ShouldBeFalse(), answer => answer.Fault.ShouldBeNull());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("127.0.0.1:53,")]
    [InlineData("dns.example:53")]
    public void A_resolver_that_is_no_address_is_refused(string resolver)
    {
        var options = new DnsOptions { Resolver = resolver };

        Validator.TryValidateObject(options, new ValidationContext(options), null).ShouldBeFalse();
    }

    private static Task<DnsAnswer> AskAsync(string resolver, string name) =>
        new DnsLookup(Options.Create(new DnsOptions { Resolver = resolver, TimeoutSeconds = 1 })).AskAsync(name, QueryType.TXT, Ct);
}
