using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Campaigns.Tracking;

/// <summary>GET /t/c/{token}: leads on to the URL in the signed token, and nowhere else. What is no token of ours is not found.</summary>
internal static class FollowLink
{
    internal sealed record Request(string Token);

    internal sealed class Endpoint(TrackingTokens tokens, Visits visits, ILogger<Endpoint> log) : Endpoint<Request, IResult>
    {
        public override void Configure()
        {
            Verbs(Http.GET, Http.HEAD);
            Routes("/t/c/{token}");
            RoutePrefixOverride("");
            AllowAnonymous();
            // Called by readers of mail, not by programs.
            Options(route => route.ExcludeFromDescription());
        }

        public override async Task<IResult> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (tokens.ReadClick(request.Token) is not var (message, url) || !WebUrl.IsOne(url))
            {
                return RecipientPage.Of(HttpContext, "Link not valid", "<p>This link is not valid.</p>", StatusCodes.Status404NotFound);
            }

            if (!Machines.Sent(HttpContext.Request))
            {
                await RecordAsync(message, url, ct);
            }

            HttpContext.Response.Headers.CacheControl = "no-store";
            HttpContext.Response.Headers["X-Robots-Tag"] = "noindex, nofollow";
            return Results.Redirect(WebUrl.ForHeader(url));
        }

        // Whoever follows a link gets there, whatever becomes of the count.
        private async Task RecordAsync(TrackedMessage message, string url, CancellationToken ct)
        {
            try
            {
                await visits.ClickedAsync(message, url, ct);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                log.LogError(exception, "A click on message {MessageId} was not recorded.", message.MessageId);
            }
        }
    }
}
