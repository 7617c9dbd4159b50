using FastEndpoints;
using Microsoft.AspNetCore.Http;

namespace PenguinMails.Campaigns.Tracking;

/// <summary>GET /t/o/{token}: the 1x1 gif of a message, which tells that it was opened. What is no token of ours gets the same gif.</summary>
internal static class OpenMessage
{
    private static readonly byte[] Gif = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    internal sealed record Request(string Token);

    internal sealed class Endpoint(TrackingTokens tokens, Visits visits) : Endpoint<Request, IResult>
    {
        public override void Configure()
        {
            Verbs(Http.GET, Http.HEAD);
            Routes("/t/o/{token}");
            RoutePrefixOverride("");
            AllowAnonymous();
            // Called by readers of mail, not by programs.
            Options(route => route.ExcludeFromDescription());
        }

        public override async Task<IResult> ExecuteAsync(Request request, CancellationToken ct)
        {
            // Each time it is shown it is to be asked for.
            HttpContext.Response.Headers.CacheControl = "no-store, no-cache, must-revalidate, private, max-age=0";
            HttpContext.Response.Headers.Pragma = "no-cache";
            HttpContext.Response.Headers["X-Robots-Tag"] = "noindex, nofollow";
            if (!Machines.Sent(HttpContext.Request) && tokens.ReadOpen(request.Token) is { } message)
            {
                await visits.OpenedAsync(message, ct);
            }

            return Results.Bytes(Gif, "image/gif");
        }
    }
}
