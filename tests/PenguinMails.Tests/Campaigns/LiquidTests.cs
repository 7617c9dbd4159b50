using CsCheck;
using PenguinMails.Campaigns.Templates;

namespace PenguinMails.Tests.Campaigns;

public sealed class LiquidTests
{
    private static readonly string[] Values =
        ["", "Ann", "{{ 7 | times: 7 }}", "{a|b}", "<script>alert(1)</script>", "%}", "{% raw %}", "\r\nBcc: a@b.example", "\"'>", new string('x', 1000), "0", "-1"];

    private static readonly Gen<string> Expressions = Gen.Select(
        Gen.OneOf("first_name", "lastName", "custom.x", "custom.y", "'text'", "7", "0", "own", "custom[email]", "email.size"),
        Gen.OneOf("upcase", "default: 'd'", "append: own", "append: custom.x", "times: 99999999999", "divided_by: 0", "modulo: custom.x", "replace: 'x', own",
            "truncate: -3", "slice: 2, custom.x", "date: '%Y'", "date: custom.x", "escape", "url_encode", "strip_html", "round: 400", "size").Array[0, 4],
        (value, filters) => string.Join(" | ", filters.Prepend(value)));

    private static readonly Gen<string> Sources = Gen.Recursive<string>((depth, inner) =>
    {
        var flat = Gen.OneOf(
            Expressions.Select(value => $"{{{{ {value} }}}}"), Expressions.Select(value => $"{{% assign own = {value} %}}"),
            Gen.OneOf("text ", "<p>", "{a|b}", "{", "}", "|", "\\", "{{", "{%", "}}", "'", "{% break %}", "{% endif %}", "{% else %}", "{% # note %}"));
        var piece = depth > 3 ? flat : Gen.Frequency(
            (4, flat),
            (1, Gen.Select(Expressions, inner, (value, body) => $"{{% if {value} %}}{body}{{% endif %}}")),
            (1, Gen.Select(Gen.Int[0, 120], inner, (last, body) => $"{{% for i in (1..{last}) %}}{body}{{% endfor %}}")),
            (1, Gen.Select(inner, inner, (one, other) => $"{{{one}|{other}}}")));
        return piece.Array[0, 4].Select(pieces => string.Concat(pieces.Prepend("{% assign own = 'own' %}")));
    });

    // With hostile values too: it ends, it is short, and only what grows without end may fail, which the check then has not seen.
    [Fact]
    public void A_text_that_passed_the_check_can_be_rendered_with_any_values() => Gen.Select(Sources, Gen.OneOf(Values), Gen.OneOf(Values)).Sample(
        (source, first, second) =>
        {
            if (LiquidTemplates.Check(source) is not null)
            {
                return true;
            }

            var fields = Of(first, second);
            try
            {
                return Render(source, fields).Length <= LimitedWriter.MostLength;
            }
            catch (TemplateFaultException fault)
            {
                return fault.InnerException is null && first.Length + second.Length >= 1000;
            }
        }, iter: 3000);

    [Fact]
    public void Any_characters_are_refused_or_rendered() => Gen.OneOf("{", "{{", "{%", "}", "}}", "%}", "|", "'", "\"", "-", " ", "if", "endif", "raw", "endraw",
        "first_name", "x", "\\", "..", "(1..2)", "[", "]", "for i in ", "assign a = ", "comment", "endcomment", "\n", "=", "#").Array[0, 14].Sample(pieces =>
    {
        var source = string.Concat(pieces);
        return LiquidTemplates.Check(source) is not null || Render(source, MergeFields.None).Length < 1000;
    }, iter: 20_000);

    [Fact]
    public void Values_are_only_values()
    {
        foreach (var value in Values)
        {
            Render("{{ first_name }}", Of(value, "")).ShouldBe(value);
            Render("{x {{ custom.x }}|x {{ custom.x }}}", Of("", value)).ShouldBe($"x {value}");
            var html = LiquidTemplates.RenderHtml("{% assign a = first_name | append: '' | escape %}{{ a }}{{ first_name | replace: 'q', '<' | prepend: '' }}", Of(value, ""), default)
;
            html.ShouldNotContain('<');
            html.ShouldNotContain('"');
        }
    }

    [Fact]
    public void Names_stay_readable_in_html() =>
        LiquidTemplates.RenderHtml("{{ first_name }}", Of("Žofie Böhm 山", ""), default).ShouldBe("Žofie Böhm 山");

    [Theory]
    [InlineData("{% for i in (1..100000000) %}{% endfor %}", "A loop runs over a range of at most 100 whole numbers")]
    [InlineData("{% for i in (1..custom.x) %}{% endfor %}", "A loop runs over a range of at most 100 whole numbers")]
    [InlineData("{% for pair in custom %}{{ pair }}{% endfor %}", "A loop runs over a range of at most 100 whole numbers")]
    [InlineData("{{ (1..100000000) }}", "A range has at most 100 whole numbers")]
    [InlineData("{% for i in (1..100) %}{% for j in (1..100) %}{% for k in (1..100) %}x{% endfor %}{% endfor %}{% endfor %}", "more than 10000 steps")]
    [InlineData("{% assign a = 'aaaaaaaaaa' %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}", "more work than a message may take")]
    [InlineData("{% assign a = 'aaaaaaaaaa' %}{% for i in (1..9) %}{% assign a = a | replace: 'a', a %}{% endfor %}", "more work than a message may take")]
    [InlineData(Long + "{% for i in (1..100) %}{% if a contains a %}x{% endif %}{% endfor %}", "more work than a message may take")]
    [InlineData(Long + "{{ a | remove: a }}", "more work than a message may take")]
    [InlineData(Long + "{% assign a = a | append: a | append: a | append: a %}", "more work than a message may take")]
    [InlineData("x\n {% include 'passwd' %}", "there is no tag 'include' (in line 2, column 2)")]
    [InlineData("{% render 'passwd' %}", "there is no tag 'render'")]
    [InlineData("{% capture a %}{{ first_name }}{% endcapture %}", "there is no tag 'capture'")]
    [InlineData("{% liquid assign a = 1 %}", "there is no tag 'liquid'")]
    [InlineData("{{ first_name\n | raw }}", "Unknown filter 'raw' in line 2, column 4")]
    [InlineData("{{ 'raw | raw' | split: ',' }}", "Unknown filter 'split' in line 1, column 18")]
    [InlineData("{% if first_name | json == 'x' %}{% endif %}", "Unknown filter 'json'")]
    public void What_does_harm_is_refused(string source, string words) => LiquidTemplates.Check(source)!.ShouldContain(words);

    [Theory]
    [InlineData("{{ 'nickname' }} {% comment %} {{ nickname }} {% endcomment %}{% raw %}{{ nickname }}{% endraw %}\n  {{ nickname }}", "'nickname' in line 2, column 6")]
    [InlineData("nickname {{ custom.nickname }}{{ nickname }}", "'nickname' in line 1, column 34")]
    [InlineData("{a|{{ first_name }}}{b|c}{{ first_name | append: nickname }}", "'nickname' in line 1, column 50")]
    [InlineData("{% if first_name contains nickname %}{% endif %}", "'nickname' in line 1, column 27")]
    [InlineData("{{ nick }}\n{{ custom[nickname] }}", "'nick' in line 1, column 4, 'nickname' in line 2, column 11")]
    public void An_unknown_variable_is_named_with_its_true_place(string source, string words) => LiquidTemplates.Check(source)!.ShouldContain(words);

    [Fact]
    public void Of_very_many_unknown_variables_some_are_named() =>
        LiquidTemplates.Check(string.Concat(Enumerable.Range(0, 5000).Select(number => $"{{{{ x{number} }}}}")))!
            .ShouldMatch(@"\AUnknown variable ('x\d+' in line 1, column \d+(, )?){5}: known are ");

    [Fact]
    public void What_was_only_checked_is_not_kept_and_what_is_sent_is()
    {
        var text = $"{Guid.CreateVersion7()} {{{{ first_name }}}}";
        LiquidTemplates.Check(text).ShouldBeNull();
        var parsed = LiquidTemplates.TryParse(text, out _);

        LiquidTemplates.TryParse(text, out _).ShouldNotBeSameAs(parsed);
        Render(text, MergeFields.None);
        LiquidTemplates.TryParse(text, out _).ShouldBeSameAs(LiquidTemplates.TryParse(text, out _));
    }

    [Fact]
    public void What_is_nested_without_end_is_refused_before_it_costs_a_stack()
    {
        LiquidTemplates.Check(Many("{% if name %}", 20_000)).ShouldNotBeNull().ShouldContain("nested deeper than 20 in line 1, column 261");
        LiquidTemplates.Check("{{ name" + Many(" | upcase", 20_000) + " }}").ShouldNotBeNull();
        LiquidTemplates.Check("{% if name" + Many(" and name", 20_000) + " %}{% endif %}").ShouldNotBeNull();
        LiquidTemplates.Check("{{ name" + Many("[name", 20_000) + Many("]", 20_000) + " }}").ShouldNotBeNull();
        LiquidTemplates.Check(Many("{% raw %}", 20_000)).ShouldNotBeNull();
        LiquidTemplates.Check(Many("{% '", 60_000)).ShouldNotBeNull();
        LiquidTemplates.Check(Many("{", 200_000)).ShouldNotBeNull();
        LiquidTemplates.Check("{{a" + Many("[a", 40_000) + "|b}|c} {{ name | }}").ShouldNotBeNull();
        LiquidTemplates.Check("{{ name" + Many("[name", 21) + Many("]", 21) + " }}").ShouldNotBeNull();
    }

    [Fact]
    public void The_deepest_that_is_allowed_fits_on_a_small_stack()
    {
        string? refusal = "";
        var source = Many("{a|{% if name %}", 19) + "{{ custom" + Many("[custom", 20) + Many("]", 20) + Many(" | upcase", 90) + " }}" + Many("{% endif %}}", 19);
        var thread = new Thread(() => refusal = LiquidTemplates.Check(source), maxStackSize: 512 * 1024);
        thread.Start();
        thread.Join();

        refusal.ShouldBeNull();
    }

    [Theory]
    [InlineData("{{ 1 | divided_by: 0 }}", "")]
    [InlineData("{{ 99999999999999999999 | times: 99999999999999999999 }}", "")]
    [InlineData("{{ '2020-01-02' | date: '%999999999d' }}", "")]
    [InlineData("{% assign f = '%Y' %}{% for i in (1..6) %}{% assign f = f | append: f %}{% endfor %}{{ '2020-01-02' | date: f }}", "")]
    [InlineData("{{ '2020-01-02' | date: '%d.%m.%Y' }}", "02.01.2020")]
    [InlineData("{{ custom.none.deeper | upcase }}{{ custom[email] }}{{ email.size }}", "")]
    [InlineData("{% for i in (1..3) %}{{ i }}{{ forloop.last }} {% endfor %}", "1false 2false 3true ")]
    [InlineData("{%- if first_name -%} a {%- endif -%} ", "")]
    [InlineData("{{ first_name | default: \"there\" }}", "there")]
    public void What_cannot_be_computed_is_empty(string source, string text)
    {
        LiquidTemplates.Check(source).ShouldBeNull();
        Render(source, MergeFields.None).ShouldBe(text);
    }

    // A value of 32768 characters.
    private const string Long = "{% assign a = 'aaaaaaaa' %}{% for i in (1..12) %}{% assign a = a | append: a %}{% endfor %}";

    private static string Many(string piece, int times) => string.Concat(Enumerable.Repeat(piece, times));

    private static MergeFields Of(string first, string custom) =>
        MergeFields.None.With(new Dictionary<string, string> { ["first_name"] = first, ["last_name"] = first, ["custom.x"] = custom, ["custom.y"] = first });

    private static string Render(string source, MergeFields fields) =>
        LiquidTemplates.RenderText(source, fields, new SpinChoice(Guid.Empty, Guid.Empty, MessagePart.Text));
}
