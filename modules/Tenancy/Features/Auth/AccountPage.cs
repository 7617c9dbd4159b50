using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>GET /account: the page that links in account mail lead to. What is behind the # says what for; only a button acts on it.</summary>
internal static class AccountPage
{
    private static readonly string Html = Read();

    internal sealed class Endpoint : EndpointWithoutRequest<ContentHttpResult>
    {
        public override void Configure()
        {
            Get("/account");
            RoutePrefixOverride("");
            AllowAnonymous();
            Options(route => route.ExcludeFromDescription());
        }

        public override Task<ContentHttpResult> ExecuteAsync(CancellationToken ct)
        {
            HttpContext.Response.Headers["Referrer-Policy"] = "no-referrer";
            HttpContext.Response.Headers.CacheControl = "no-store";
            HttpContext.Response.Headers.ContentSecurityPolicy =
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'";
            return Task.FromResult(TypedResults.Content(Html, "text/html; charset=utf-8"));
        }
    }

    private static string Read()
    {
        using var file = typeof(AccountPage).Assembly.GetManifestResourceStream("account.html")!;
        return new StreamReader(file).ReadToEnd();
    }
}
