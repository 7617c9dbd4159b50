using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Security.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Security.Features;

/// <summary>GET /staff/security-events/verification: whether the chain of sealed events holds, and where it first does not.</summary>
internal static class VerifySecurityEvents
{
    /// <param name="Sealed">Events in the chain.</param>
    /// <param name="Unsealed">Events that came since the last sealing.</param>
    internal sealed record Response(bool IsIntact, long Sealed, long Unsealed, BrokenLink? FirstBroken);

    internal sealed class Endpoint(PlatformDb<SecurityDb> platform) : EndpointWithoutRequest<Ok<Response>>
    {
        public override void Configure()
        {
            Get("/staff/security-events/verification");
            Policies(Staff.Contracts.Permissions.SecurityRead);
        }

        public override async Task<Ok<Response>> ExecuteAsync(CancellationToken ct)
        {
            await using var db = platform.Open("staff.security-events");
            var broken = await db.FirstBrokenAsync(ct);
            var all = await db.Events.LongCountAsync(ct);
            var open = await db.Events.LongCountAsync(occurred => occurred.ChainPosition == null, ct);
            return TypedResults.Ok(new Response(broken is null, all - open, open, broken));
        }
    }
}
