using PenguinMails.Billing;

namespace PenguinMails.Tests.Billing;

/// <summary>Amounts as Stripe counts them (docs.stripe.com/currencies).</summary>
public sealed class MoneyTests
{
    [Theory]
    [InlineData(4900, "usd", "49.00")]
    [InlineData(1, "EUR", "0.01")]
    [InlineData(4900, "jpy", "4900")]
    [InlineData(500, "ISK", "5.00")]
    [InlineData(12340, "kwd", "12.34")]
    public void An_amount_is_in_the_smallest_unit_that_Stripe_has_of_its_currency(long minor, string currency, string amount)
    {
        var units = decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture);

        Money.FromMinor(minor, currency).ShouldBe(units);
        Money.ToMinor(units, currency).ShouldBe(minor);
    }

    [Theory]
    [InlineData("0.01", "USD", true)]
    [InlineData("0.001", "USD", false)]
    [InlineData("1", "JPY", true)]
    [InlineData("0.5", "JPY", false)]
    public void A_currency_has_so_many_decimals(string amount, string currency, bool fits) =>
        Money.Fits(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), currency).ShouldBe(fits);
}
