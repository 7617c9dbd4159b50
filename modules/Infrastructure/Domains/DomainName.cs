using System.Globalization;
using System.Text.RegularExpressions;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Host names as DNS takes them.</summary>
internal static partial class DomainName
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>Lower case and ASCII (punycode), or null for what is no domain name of at least two labels.</summary>
    public static string? Normalise(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        try
        {
            var ascii = Idn.GetAscii(name.Trim().ToLowerInvariant()).ToLowerInvariant();
            return ascii.Length <= 253 && Shape().IsMatch(ascii) ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>As people write it; what is no punycode stays as it is.</summary>
    /// <param name="name">As <see cref="Normalise"/> leaves it.</param>
    public static string ToUnicode(string name)
    {
        try
        {
            return Idn.GetUnicode(name);
        }
        catch (ArgumentException)
        {
            return name;
        }
    }

    // Labels of letters, digits and inner hyphens; the last one is no number, or it would be an address.
    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\z")]
    private static partial Regex Shape();
}
