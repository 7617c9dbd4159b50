using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PenguinMails.Campaigns.Tracking;

/// <summary>A page for whoever received a message: no script, nothing from elsewhere, kept and found by nobody.</summary>
internal static class RecipientPage
{
    private const string Style =
        "body{font:1.1rem/1.5 sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fff}"
        + "button{font:inherit;padding:.6rem 1.2rem;margin:.3rem 0}";

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <param name="content">HTML, its values encoded.</param>
    public static IResult Of(HttpContext http, string title, string content, int status = StatusCodes.Status200OK)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        return Results.Content($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex, nofollow"><title>{title}</title><style>{Style}</style></head>
            <body><main><h1>{title}</h1>
            {content}
            </main></body></html>
            """, "text/html; charset=utf-8", statusCode: status);
    }
}
