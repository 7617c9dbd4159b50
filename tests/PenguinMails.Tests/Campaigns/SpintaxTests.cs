using System.Numerics;
using CsCheck;
using PenguinMails.Campaigns.Templates;

namespace PenguinMails.Tests.Campaigns;

public sealed class SpintaxTests
{
    private static readonly MergeFields Fields = MergeFields.Sample([]);

    // A text and all that it may become.
    private static readonly Gen<(string Source, IReadOnlySet<string> Texts)> Texts = Gen.Recursive<(string Source, IReadOnlySet<string> Texts)>((depth, inner) =>
    {
        var piece = depth < 3 ? Gen.Frequency((3, Literal()), (2, Group(inner))) : Literal();
        return piece.Array[0, 3].Select(pieces => pieces.Aggregate(
            (Source: "", Texts: (IReadOnlySet<string>)new HashSet<string> { "" }),
            (all, one) => (all.Source + one.Source, all.Texts.SelectMany(before => one.Texts.Select(after => before + after)).ToHashSet())));
    }).Where(text => text.Texts.Count < 200);

    [Fact]
    public void What_comes_out_is_one_of_the_expansions_and_the_same_each_time() => Gen.Select(Texts, Gen.Guid, Gen.Guid).Sample(
        (text, lead, step) =>
        {
            var choice = new SpinChoice(lead, step, MessagePart.Html);
            var rendered = Render(text.Source, choice);
            return text.Texts.Contains(rendered) && Render(text.Source, choice) == rendered
                && Spintax.Parse(text.Source, out _)!.Count >= text.Texts.Count;
        }, print: text => $"{text.Item1.Source} of {text.Item2}");

    [Fact]
    public void Each_expansion_comes_out_for_somebody() => Texts.Where(text => text.Texts.Count < 12).Sample(
        text => Enumerable.Range(0, 2000).Select(number => Render(text.Source, ChoiceOf(number))).ToHashSet().IsSubsetOf(text.Texts), iter: 20);

    [Theory]
    [InlineData("no braces", "no braces")]
    [InlineData("{one}", "{one}")]
    [InlineData("a { b", "a { b")]
    [InlineData("a } b | c", "a } b | c")]
    [InlineData("{a|b", "{a|b")]
    [InlineData("<style>p{color:red} a{margin:0}</style>", "<style>p{color:red} a{margin:0}</style>")]
    [InlineData(@"{a\|b}", "{a|b}")]
    [InlineData(@"\{a|b\}", "{a|b}")]
    [InlineData(@"\{{x\|x|x\|x}\}", "{x|x}")]
    [InlineData("{{{ first_name }}|{{ first_name }}}", "Jane")]
    [InlineData("{{x|x}|x}", "x")]
    [InlineData("{Hi {{ first_name | default: \"there\" }}|Hi {{ first_name }}}!", "Hi Jane!")]
    [InlineData("{% if first_name %}{x|x}{% else %}{y|y}{% endif %}", "x")]
    [InlineData("{{% if first_name %}x{% endif %}|x}", "x")]
    [InlineData("{{ \"{a|b}\" }}", "{a|b}")]
    [InlineData("{% raw %}{a|b} {{ x }}{% endraw %}", "{a|b} {{ x }}")]
    [InlineData("{% comment %}{a|b}{% endcomment %}x", "x")]
    [InlineData("a{{x|x}", "a{x")]
    [InlineData("{|}", "")]
    [InlineData(@"{\{{}|\{{}}", "{{}")]
    [InlineData(@"{{x \}|x \}}}", "{x }}")]
    [InlineData(@"\{{ first_name }} \{% if %} \\{x", "{{ first_name }} {% if %} \\{x")]
    public void Only_groups_are_alternatives(string source, string text)
    {
        LiquidTemplates.Check(source).ShouldBeNull();
        Render(source, default).ShouldBe(text);
    }

    [Theory]
    [InlineData("plain", 1)]
    [InlineData("{a|b} {c|d|e}", 6)]
    [InlineData("{a|{b|c} {d|e}}", 5)]
    [InlineData("{a|a}", 2)]
    public void Expansions_are_counted(string source, int count) => Spintax.Parse(source, out _)!.Count.ShouldBe(count);

    [Fact]
    public void Very_many_expansions_are_counted_without_making_them() =>
        Spintax.Parse(string.Concat(Enumerable.Repeat("{a|b}", 2000)), out _)!.Count.ShouldBe(BigInteger.Pow(2, 2000));

    [Fact]
    public void Braces_in_braces_are_refused_at_their_place_before_they_cost_a_stack()
    {
        LiquidTemplates.Check("\n{a|" + string.Concat(Enumerable.Repeat("{b|", 100_000))).ShouldBe("Alternatives are nested too deep in line 2, column 61.");
        LiquidTemplates.Check(string.Concat(Enumerable.Repeat("{a|", 19)) + new string('}', 19)).ShouldBeNull();
    }

    [Theory]
    [InlineData("{a {% if first_name %}|b} {% endif %}")]
    [InlineData("{a|{% else %}b}")]
    [InlineData("{% if first_name %}{a|{% else %}b}{% endif %}")]
    public void A_block_that_leaves_its_alternative_is_refused(string source) =>
        LiquidTemplates.Check(source)!.ShouldContain("begins inside an alternative and ends outside of it");

    // Whoever changes this changes what leads get that were promised the same text again.
    [Fact]
    public void The_choice_is_what_it_always_was()
    {
        var choice = new SpinChoice(new Guid("01890a5d-ac96-774b-bcce-b302099a8057"), new Guid("01890a5d-ac96-774b-bcce-b302099a8058"), MessagePart.Html);

        Enumerable.Range(0, 12).Select(group => choice.Of(group, 10)).ShouldBe([5, 4, 9, 6, 1, 8, 9, 2, 9, 4, 6, 9]);
    }

    [Fact]
    public void Leads_are_spread_over_the_alternatives()
    {
        var counts = Enumerable.Range(0, 9000).CountBy(number => ChoiceOf(number).Of(0, 3)).ToDictionary();

        counts.Count.ShouldBe(3);
        counts.Values.ShouldAllBe(count => count > 2800 && count < 3200);
    }

    [Fact]
    public void Subject_and_body_choose_for_themselves() => Enumerable.Range(0, 100)
        .Count(number => (ChoiceOf(number) with { Part = MessagePart.Subject }).Of(0, 2) == ChoiceOf(number).Of(0, 2)).ShouldBeInRange(30, 70);

    private static SpinChoice ChoiceOf(int number) => new(new Guid(number, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8), new Guid(number % 7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), MessagePart.Html);

    private static string Render(string source, SpinChoice choice) =>
        LiquidTemplates.RenderText(source, Fields, choice);

    private static Gen<(string Source, IReadOnlySet<string> Texts)> Literal() => Gen.OneOf(
            ("word ", "word "), ("<b>x</b>", "<b>x</b>"), (@"\|", "|"), (@"\{", "{"), (@"\}", "}"), ("{}", "{}"), ("{p:1}", "{p:1}"), ("ö", "ö"), ("\n", "\n"),
            ("{{ first_name }}", "Jane"), ("{{ custom.none | default: 'a|{b}' }}", "a|{b}"), ("{% if name %}y{% else %}n{% endif %}", "y"),
            ("{% raw %}{a|b}{% endraw %}", "{a|b}"), (@"\x", @"\x"), ("5 % ", "5 % "))
        .Select(pair => (pair.Item1, (IReadOnlySet<string>)new HashSet<string> { pair.Item2 }));

    private static Gen<(string Source, IReadOnlySet<string> Texts)> Group(Gen<(string Source, IReadOnlySet<string> Texts)> option) =>
        option.Array[2, 4].Select(options => (
            $"{{{string.Join('|', options.Select(one => one.Source))}}}",
            (IReadOnlySet<string>)options.SelectMany(one => one.Texts).ToHashSet()));
}
