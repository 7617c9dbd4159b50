using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>
/// GET /leads/imports/{id}/progress: server-sent events, <c>progress</c> once a second, and at last one named as the import ended:
/// <c>completed</c>, <c>failed</c> or <c>canceled</c>.
/// </summary>
internal static class StreamImport
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db, StreamPermit permit, IHostApplicationLifetime lifetime, TimeProvider clock)
        : Endpoint<Request, Results<ServerSentEventsResult<ImportView>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/leads/imports/{id}/progress");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<ServerSentEventsResult<ImportView>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Imports.AnyAsync(row => row.Id == request.Id, ct)
                ? TypedResults.ServerSentEvents(FollowAsync(request.Id, ct))
                : Problems.NotFound("Import");

        private async IAsyncEnumerable<SseItem<ImportView>> FollowAsync(Guid id, [EnumeratorCancellation] CancellationToken ct)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
            do
            {
                if (await db.Imports.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct) is not { } import)
                {
                    yield break;
                }

                yield return new SseItem<ImportView>(ImportView.Of(import, clock.GetUtcNow()), import.IsOver ? SnakeCase.Of(import.Status) : "progress");
                if (import.IsOver)
                {
                    yield break;
                }
            }
            while (await permit.MayGoOnAsync(HttpContext, AccessPolicies.Viewer, over.Token));
        }
    }
}
