using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>A record ready to copy, and what the last check found.</summary>
/// <param name="Name">Relative to the domain, as most consoles ask for it: <c>@</c> is the domain itself.</param>
/// <param name="Host">The same in full.</param>
/// <param name="Value">As one text, as most consoles take it.</param>
/// <param name="Strings">Of a value too long for one string of a TXT record (RFC 1035, 3.3.14), its strings, for zone files; else null.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="NeededFor">What it stands in the way of while it is not verified.</param>
/// <param name="Note">For people: what to know about it; null for nothing.</param>
/// <param name="Error">For people: what is wrong, or, where the status is error, why DNS could not tell.</param>
/// <param name="Found">For people: what is published.</param>
internal sealed record DnsRecordResponse(
    string Type, string Name, string Host, string Value, IReadOnlyList<string>? Strings, int Ttl, DnsPurpose Purpose, string? Selector,
    DnsNeed NeededFor, string? Note, DnsStatus Status, int Attempts, string? Error, string? Found, DateTimeOffset? Checked)
{
    private const int LongestString = 255;

    public static DnsRecordResponse Of(Domain domain, DnsRecord record) => new(
        record.Type, record.Name, record.NameIn(domain.Name), record.Value,
        record.Value.Length > LongestString ? [.. record.Value.Chunk(LongestString).Select(part => new string(part))] : null,
        record.Ttl, record.Purpose, record.Selector, domain.NeedFor(record), NoteOn(domain, record),
        record.Status, record.Attempts, record.Error, record.Found, record.Checked);

    private static string? NoteOn(Domain domain, DnsRecord record) => record.Purpose switch
    {
        DnsPurpose.Spf when domain.MailHosting == MailHosting.External =>
            "An example: any valid SPF record does that names the servers your mail leaves from.",
        DnsPurpose.Mx when domain.MailHosting == MailHosting.External => "An example: the MX records of your own mail server or provider do.",
        DnsPurpose.Dkim when record.Selector == domain.RetiredDkimSelector => $"retired, keep until {domain.RetiredDkimUntil:yyyy-MM-dd}",
        DnsPurpose.Dkim when record.Selector == domain.NextDkimSelector => "The next key: mail is signed with it once this record is verified.",
        _ => null,
    };
}
