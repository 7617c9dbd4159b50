using System.Globalization;
using Microsoft.AspNetCore.Html;
using MimeKit;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>The outbox's markup. Whatever is put into an interpolated string here is encoded, unless it is markup made here.</summary>
internal static class OutboxHtml
{
    // A page stays readable and quick whatever was mailed; the raw file has the rest.
    private const int MaxShown = 500_000;
    private const int MaxHeaders = 500;

    private static readonly HtmlString Style = new("""
        <style>
        :root { color-scheme: light dark; --line: #8884; --quiet: #888; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin-top: 2rem; }
        table { border-collapse: collapse; width: 100%; table-layout: fixed; }
        th, td { text-align: left; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { color: var(--quiet); font-weight: 500; } td { overflow-wrap: anywhere; } .name { width: 12rem; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; } pre, iframe { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; }
        iframe { box-sizing: border-box; width: 100%; height: 32rem; background: #fff; color-scheme: light; } .quiet { color: var(--quiet); }
        </style>
        """);

    // What lies outside the mail's own page: a link opens a new tab, since the frame itself may go nowhere.
    private const string FrameStart = """<base target="_blank"><meta name="referrer" content="no-referrer">""";

    public static IHtmlContent List(OutboxList list, bool first) => Document("Outbox", refresh: first, Html($"""
        <h1>Outbox</h1>
        <p class="quiet">Mail that the local sink took. None of it left this machine. Times are UTC.</p>
        {(list.Entries.Count > 0 ? Table(list) : Html($"<p>No mail yet.</p>"))}
        <p>
        {(first ? null : Html($"""<a href="/outbox">Newest</a>"""))}
        {(list.Next is null ? null : Html($"""<a href="/outbox?before={list.Next}">Older</a>"""))}
        </p>
        """));

    public static IHtmlContent Mail(string id, MimeMessage mail) => Document(Subject(mail.Subject), refresh: false, Html($"""
        <p><a href="/outbox">Outbox</a></p>
        <h1>{Subject(mail.Subject)}</h1>
        <p class="quiet">Taken {Time(OutboxIds.TimeOf(id))} UTC. <a href="/outbox/{id}/raw">Raw message</a></p>
        {Part("HTML", mail.HtmlBody is { } html ? Frame(html) : null)}
        {Part("Text", mail.TextBody is { } text ? Html($"<pre>{Clip(text)}</pre>") : null)}
        {Part("Attachments", Attachments(mail))}
        {Part("Headers", Html($"<table>{Each(mail.Headers.Take(MaxHeaders), Row)}</table>"))}
        """));

    public static IHtmlContent Unreadable(string id) => Document("Not a mail", refresh: false, Html($"""
        <p><a href="/outbox">Outbox</a></p>
        <h1>Not a mail</h1>
        <p>This message has no headers that can be read. <a href="/outbox/{id}/raw">Raw message</a></p>
        """));

    private static IHtmlContent Document(string title, bool refresh, IHtmlContent body) => Html($"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        {(refresh ? Html($"""<meta http-equiv="refresh" content="5">""") : null)}<title>{title}</title>{Style}</head>
        <body>{body}</body></html>
        """);

    private static IHtmlContent Table(OutboxList list) => Html($"""
        <table><thead><tr><th class="name">When</th><th>From</th><th>To</th><th>Subject</th></tr></thead><tbody>
        {Each(list.Entries, mail => Html($"""
            <tr><td>{Time(mail.At)}</td><td>{mail.From}</td><td>{mail.To}</td><td><a href="/outbox/{mail.Id}">{Subject(mail.Subject)}</a></td></tr>

            """))}
        </tbody></table>
        """);

    // No scripts, forms or same-origin; links may open a tab that is an ordinary one, or no unsubscribe page would work from here.
    private static IHtmlContent Frame(string html) => Html($"""
        <iframe title="HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{FrameStart + Clip(html)}"></iframe>
        """);

    private static IHtmlContent? Attachments(MimeMessage mail) => mail.Attachments.Any()
        ? Html($"<ul>{Each(mail.Attachments, part => Html($"<li>{FileName(part)} ({part.ContentType.MimeType})</li>"))}</ul>")
        : null;

    private static string FileName(MimeEntity part) => part.ContentDisposition?.FileName ?? part.ContentType.Name ?? "unnamed";

    private static IHtmlContent Row(Header header) => Html($"""
        <tr><th class="name">{header.Field}</th><td>{Clip(header.Value)}</td></tr>

        """);

    private static IHtmlContent? Part(string title, IHtmlContent? content) => content is null ? null : Html($"<h2>{title}</h2>{content}");

    private static IHtmlContent Each<T>(IEnumerable<T> items, Func<T, IHtmlContent> row)
    {
        var rows = new HtmlContentBuilder();
        foreach (var item in items)
        {
            rows.AppendHtml(row(item));
        }

        return rows;
    }

    private static IHtmlContent Html(FormattableString text) =>
        new HtmlFormattableString(CultureInfo.InvariantCulture, text.Format, text.GetArguments());

    private static string Subject(string? subject) => string.IsNullOrWhiteSpace(subject) ? "(no subject)" : subject;

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Clip(string text) => text.Length <= MaxShown ? text : $"{text[..MaxShown]} ... (cut here)";
}
