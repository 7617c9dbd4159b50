using System.Buffers;
using System.Globalization;
using System.Text;

namespace PenguinMails.Campaigns.Leads;

/// <summary>
/// Addresses as RFC 5321 and RFC 6531 allow them, but for what no provider of mailboxes gives out: quoted local parts, address
/// literals and domains of one label.
/// </summary>
internal static class EmailAddress
{
    private const int MostOctets = 254;
    private const int MostLocalOctets = 64;

    private static readonly SearchValues<char> Atom =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.");
    private static readonly SearchValues<char> Label = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly IdnMapping Idn = new();

    /// <summary>In lower case and the domain in ASCII (IDNA), so that one mailbox has one spelling; null for what is no address.</summary>
    public static string? Normalise(string text)
    {
        var at = text.LastIndexOf('@');
        if (at < 1 || text.Length > MostOctets)
        {
            return null;
        }

        if (Ascii.IsValid(text))
        {
            return IsLocal(text.AsSpan(0, at)) && ToLower(text) is var lower && IsDomain(lower.AsSpan(at + 1)) ? lower : null;
        }

        try
        {
            var local = text[..at].Normalize().ToLowerInvariant();
            var address = $"{local}@{Idn.GetAscii(text[(at + 1)..].Normalize()).ToLowerInvariant()}";
            return IsInternationalLocal(local) && IsDomain(address.AsSpan(local.Length + 1)) && Encoding.UTF8.GetByteCount(address) <= MostOctets
                ? address
                : null;
        }
        catch (ArgumentException)
        {
            // Half a character, or labels that IDNA does not know.
            return null;
        }
    }

    /// <summary>What is after the last @.</summary>
    public static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..];

    private static string ToLower(string ascii) => ascii.AsSpan().ContainsAnyInRange('A', 'Z') ? ascii.ToLowerInvariant() : ascii;

    private static bool IsLocal(ReadOnlySpan<char> local) =>
        local.Length <= MostLocalOctets && !local.ContainsAnyExcept(Atom) && local[0] != '.' && local[^1] != '.' && !local.Contains("..", StringComparison.Ordinal);

    // RFC 6531 allows all beyond ASCII; what cannot be seen is a mistake, or worse.
    private static bool IsInternationalLocal(string local) =>
        Encoding.UTF8.GetByteCount(local) <= MostLocalOctets
        && IsLocal(string.Concat(local.Select(letter => char.IsAscii(letter) ? letter : 'x')))
        && local.EnumerateRunes().All(rune => rune.IsAscii || !(Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned));

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        var labels = 0;
        ReadOnlySpan<char> last = default;
        foreach (var range in domain.Split('.'))
        {
            last = domain[range];
            labels++;
            if (last.Length is 0 or > 63 || last[0] == '-' || last[^1] == '-' || last.ContainsAnyExcept(Label))
            {
                return false;
            }
        }

        // A last label of digits is an IPv4 address.
        return labels > 1 && domain.Length <= 253 && last.ContainsAnyExceptInRange('0', '9');
    }
}
