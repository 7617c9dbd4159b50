using PenguinMails.Campaigns.Templates;

namespace PenguinMails.Tests.Campaigns;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("<p>Hi  there,</p>\n<p>how\nare you?</p>", "Hi there,\n\nhow are you?\n")]
    [InlineData("one<br>two<br/><br>three", "one\ntwo\n\nthree\n")]
    [InlineData("<div>a</div><div>b</div>", "a\nb\n")]
    [InlineData("a <b>b</b>c <i>d</i>", "a bc d\n")]
    [InlineData("See <a href=\"https://a.example/x?a=1&amp;b=2\">the page</a>.", "See the page (https://a.example/x?a=1&b=2).\n")]
    [InlineData("<a href=\"https://a.example\">https://a.example</a>", "https://a.example\n")]
    [InlineData("<a href=\"mailto:a@b.example\">a@b.example</a>", "a@b.example\n")]
    [InlineData("<a href=\"https://a.example\"><img alt=\"Logo\" src=\"x\"></a>", "Logo (https://a.example)\n")]
    [InlineData("<a href=\"https://a.example\"><img src=\"x\"></a>", "https://a.example\n")]
    [InlineData("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d", "- a\n- b\n  - c\n\nd\n")]
    [InlineData("x<ol><li>a<li>b</ol>", "x\n\n1. a\n2. b\n")]
    [InlineData("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n1 | 2\n")]
    [InlineData("a&amp;lt;b &lt;c&gt; &auml;&#8364;", "a&lt;b <c> ä€\n")]
    [InlineData("<html><head><title>T</title><style>p{}</style></head><body><script>x()</script>a<style>b{}</style></body></html>", "a\n")]
    [InlineData("<div style=\"display: none\">Preheader<div>more</div></div><p>a</p>", "a\n")]
    [InlineData("<h1>A</h1>b<hr>c", "A\n\nb\n---\nc\n")]
    [InlineData("<p>a", "a\n")]
    [InlineData("", "\n")]
    [InlineData("a < b", "a < b\n")]
    public void Html_reads_well_as_text(string html, string text) => PlainText.Of(html).ShouldBe(text);
}
