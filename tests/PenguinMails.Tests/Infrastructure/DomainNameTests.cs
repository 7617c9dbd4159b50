using CsCheck;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Tests.Infrastructure;

public sealed class DomainNameTests
{
    [Theory]
    [InlineData("Example.COM", "example.com")]
    [InlineData(" bücher.example ", "xn--bcher-kva.example")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("食狮。公司.cn", "xn--85x722f.xn--55qx5d.cn")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    public void A_name_in_any_script_becomes_ascii(string name, string ascii) => DomainName.Normalise(name).ShouldBe(ascii);

    [Fact]
    public void Whatever_is_typed_is_a_name_for_good_or_none()
    {
        var labels = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 0, 70], Gen.String[0, 10], Gen.Const("xn--bcher-kva"), Gen.Const("ß"));
        var names = labels.Array[0, 6].Select(parts => string.Join('.', parts));

        names.Sample(
            name =>
            {
                var ascii = DomainName.Normalise(name);
                return DomainName.Normalise(ascii) == ascii
                    && (ascii is null || (ascii.All(char.IsAscii) && DomainName.ToUnicode(ascii).Length > 0));
            },
            iter: 20_000);
    }

    // From the list's own test vectors, publicsuffix.org/list: a name and what can be registered of it.
    [Theory]
    [InlineData("com", null)]
    [InlineData("example.com", "example.com")]
    [InlineData("www.example.com", "example.com")]
    [InlineData("example", null)]
    [InlineData("example.example", "example.example")]
    [InlineData("b.example.example", "example.example")]
    [InlineData("biz", null)]
    [InlineData("a.b.domain.biz", "domain.biz")]
    [InlineData("uk.com", null)]
    [InlineData("example.uk.com", "example.uk.com")]
    [InlineData("b.example.uk.com", "example.uk.com")]
    [InlineData("co.uk", null)]
    [InlineData("example.co.uk", "example.co.uk")]
    [InlineData("test.ac", "test.ac")]
    [InlineData("mm", null)]
    [InlineData("c.mm", null)]
    [InlineData("b.c.mm", "b.c.mm")]
    [InlineData("a.b.c.mm", "b.c.mm")]
    [InlineData("jp", null)]
    [InlineData("ac.jp", null)]
    [InlineData("kyoto.jp", null)]
    [InlineData("ide.kyoto.jp", null)]
    [InlineData("b.ide.kyoto.jp", "b.ide.kyoto.jp")]
    [InlineData("c.kobe.jp", null)]
    [InlineData("b.c.kobe.jp", "b.c.kobe.jp")]
    [InlineData("city.kobe.jp", "city.kobe.jp")]
    [InlineData("www.city.kobe.jp", "city.kobe.jp")]
    [InlineData("ck", null)]
    [InlineData("test.ck", null)]
    [InlineData("b.test.ck", "b.test.ck")]
    [InlineData("www.ck", "www.ck")]
    [InlineData("www.www.ck", "www.ck")]
    [InlineData("test.us", "test.us")]
    [InlineData("ak.us", null)]
    [InlineData("k12.ak.us", null)]
    [InlineData("test.k12.ak.us", "test.k12.ak.us")]
    [InlineData("食狮.com.cn", "食狮.com.cn")]
    [InlineData("公司.cn", null)]
    [InlineData("shishi.公司.cn", "shishi.公司.cn")]
    [InlineData("中国", null)]
    [InlineData("www.食狮.中国", "食狮.中国")]
    [InlineData("xn--55qx5d.cn", null)]
    [InlineData("xn--fiqs8s", null)]
    // And from its private section.
    [InlineData("github.io", null)]
    [InlineData("someone.github.io", "someone.github.io")]
    public void What_anybody_can_register_below_is_a_public_suffix(string name, string? registrable)
    {
        var ascii = new System.Globalization.IdnMapping();
        PublicSuffixes.Contain(ascii.GetAscii(name)).ShouldBe(registrable is null);
        if (registrable is not null)
        {
            PublicSuffixes.Registrable(ascii.GetAscii(name)).ShouldBe(ascii.GetAscii(registrable));
            PublicSuffixes.Contain(ascii.GetAscii(registrable)).ShouldBeFalse();
            PublicSuffixes.Contain(ascii.GetAscii(registrable[(registrable.IndexOf('.') + 1)..])).ShouldBeTrue();
        }
    }
}
