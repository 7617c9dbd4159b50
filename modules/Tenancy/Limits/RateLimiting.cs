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

    private sealed record Remembered(int? Limit, long ReadAt);

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

        await RefuseAsync(http, caller.Name, permit);
    }

    private async Task<(string Name, int Limit)?> CallerAsync(HttpContext http)
    {
        var address = NetworkOf(http.Connection.RemoteIpAddress.Unmapped());
        if (http.Request.Path.StartsWithSegments("/api/v1/auth"))
        {
            return ($"auth:{address}", options.Value.LogInsPerMinute);
        }

        var scope = http.RequestServices.GetRequiredService<TenantScope>();
        if (scope.TenantId is { } tenant)
        {
            return await LimitAsync(http, tenant) is { } limit ? ($"tenant:{tenant}", limit) : null;
        }

        return (scope.UserId is { } user ? $"user:{user}" : $"anonymous:{address}", options.Value.AnonymousPerMinute);
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

    private async Task<int?> LimitAsync(HttpContext http, Guid tenant)
    {
        if (cache.TryGetValue((nameof(RateLimiting), tenant), out Remembered? known) && changes.HoldsSince(known!.ReadAt, tenant))
        {
            return known.Limit;
        }

        var readAt = changes.Now;
        var access = await http.RequestServices.GetRequiredService<ISender>().Send(new GetApiAccess(), http.RequestAborted);
        cache.Set((nameof(RateLimiting), tenant), new Remembered(access.RequestsPerMinute, readAt), PlanMemory);
        return access.RequestsPerMinute;
    }

    private static void Tell(HttpResponse response, Permit permit)
    {
        response.Headers["RateLimit-Limit"] = Text(permit.Limit);
        response.Headers["RateLimit-Remaining"] = Text(permit.Remaining);
        response.Headers["RateLimit-Reset"] = Text(permit.IsGranted ? 60 : (int)permit.RetryAfter.TotalSeconds);
    }

    private async Task RefuseAsync(HttpContext http, string name, Permit permit)
    {
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = Text((int)permit.RetryAfter.TotalSeconds);
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = 429, Title = $"More than {permit.Limit} requests a minute: try again in {(int)permit.RetryAfter.TotalSeconds} seconds." },
        });
        // Once for each flood, not for each drop.
        if (IsNews(name))
        {
            await http.RequestServices.GetRequiredService<SecurityActs>()
                .PublishAsync(SecurityActKind.ApiRateLimitExceeded, $"more than {permit.Limit} requests a minute", "rate_limit", name);
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
