namespace PenguinMails.Billing;

/// <summary>Amounts between Stripe's whole numbers of a currency's smallest unit and our decimals of whole units.</summary>
internal static class Money
{
    // docs.stripe.com/currencies. ISK and UGX have no smaller unit either, but Stripe counts them in hundredths.
    private static readonly HashSet<string> WithoutDecimals =
    [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ];

    // Stripe asks for a last digit of 0, so that two decimals hold them exactly.
    private static readonly HashSet<string> WithThreeDecimals = ["BHD", "JOD", "KWD", "OMR", "TND"];

    /// <param name="amount">In the smallest unit, such as cents.</param>
    /// <param name="currency">ISO 4217 in any case.</param>
    public static decimal FromMinor(long amount, string currency) => decimal.Round(amount / Factor(currency), 2, MidpointRounding.AwayFromZero);

    /// <summary>The amount in the smallest unit.</summary>
    public static long ToMinor(decimal amount, string currency) => (long)decimal.Round(amount * Factor(currency), 0, MidpointRounding.AwayFromZero);

    /// <summary>Whether the currency has an amount of so many decimals.</summary>
    public static bool Fits(decimal amount, string currency) => amount == FromMinor(ToMinor(amount, currency), currency);

    private static decimal Factor(string currency) => currency.ToUpperInvariant() switch
    {
        var code when WithoutDecimals.Contains(code) => 1m,
        var code when WithThreeDecimals.Contains(code) => 1000m,
        _ => 100m,
    };
}
