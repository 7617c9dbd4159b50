using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Limits;

/// <summary>
/// Limits the API: log-ins and strangers by address, everybody else by the plan of their tenant. Links in mail and health checks
/// are not limited: providers ask for them from a few addresses on behalf of many.
/// </summary>
internal sealed class RateLimiting(SlidingWindow window, ChangeFeed changes, IOptions<RateLimitOptions> options, IMemoryCache cache) : IMiddleware
{
    // A plan that changes without a word to ChangeFeed is noticed after this.
    private static readonly TimeSpan PlanMemory = TimeSpan.FromSeconds(30);

    private sealed record Remembered(ApiAccess Access, long ReadAt);

    /// <param name="Plan">The tenant's, by name; null where no plan sets the limit.</param>
    private sealed record Caller(string Name, int Limit, string? Plan = null);

    private readonly Lock _telling = new();

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments("/api") || await CallerAsync(http) is not { } caller)
        {
            await next(http);
            return;
        }

        var permit = await window.TakeAsync(caller.Name, caller.Limit);
        Tell(http.Response, permit);
        if (permit.IsGranted)
        {
            await next(http);
            return;
        }

        await RefuseAsync(http, caller, permit);
    }

    private async Task<Caller?> CallerAsync(HttpContext http)
    {
        var address = NetworkOf(http.Connection.RemoteIpAddress.Unmapped());
        if (http.Request.Path.StartsWithSegments("/api/v1/auth"))
        {
            return new Caller($"auth:{address}", options.Value.LogInsPerMinute);
        }

        var scope = http.RequestServices.GetRequiredService<TenantScope>();
        if (scope.TenantId is { } tenant)
        {
            return await AccessAsync(http, tenant) is { RequestsPerMinute: { } limit } access ? new Caller($"tenant:{tenant}", limit, access.Plan) : null;
        }

        return new Caller(scope.UserId is { } user ? $"user:{user}" : $"anonymous:{address}", options.Value.AnonymousPerMinute);
    }

    // One household or machine has a whole /64 of IPv6 to call from.
    private static IPAddress? NetworkOf(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes);
    }

    private async Task<ApiAccess> AccessAsync(HttpContext http, Guid tenant)
    {
        if (cache.TryGetValue((nameof(RateLimiting), tenant), out Remembered? known) && changes.HoldsSince(known!.ReadAt, tenant))
        {
            return known.Access;
        }

        var readAt = changes.Now;
        var access = await http.RequestServices.GetRequiredService<ISender>().Send(new GetApiAccess(), http.RequestAborted);
        cache.Set((nameof(RateLimiting), tenant), new Remembered(access, readAt), PlanMemory);
        return access;
    }

    private static void Tell(HttpResponse response, Permit permit)
    {
        response.Headers["RateLimit-Limit"] = Text(permit.Limit);
        response.Headers["RateLimit-Remaining"] = Text(permit.Remaining);
        response.Headers["RateLimit-Reset"] = Text(permit.IsGranted ? 60 : (int)permit.RetryAfter.TotalSeconds);
    }

    private async Task RefuseAsync(HttpContext http, Caller caller, Permit permit)
    {
        var retry = (int)permit.RetryAfter.TotalSeconds;
        var rule = caller.Plan is { } plan ? $"The plan {plan} allows {permit.Limit} requests a minute" : $"More than {permit.Limit} requests a minute";
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = Text(retry);
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = 429, Title = $"{rule}: try again in {retry} seconds." },
        });
        // Once for each flood, not for each drop.
        if (IsNews(caller.Name))
        {
            await http.RequestServices.GetRequiredService<SecurityActs>()
                .PublishAsync(SecurityActKind.ApiRateLimitExceeded, $"more than {permit.Limit} requests a minute", "rate_limit", caller.Name);
        }
    }

    private bool IsNews(string name)
    {
        lock (_telling)
        {
            var isNews = !cache.TryGetValue((nameof(IsNews), name), out _);
            if (isNews)
            {
                cache.Set((nameof(IsNews), name), true, TimeSpan.FromMinutes(1));
            }

            return isNews;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
