using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using MimeKit;
using MimeKit.IO;
using PenguinMails.Campaigns.Inbox;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>GET /inbox/threads/{id}/messages/{messageId}: all of a message; its HTML is safe to show.</summary>
internal static class GetThreadMessage
{
    internal sealed record Request(Guid Id, Guid MessageId);

    internal sealed record HeaderLine(string Name, string Value);

    /// <param name="Index">What it is downloaded by.</param>
    /// <param name="Size">Bytes.</param>
    internal sealed record AttachmentItem(int Index, string? Name, string ContentType, long Size);

    internal sealed record Response(
        Guid Id, string? Subject, string? Text, string? Html, IReadOnlyList<HeaderLine> Headers, IReadOnlyList<AttachmentItem> Attachments);

    internal sealed class Endpoint(ThreadMessages messages) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/inbox/threads/{id}/messages/{messageId}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await messages.FindAsync(request.Id, request.MessageId, ct) is not { } raw)
            {
                return Problems.NotFound("Message");
            }

            using var message = ThreadMessages.Parse(raw, ct);
            return TypedResults.Ok(new Response(
                request.MessageId, message.Subject, message.TextBody, message.HtmlBody is { Length: < MostHtml } html && HtmlDepth.Refuse(html) is null ? PreviewHtml.Sanitise(html) : null,
                [.. message.Headers.Select(header => new HeaderLine(header.Field, header.Value))],
                [.. ThreadMessages.AttachmentsOf(message).Select((part, index) => new AttachmentItem(index, NameOf(part), part.ContentType.MimeType, SizeOf(part, ct)))]));
        }

        // A stranger wrote it: what takes a parser ever longer is shown as text alone.
        private const int MostHtml = 2_000_000;

        private static long SizeOf(MimeEntity part, CancellationToken ct)
        {
            using var size = new MeasuringStream();
            DownloadAttachment.Write(part, size, ct);
            return size.Length;
        }
    }

    internal static string? NameOf(MimeEntity part) => part.ContentDisposition?.FileName ?? part.ContentType.Name;
}

/// <summary>GET /inbox/threads/{id}/messages/{messageId}/raw: the message as it came or left.</summary>
internal static class DownloadMessage
{
    internal sealed class Endpoint(ThreadMessages messages) : Endpoint<GetThreadMessage.Request, Results<FileContentHttpResult, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/inbox/threads/{id}/messages/{messageId}/raw");
            Policies(AccessPolicies.Viewer);
            Description(route => route.Produces(200, contentType: "message/rfc822"));
        }

        public override async Task<Results<FileContentHttpResult, ProblemHttpResult>> ExecuteAsync(GetThreadMessage.Request request, CancellationToken ct) =>
            await messages.FindAsync(request.Id, request.MessageId, ct) is { } raw
                ? TypedResults.File(raw, "message/rfc822", $"{request.MessageId}.eml")
                : Problems.NotFound("Message");
    }
}

/// <summary>GET /inbox/threads/{id}/messages/{messageId}/attachments/{index}: for the disk, never for the browser to show.</summary>
internal static class DownloadAttachment
{
    internal sealed record Request(Guid Id, Guid MessageId, int Index);

    internal sealed class Endpoint(ThreadMessages messages) : Endpoint<Request, Results<FileContentHttpResult, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/inbox/threads/{id}/messages/{messageId}/attachments/{index}");
            Policies(AccessPolicies.Viewer);
            Description(route => route.Produces(200, contentType: "application/octet-stream"));
        }

        public override async Task<Results<FileContentHttpResult, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await messages.FindAsync(request.Id, request.MessageId, ct) is not { } raw)
            {
                return Problems.NotFound("Message");
            }

            using var message = ThreadMessages.Parse(raw, ct);
            if (request.Index < 0 || ThreadMessages.AttachmentsOf(message).ElementAtOrDefault(request.Index) is not { } part)
            {
                return Problems.NotFound("Attachment");
            }

            using var content = new MemoryStream();
            Write(part, content, ct);
            // Whatever its sender calls it: a browser must not take it for a page of ours.
            HttpContext.Response.Headers.XContentTypeOptions = "nosniff";
            return TypedResults.File(content.ToArray(), "application/octet-stream", GetThreadMessage.NameOf(part) ?? $"attachment-{request.Index}");
        }
    }

    internal static void Write(MimeEntity part, Stream into, CancellationToken ct)
    {
        if (part is MimePart { Content: { } content })
        {
            content.DecodeTo(into, ct);
        }
        else if (part is MimeKit.MessagePart { Message: { } message })
        {
            message.WriteTo(into, ct);
        }
    }
}
