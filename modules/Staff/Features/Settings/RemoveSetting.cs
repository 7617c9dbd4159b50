using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Settings;

/// <summary>DELETE /staff/config/{key}: what asks for it falls back to its default within a second.</summary>
internal static class RemoveSetting
{
    internal sealed record Request(string Key);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ChangeFeed changes, ISender modules)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/config/{key}");
            Policies(Contracts.Permissions.ConfigManage);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.config");
            if (await db.Settings.Where(row => row.Key == request.Key).ExecuteDeleteAsync(ct) == 0)
            {
                return Problems.NotFound("Setting");
            }

            await changes.TellAsync(Subjects.Settings);
            await modules.Send(new RecordAudit("config.remove", "config", request.Key), CancellationToken.None);
            return TypedResults.NoContent();
        }
    }
}
