using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Security.CrossTenant;

/// <summary>
/// Notices who reaches for another tenant's rows: PostgreSQL refused a write, or a request for an id was answered with 404, which
/// <see cref="StrangeIds"/> looks into afterwards.
/// </summary>
internal sealed class CrossTenantAttempts(RequestDelegate next, StrangeIds strangeIds)
{
    public async Task InvokeAsync(HttpContext http, TenantScope scope, IPublisher modules)
    {
        try
        {
            await next(http);
        }
        catch (Exception exception) when (TenantRefusal.Of(exception) is { } refused)
        {
            await modules.Publish(
                ActOf(http, scope) with
                {
                    Failure = TenantRefusal.IsOfPolicy(refused) ? "row-level security refused the row" : $"the key {refused.ConstraintName} refused the row",
                    // PostgreSQL names the table of a policy in its message only.
                    ResourceType = refused.TableName ?? "endpoint",
                    ResourceId = refused.TableName is null ? $"{http.Request.Method} {http.Request.Path}" : null,
                    Details = new Dictionary<string, string> { ["refusal"] = refused.MessageText },
                },
                CancellationToken.None);
            throw;
        }

        // Staff ask for any tenant's.
        if (http.Response.StatusCode == StatusCodes.Status404NotFound && scope.TenantId is not null && !http.Request.Path.StartsWithSegments("/api/v1/staff"))
        {
            strangeIds.LookInto(ActOf(http, scope), http.GetRouteData().Values.Values);
        }
    }

    private static SecurityAct ActOf(HttpContext http, TenantScope scope) => new(SecurityActKind.CrossTenantAccessAttempt)
    {
        UserId = scope.UserId,
        TenantId = scope.TenantId,
        Address = http.Connection.RemoteIpAddress,
        UserAgent = http.Request.Headers.UserAgent,
    };
}
