using PenguinMails.Campaigns.Leads;

namespace PenguinMails.Tests.Campaigns;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("a@b.example", "a@b.example")]
    [InlineData("First.Last+Tag@Mail.Example", "first.last+tag@mail.example")]
    [InlineData("o'neil!#$%&*/=?^_`{|}~-@b.example", "o'neil!#$%&*/=?^_`{|}~-@b.example")]
    [InlineData("a@xn--bcher-kva.example", "a@xn--bcher-kva.example")]
    [InlineData("a@bücher.example", "a@xn--bcher-kva.example")]
    [InlineData("a@BÜCHER.example", "a@xn--bcher-kva.example")]
    [InlineData("Jürgen@b.example", "jürgen@b.example")]
    [InlineData("Ju\u0308rgen@b.example", "jürgen@b.example")]
    [InlineData("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah")]
    public void One_mailbox_has_one_spelling(string given, string expected) => EmailAddress.Normalise(given).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("@b.example")]
    [InlineData("a@b")]
    [InlineData("a@@b.example")]
    [InlineData("a b@c.example")]
    [InlineData(".a@b.example")]
    [InlineData("a.@b.example")]
    [InlineData("a..b@c.example")]
    [InlineData("\"a b\"@c.example")]
    [InlineData("a@[192.0.2.1]")]
    [InlineData("a@192.0.2.1")]
    [InlineData("a@-b.example")]
    [InlineData("a@b-.example")]
    [InlineData("a@b..example")]
    [InlineData("a@b.example.")]
    [InlineData("a@b_c.example")]
    [InlineData("a@b.example\n")]
    [InlineData("Ann <a@b.example>")]
    [InlineData("a\u200Bb@c.example")]
    [InlineData("a\u00A0b@c.example")]
    [InlineData("a@\uFFFD.example")]
    public void What_is_no_address_is_none(string given) => EmailAddress.Normalise(given).ShouldBeNull();

    [Fact]
    public void Lengths_are_octets()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 62), 3)) + ".ex";

        EmailAddress.Normalise($"{new string('x', 64)}@b.example").ShouldNotBeNull();
        EmailAddress.Normalise($"{new string('x', 65)}@b.example").ShouldBeNull();
        EmailAddress.Normalise($"{new string('é', 32)}@b.example").ShouldNotBeNull();
        EmailAddress.Normalise($"{new string('é', 33)}@b.example").ShouldBeNull();
        EmailAddress.Normalise($"a@{new string('d', 63)}.example").ShouldNotBeNull();
        EmailAddress.Normalise($"a@{new string('d', 64)}.example").ShouldBeNull();
        EmailAddress.Normalise($"{new string('x', 254 - 1 - domain.Length)}@{domain}").ShouldNotBeNull();
        EmailAddress.Normalise($"{new string('x', 255 - 1 - domain.Length)}@{domain}").ShouldBeNull();
    }
}
