using FastEndpoints;

namespace PenguinMails.Staff.Features.Audit;

/// <summary>GET /staff/audit-log/verification: goes through the chain now.</summary>
internal static class VerifyAudit
{
    /// <param name="SealedRows">How many rows are in the chain; the newest join it within a minute.</param>
    /// <param name="FirstBreak">Null where all are as they were sealed.</param>
    internal sealed record Response(bool IsIntact, long SealedRows, ChainBreak? FirstBreak);

    internal sealed class Endpoint(AuditChain chain) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/staff/audit-log/verification");
            Policies(Contracts.Permissions.AuditRead);
        }

        public override async Task<Response> ExecuteAsync(CancellationToken ct)
        {
            var found = await chain.FirstBreakAsync(ct);
            return new Response(found is null, await chain.SealedAsync(ct), found);
        }
    }
}
