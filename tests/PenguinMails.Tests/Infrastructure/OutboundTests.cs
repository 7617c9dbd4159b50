using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Outbound;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Nothing that a tenant names leads to where only the platform gets. Of the loopback addresses one may be dialled here.</summary>
public sealed class OutboundTests
{
    private const string Allowed = "127.0.0.2";
    private const string Forbidden = "127.0.0.1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.2.1")]
    [InlineData("192.168.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    // Metadata of clouds: AWS, GCP and Azure; Azure's own; Alibaba's; Oracle's.
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::")]
    [InlineData("::1")]
    // IPv4-compatible, mapped, translated, NAT64 and 6to4, all of 10.0.0.1; Teredo.
    [InlineData("::10.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:0:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("2002:a00:1::1")]
    [InlineData("2001:0:a00:1::1")]
    // Of an address that is public, but the prefix is local.
    [InlineData("::8.8.8.8")]
    [InlineData("64:ff9b:1::8.8.8.8")]
    [InlineData("64:ff9b:1:ffff::a00:1")]
    [InlineData("100::1")]
    [InlineData("2001:2::1")]
    [InlineData("2001:10::1")]
    [InlineData("2001:20::1")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void An_address_of_a_special_purpose_is_not_public(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::1.1.1.1")]
    public void All_others_are_public(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("0x7f.1")]
    [InlineData("[::1]")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("LOCALHOST")]
    [InlineData("any.localhost")]
    // Full-width digits, which names are mapped from.
    [InlineData("１２７.０.０.１")]
    [InlineData("")]
    public async Task However_loopback_is_spelt_nobody_there_is_called(string host)
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var dialer = Dialer([]);

        var dialled = await dialer.ConnectAsync(host, ((IPEndPoint)listener.LocalEndpoint).Port, Ct);

        dialled.Socket.ShouldBeNull();
        dialled.Problem.ShouldNotBeNullOrEmpty();
        listener.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task A_name_that_is_none_is_told_in_one_sentence()
    {
        foreach (var host in new[] { new string('a', 300), "a..b", "no-such-name.invalid" })
        {
            (await Dialer([]).ConnectAsync(host, 25, Ct)).Problem.ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public async Task Networks_that_are_allowed_are_dialled_in_every_spelling()
    {
        using var listener = new TcpListener(IPAddress.Parse(Allowed), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        foreach (var host in new[] { Allowed, $"::ffff:{Allowed}", "0x7f000002" })
        {
            var dialled = await Dialer([$"{Allowed}/32"]).ConnectAsync(host, port, Ct);
            dialled.Socket.ShouldNotBeNull(dialled.Problem);
            dialled.Socket.Dispose();
        }

        (await Dialer(["::1/128", "fd00::/8"]).ConnectAsync(Allowed, port, Ct)).Socket.ShouldBeNull();
        // It would dial, were there the time.
        await Should.ThrowAsync<OperationCanceledException>(() => Dialer(["fd00::/8"]).ConnectAsync("fd00::1", port, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_name_that_changes_its_answer_is_resolved_once_and_dialled_where_it_was_judged()
    {
        using var allowed = new TcpListener(IPAddress.Parse(Allowed), 0);
        allowed.Start();
        var port = ((IPEndPoint)allowed.LocalEndpoint).Port;
        using var forbidden = new TcpListener(IPAddress.Parse(Forbidden), port);
        forbidden.Start();
        var answers = new Queue<IPAddress[]>([[IPAddress.Parse(Allowed)], [IPAddress.Parse(Forbidden)]]);
        var dialer = Dialer([$"{Allowed}/32"], answers);

        using var first = (await dialer.ConnectAsync("rebinding.example", port, Ct)).Socket!;
        ((IPEndPoint)first.RemoteEndPoint!).Address.ShouldBe(IPAddress.Parse(Allowed));
        answers.Count.ShouldBe(1);
        (await dialer.ConnectAsync("rebinding.example", port, Ct)).Problem!.ShouldContain("not on the public internet");
        forbidden.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task Of_a_names_addresses_only_those_that_are_permitted_are_dialled()
    {
        using var forbidden = new TcpListener(IPAddress.Parse(Forbidden), 0);
        forbidden.Start();
        var port = ((IPEndPoint)forbidden.LocalEndpoint).Port;
        // Nobody listens at the permitted one: the others are no way out.
        var dialer = Dialer([$"{Allowed}/32"], new Queue<IPAddress[]>([[IPAddress.Parse(Forbidden), IPAddress.Parse(Allowed), IPAddress.IPv6Loopback]]));

        (await dialer.ConnectAsync("mixed.example", port, Ct)).Problem!.ShouldContain("Nothing could be reached");
        forbidden.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task A_redirect_to_an_address_inside_is_not_followed()
    {
        await using var inside = await ServeAsync(Forbidden, http => http.Response.WriteAsync("inside"));
        await using var outside = await ServeAsync(Allowed, http =>
        {
            http.Response.Redirect(inside.Urls.Single());
            return Task.CompletedTask;
        });
        using var http = new OutboundHttp(Dialer([$"{Allowed}/32"]));

        var refused = await Should.ThrowAsync<HttpRequestException>(() => http.Client.GetAsync(outside.Urls.Single(), Ct));

        refused.ToString().ShouldContain("not on the public internet");
        Seen(inside).ShouldBe(0);
        Seen(outside).ShouldBe(1);
    }

    [Fact]
    public async Task Five_redirects_are_followed_and_not_a_sixth_and_none_to_another_scheme()
    {
        await using var server = await ServeAsync(Allowed, http =>
        {
            var (left, to) = (int.Parse(http.Request.Query["left"].ToString()), http.Request.Query["to"].ToString());
            if (left > 0)
            {
                http.Response.Redirect(to.Length > 0 ? to : $"/?left={left - 1}");
            }

            return Task.CompletedTask;
        });
        using var http = new OutboundHttp(Dialer([$"{Allowed}/32"]));

        (await http.Client.GetAsync($"{server.Urls.Single()}/?left=5", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.Client.GetAsync($"{server.Urls.Single()}/?left=6", Ct)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        foreach (var to in new[] { "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/" })
        {
            await Should.ThrowAsync<HttpRequestException>(() => http.Client.GetAsync($"{server.Urls.Single()}/?left=1&to={Uri.EscapeDataString(to)}", Ct), to);
        }
    }

    [Fact]
    public async Task Nothing_of_the_platforms_and_of_an_earlier_answer_goes_along()
    {
        var headers = new List<IHeaderDictionary>();
        await using var server = await ServeAsync(Allowed, http =>
        {
            headers.Add(http.Request.Headers);
            http.Response.Cookies.Append("session", "x");
            if (http.Request.Path == "/first")
            {
                http.Response.Redirect("/second");
            }

            return Task.CompletedTask;
        });
        using var http = new OutboundHttp(Dialer([$"{Allowed}/32"]));
        using var activity = new System.Diagnostics.Activity("test").Start();

        await http.Client.GetAsync(server.Urls.Single().Replace("://", "://user:password@") + "/first", Ct);

        headers.Count.ShouldBe(2);
        headers.ShouldAllBe(sent => !sent.ContainsKey("Authorization") && !sent.ContainsKey("Cookie") && !sent.ContainsKey("traceparent"));
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_not_read_to_its_end()
    {
        await using var server = await ServeAsync(Allowed, async http =>
        {
            var block = new byte[65_536];
            for (var count = 0; count < 10_000 && !http.RequestAborted.IsCancellationRequested; count++)
            {
                await http.Response.Body.WriteAsync(block, CancellationToken.None);
            }
        });
        using var http = new OutboundHttp(Dialer([$"{Allowed}/32"]));

        (await Should.ThrowAsync<HttpRequestException>(() => http.Client.GetAsync(server.Urls.Single(), Ct)))
            .HttpRequestError.ShouldBe(HttpRequestError.ConfigurationLimitExceeded);
    }

    private static OutboundDialer Dialer(string[] allowed, Queue<IPAddress[]>? answers = null)
    {
        var options = Options.Create(new OutboundOptions { AllowedNetworks = allowed });
        return answers is null
            ? new OutboundDialer(options)
            : new OutboundDialer(options) { Resolve = (_, _) => Task.FromResult(answers.Dequeue()) };
    }

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<WebApplication, System.Runtime.CompilerServices.StrongBox<int>> Requests = [];

    private static int Seen(WebApplication server) => Requests.GetOrCreateValue(server).Value;

    private static async Task<WebApplication> ServeAsync(string address, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{address}:0");
        var app = builder.Build();
        app.Run(http =>
        {
            Interlocked.Increment(ref Requests.GetOrCreateValue(app).Value);
            return answer(http);
        });
        await app.StartAsync(Ct);
        return app;
    }
}
