using PenguinMails.Campaigns.Templates;

namespace PenguinMails.Tests.Campaigns;

public sealed class TemplateHintTests
{
    private const string Words = "<p>Hello, this is a message of some honest words, such as people write to each other.</p>";
    private const string Unsubscribe = "<p><a href=\"{{ unsubscribe_url }}\">Unsubscribe</a></p>";

    [Fact]
    public void A_clean_template_has_no_hints() => TemplateHints.Of(
        "A question about {{ company | default: \"your company\" }}",
        $"<style>p{{color:red}}</style><p>Hi {{{{ first_name | default: \"there\" }}}},</p>{Words}<p>See <a href=\"https://www.a.example/x\">a.example</a>.</p>"
            + $"<img src=\"https://a.example/b.png\" alt=\"Us\">{Unsubscribe}",
        null).ShouldBeEmpty();

    [Theory]
    [InlineData("no_unsubscribe_link", "Subject", Words)]
    [InlineData("only_image", "Subject", "<img src=\"https://a.example/b.png\" alt=\"All we have to say\">" + "<p>Hi</p>" + "<!-- " + Words + " -->", false)]
    [InlineData("too_many_links", "Subject", "<a href=\"https://a.example/1\">1</a><a href=\"https://a.example/2\">2</a><a href=\"https://a.example/3\">3</a><a href=\"https://a.example/4\">4</a><a href=\"https://a.example/5\">5</a><a href=\"https://a.example/6\">6</a>" + Words)]
    [InlineData("broken_link", "Subject", "<a href=\"\">x</a>" + Words)]
    [InlineData("broken_link", "Subject", "<a href=\"#\">x</a>" + Words)]
    [InlineData("broken_link", "Subject", "<a href=\"https://\">x</a>" + Words)]
    [InlineData("broken_link", "Subject", "<a href=\"https://a b.example\">x</a>" + Words)]
    [InlineData("broken_link", "Subject", "<a href=\"www.a.example\">x</a>" + Words)]
    [InlineData("broken_link", "Subject", "<a href=\"javascript:x()\">x</a>" + Words)]
    [InlineData("insecure_link", "Subject", "<a href=\"http://a.example\">x</a>" + Words)]
    [InlineData("url_shortener", "Subject", "<a href=\"https://bit.ly/x\">x</a>" + Words)]
    [InlineData("download_link", "Subject", "<a href=\"https://a.example/x.exe\">x</a>" + Words)]
    [InlineData("misleading_link", "Subject", "<a href=\"https://b.example\">www.a.example</a>" + Words)]
    [InlineData("all_capitals", "READ THIS NOW", Words)]
    [InlineData("all_capitals", "Subject", "<p>THIS IS A MESSAGE THAT IS SHOUTED FROM BEGINNING TO END</p>")]
    [InlineData("exclamation_marks", "Subject!!", Words)]
    [InlineData("spam_phrases", "Act now", Words)]
    [InlineData("long_subject", "A subject that goes on and on about something or other until nobody sees its end", Words)]
    [InlineData("missing_alt", "Subject", "<img src=\"https://a.example/b.png\">" + Words)]
    [InlineData("no_default", "Subject", "<p>Hi {{ firstName }}</p>" + Words)]
    public void Each_offence_is_pointed_out(string code, string subject, string content, bool withWords = true)
    {
        var hints = TemplateHints.Of(subject, code == "no_unsubscribe_link" ? content : content + (withWords ? Unsubscribe : "{{ unsubscribe_url }}"), null);

        hints.Select(hint => hint.Code).Distinct().ShouldBe([code]);
    }

    [Fact]
    public void Large_html_is_pointed_out() =>
        TemplateHints.Of("Subject", string.Concat(Enumerable.Repeat(Words, 1300)) + Unsubscribe, null).Select(hint => hint.Code).ShouldBe(["large_html"]);

    [Fact]
    public void A_hint_about_an_element_names_its_line() =>
        TemplateHints.Of("Subject", $"{Words}\n\n<img src=\"https://a.example/b.png\">{Unsubscribe}", null).Single().Line.ShouldBe(3);

    [Fact]
    public void A_link_that_shows_a_part_of_its_own_host_is_honest() =>
        TemplateHints.Of("Subject", $"{Words}<a href=\"https://docs.a.example/x\">https://a.example</a>{Unsubscribe}", null).ShouldBeEmpty();
}
