using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Tracking;

namespace PenguinMails.Tests.Campaigns;

/// <summary>What tracking makes of the HTML of a message.</summary>
public sealed partial class LinkTrackingTests(HostFixture host)
{
    private static readonly Guid Tenant = Guid.CreateVersion7();
    private static readonly Guid Message = Guid.CreateVersion7();

    private TrackingTokens Tokens => host.Services.GetRequiredService<TrackingTokens>();

    [Theory]
    [InlineData("""<p><a href="https://a.example/">A</a></p>""", "https://a.example/")]
    [InlineData("""<a class=x href='http://a.example/?a=1&amp;b=2' target="_blank">A</a>""", "http://a.example/?a=1&b=2")]
    [InlineData("<A HREF=https://a.example/x>A</A>", "https://a.example/x")]
    [InlineData("<a\n  title=\"1 > 2 <a href='https://no.example'>\"\n  href=\" https://a.example/ \"\n>A</a>", "https://a.example/")]
    [InlineData("""<a href="https://a.example/" href="https://b.example/">A</a>""", "https://a.example/")]
    [InlineData("""1 < 2 & <b>3</b> <a href="https://bücher.example/ü">A</a>""", "https://bücher.example/ü")]
    public void A_link_leads_through_the_host_to_where_it_led(string html, string target)
    {
        var tracked = Apply(html, opens: false);

        var link = Link().Matches(tracked).ShouldHaveSingleItem();
        Tokens.ReadClick(link.Groups[1].Value).ShouldBe((new TrackedMessage(Tenant, Message), target));
        // All but the one tag is letter for letter as it was.
        var start = Regex.Match(html, "<a\\s", RegexOptions.IgnoreCase).Index;
        tracked[..start].ShouldBe(html[..start]);
        tracked[tracked.LastIndexOf(">A<", StringComparison.Ordinal)..].ShouldBe(html[html.LastIndexOf(">A<", StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("""<a href="mailto:a@b.example">A</a>""")]
    [InlineData("""<a href="#top">A</a>""")]
    [InlineData("""<a name="top">A</a>""")]
    [InlineData("""<a href="tel:+41">A</a>""")]
    [InlineData("""<a href="javascript:alert(1)">A</a>""")]
    [InlineData("""<a href="/relative">A</a>""")]
    [InlineData("""<a href="https://">A</a>""")]
    [InlineData("""<a href="http://localhost:5080/u/abc">Unsubscribe</a>""")]
    [InlineData("""<!-- <a href="https://a.example/">A</a> -->""")]
    [InlineData("""<!--[if mso]><a href="https://a.example/">A</a><![endif]-->""")]
    [InlineData("""<style>/* <a href="https://a.example/"> */ p{color:red}</style><P Class=x>&nbsp;é &bogus; <br/></P >""")]
    [InlineData("""<textarea><a href="https://a.example/">A</a></textarea>""")]
    [InlineData("""<abbr title="x">https://a.example/</abbr><link href="https://a.example/">""")]
    [InlineData("""<a href="https://a.example/""")]
    [InlineData("")]
    public void All_else_stays_letter_for_letter(string html) => Apply(html, opens: false).ShouldBe(html);

    [Fact]
    public void A_link_that_is_too_long_stays_as_it_is()
    {
        var html = $"""<a href="https://a.example/{new string('x', 3000)}">A</a>""";

        Apply(html, opens: false).ShouldBe(html);
    }

    [Theory]
    [InlineData("<html><body><p>Hi</p></body></html>", "<html><body><p>Hi</p>", "</body></html>")]
    [InlineData("<p>Hi</p>", "<p>Hi</p>", "")]
    [InlineData("<p>Hi</p></BODY >", "<p>Hi</p>", "</BODY >")]
    public void The_gif_comes_at_the_end_of_the_body(string html, string before, string after)
    {
        var tracked = Apply(html, clicks: false);

        tracked.ShouldStartWith($"""{before}<img src="https://go.example/t/o/""");
        tracked.ShouldEndWith($""" width="1" height="1" alt="" style="border:0">{after}""");
        Tokens.ReadOpen(Regex.Match(tracked, "/t/o/([^\"]+)").Groups[1].Value).ShouldBe(new TrackedMessage(Tenant, Message));
    }

    [Fact]
    public void Without_tracking_nothing_changes_and_both_go_together()
    {
        const string html = """<p><a href="https://a.example/">A</a><a href="https://b.example/">B</a></p>""";

        Apply(html, opens: false, clicks: false).ShouldBe(html);
        var both = Apply(html);
        Link().Count(both).ShouldBe(2);
        both.ShouldContain("/t/o/");
    }

    [Fact]
    public void A_token_is_good_for_what_it_was_made_for_only()
    {
        var (open, click) = (Tokens.MakeOpen(new(Tenant, Message)), Tokens.MakeClick(new(Tenant, Message), "https://a.example/"));

        (Tokens.ReadOpen(click), Tokens.ReadClick(open)).ShouldBe((null, null));
        click.ShouldNotContain(Convert.ToBase64String("a.example"u8).TrimEnd('='));
        WebUtility.UrlEncode(click).ShouldBe(click);
    }

    private string Apply(string html, bool opens = true, bool clicks = true) =>
        host.Services.GetRequiredService<LinkTracking>().Apply(html, Tenant, Message, opens, clicks, "https://go.example/");

    [GeneratedRegex("href=\"https://go\\.example/t/c/([\\w-]+)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Link();
}
