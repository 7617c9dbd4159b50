using System.Security.Cryptography;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure;

/// <summary>
/// Two selectors take turns: the next key's record is published beside the present one's, mail is signed with it once DNS shows
/// it, and the one before stays published for what is still on its way.
/// </summary>
internal sealed partial class Domain
{
    public const int KeyBits = 2048;

    private static readonly string[] Selectors = ["pm", "pm2"];

    // Longer than mail waits in a queue (RFC 5321, 4.5.4.1), or a receiver takes to check it again.
    private static readonly TimeSpan Retirement = TimeSpan.FromDays(7);

    public required string DkimSelector { get; set; }
    public string? DkimKeyPath { get; private set; }

    /// <summary>When this key began to sign; null: it is the first. A path alone does not tell a key from an earlier one at the same place.</summary>
    public DateTimeOffset? DkimSince { get; private set; }
    public string? NextDkimSelector { get; private set; }
    public string? NextDkimKeyPath { get; private set; }
    public string? RetiredDkimSelector { get; private set; }
    public string? RetiredDkimKeyPath { get; private set; }

    /// <summary>Until when the retired key's record must stay published.</summary>
    public DateTimeOffset? RetiredDkimUntil { get; private set; }

    public IEnumerable<string> KeyPaths => new[] { DkimKeyPath, NextDkimKeyPath, RetiredDkimKeyPath }.OfType<string>();

    /// <summary>For people: why no rotation can begin now; null when one can.</summary>
    public string? RotationObstacle => this switch
    {
        { NextDkimSelector: { } next } => $"A rotation is under way: it ends when the record {next}._domainkey.{Name} is verified.",
        { RetiredDkimUntil: { } until } => $"The key before is in its last days: the next rotation can begin after {until:yyyy-MM-dd}.",
        _ => null,
    };

    private IEnumerable<string> KeySelectors => new[] { DkimSelector, NextDkimSelector, RetiredDkimSelector }.OfType<string>();

    /// <summary>Shows the record of a new key; the present one goes on signing.</summary>
    /// <returns>Where the new key belongs.</returns>
    public string BeginRotation(RSA key, DnsOptions dns)
    {
        NextDkimSelector = Selectors.First(selector => selector != DkimSelector);
        NextDkimKeyPath = KeyPath(Name, NextDkimSelector);
        DnsRecords = [.. DnsRecords, DnsRecord.Dkim(NextDkimSelector, key)];
        Publish(dns);
        return NextDkimKeyPath;
    }

    /// <summary>Forgets the retired key when its time is over.</summary>
    /// <returns>Where it is kept, for the caller to delete; null when there is nothing to do.</returns>
    public string? ForgetRetiredKey(DateTimeOffset now)
    {
        if (RetiredDkimUntil is null || RetiredDkimUntil > now)
        {
            return null;
        }

        var path = RetiredDkimKeyPath;
        (RetiredDkimSelector, RetiredDkimKeyPath, RetiredDkimUntil) = (null, null, null);
        return path;
    }

    private void SwitchKeys(DateTimeOffset now)
    {
        if (NextDkimSelector is { } next && DnsRecords.Single(record => record.Selector == next).Status == DnsStatus.Verified)
        {
            (RetiredDkimSelector, RetiredDkimKeyPath, RetiredDkimUntil) = (DkimSelector, DkimKeyPath, now + Retirement);
            (DkimSelector, DkimKeyPath, DkimSince) = (next, NextDkimKeyPath, now);
            (NextDkimSelector, NextDkimKeyPath) = (null, null);
        }
    }

    private static string KeyPath(string name, string selector) => $"mail/dkim/{name}/{selector}";
}
