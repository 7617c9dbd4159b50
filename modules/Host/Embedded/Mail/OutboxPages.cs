using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Http.HttpResults;
using MimeKit;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>GET /outbox: the mail the sink has taken. Every value comes from a stranger: <see cref="OutboxHtml"/> encodes them all.</summary>
internal static class OutboxPages
{
    private const int PageSize = 50;

    public static void MapOutbox(this IEndpointRouteBuilder app, Outbox outbox)
    {
        var pages = app.MapGroup("/outbox").AllowAnonymous().ExcludeFromDescription().AddEndpointFilter(AddHeadersAsync);
        pages.MapGet("", (string? before, CancellationToken ct) => ListAsync(outbox, before, ct));
        pages.MapGet("{id}", (string id, CancellationToken ct) => ShowAsync(outbox, id, ct));
        pages.MapGet("{id}/raw", (string id) => Raw(outbox, id));
    }

    private static ValueTask<object?> AddHeadersAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        // Inline styles are allowed for the sake of the mail's own HTML; nothing is fetched, so no tracking pixel reports a reader.
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        return next(context);
    }

    private static async Task<Results<ContentHttpResult, NotFound>> ListAsync(Outbox outbox, string? before, CancellationToken ct)
    {
        if (before is not null && !OutboxIds.IsId(before))
        {
            return TypedResults.NotFound();
        }

        return Page(OutboxHtml.List(await outbox.ListAsync(before, PageSize, ct), first: before is null));
    }

    private static async Task<Results<ContentHttpResult, NotFound>> ShowAsync(Outbox outbox, string id, CancellationToken ct)
    {
        await using var file = outbox.Open(id);
        if (file is null)
        {
            return TypedResults.NotFound();
        }

        try
        {
            return Page(OutboxHtml.Mail(id, await MimeMessage.LoadAsync(file, ct)));
        }
        catch (FormatException)
        {
            return Page(OutboxHtml.Unreadable(id));
        }
    }

    private static Results<FileStreamHttpResult, NotFound> Raw(Outbox outbox, string id) =>
        outbox.Open(id) is { } file ? TypedResults.Stream(file, "message/rfc822", $"{id}.eml") : TypedResults.NotFound();

    private static ContentHttpResult Page(IHtmlContent html)
    {
        using var text = new StringWriter();
        html.WriteTo(text, HtmlEncoder.Default);
        return TypedResults.Content(text.ToString(), "text/html; charset=utf-8");
    }
}
