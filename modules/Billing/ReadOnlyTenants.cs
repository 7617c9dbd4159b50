using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Billing;

/// <summary>
/// Refuses writes of a tenant whose subscription is not in force, with 402; reading and exporting go on. In one place, so that no endpoint
/// can forget to. Links in mail, such as those to unsubscribe, and Stripe's events are not below /api.
/// </summary>
internal sealed class ReadOnlyTenants(ChangeFeed changes) : IMiddleware
{
    // How one gets back: pay, or leave. Keys, to revoke them. The person's own account, and what staff do, are not the tenant's.
    private static readonly string[] Open =
    [
        "/api/v1/subscription", "/api/v1/payments", "/api/v1/tenant-config", "/api/v1/tenant/deletion", "/api/v1/auth", "/api/v1/account",
        "/api/v1/user-preferences", "/api/v1/tenants", "/api/v1/api-keys", "/api/v1/staff",
    ];

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var scope = http.RequestServices.GetRequiredService<TenantScope>();
        if (scope.TenantId is { } tenant && IsWrite(http.Request) && await StatusAsync(http, tenant) is { } status)
        {
            await RefuseAsync(http, status);
            return;
        }

        await next(http);
    }

    private static bool IsWrite(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method)
        && request.Path.StartsWithSegments("/api") && !Array.Exists(Open, path => request.Path.StartsWithSegments(path));

    // Null while it is in force, and before it has begun.
    private Task<SubscriptionStatus?> StatusAsync(HttpContext http, Guid tenant) => changes.RememberAsync(
        (nameof(ReadOnlyTenants), tenant), [tenant],
        async () => await http.RequestServices.GetRequiredService<BillingDb>().CurrentSubscriptionAsync(http.RequestAborted) is { IsInForce: false } current
            ? current.Status
            : (SubscriptionStatus?)null);

    private static async Task RefuseAsync(HttpContext http, SubscriptionStatus status)
    {
        http.Response.StatusCode = StatusCodes.Status402PaymentRequired;
        var title = status == SubscriptionStatus.Unpaid
            ? "The subscription is unpaid: everything is read-only until it is paid."
            : "The subscription has ended: everything is read-only until there is a new one.";
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = 402, Title = title, Extensions = { ["reason"] = $"subscription_{SnakeCase.Of(status)}" } },
        });
    }
}
