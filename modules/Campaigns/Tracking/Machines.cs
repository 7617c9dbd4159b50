using Microsoft.AspNetCore.Http;

namespace PenguinMails.Campaigns.Tracking;

/// <summary>
/// Requests of no person: those that only look (HEAD), those made ahead, and scanners that say what they are. They are answered and not
/// counted. Proxies that fetch pictures when somebody reads a message (Google's, Yahoo's) are not among them.
/// </summary>
internal static class Machines
{
    private static readonly string[] Known =
    [
        "bot/", "bot-", "slackbot", "crawler", "spider", "preview", "facebookexternalhit", "whatsapp", "barracuda", "proofpoint", "mimecast",
        "safelinks", "trendmicro", "headlesschrome", "phantomjs", "python-", "curl/", "wget/", "go-http-client", "java/", "okhttp", "libwww-perl",
    ];

    public static bool Sent(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        return HttpMethods.IsHead(request.Method)
            || Known.Any(name => agent.Contains(name, StringComparison.OrdinalIgnoreCase))
            || new[] { "Purpose", "Sec-Purpose", "X-Purpose", "X-Moz" }.Any(header =>
                request.Headers[header].ToString() is { Length: > 0 } value
                && (value.Contains("prefetch", StringComparison.OrdinalIgnoreCase) || value.Contains("preview", StringComparison.OrdinalIgnoreCase)));
    }
}
