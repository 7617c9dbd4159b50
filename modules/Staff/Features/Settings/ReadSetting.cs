using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Settings;

/// <summary>GET /staff/config/{key}: one setting; with ?reveal=true a sensitive value in clear, for who may read those, which is recorded.</summary>
internal static class ReadSetting
{
    internal sealed record Request
    {
        public required string Key { get; init; }

        [QueryParam]
        public bool Reveal { get; init; }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, SettingValues values, ISender modules, StaffActs acts)
        : Endpoint<Request, Results<Ok<SettingResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/config/{key}");
            Policies(Contracts.Permissions.ConfigRead);
        }

        public override async Task<Results<Ok<SettingResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.Reveal && !User.May(Contracts.Permissions.ConfigReadSensitive))
            {
                return TypedResults.Problem(title: "Your role does not read sensitive settings.", statusCode: StatusCodes.Status403Forbidden);
            }

            await using var db = platform.Open("staff.config");
            if (await db.Settings.AsNoTracking().SingleOrDefaultAsync(row => row.Key == request.Key, ct) is not { } setting)
            {
                return Problems.NotFound("Setting");
            }

            if (!request.Reveal || !setting.IsSensitive)
            {
                return TypedResults.Ok(SettingResponse.Of(setting));
            }

            await RecordAsync(setting.Key);
            return TypedResults.Ok(SettingResponse.Of(setting, values.Read(setting)));
        }

        private async Task RecordAsync(string key)
        {
            await modules.Send(new RecordAudit("config.reveal", "config", key), CancellationToken.None);
            await acts.PublishAsync(SecurityActKind.ConfigSensitiveRead, null, "system_config", key);
        }
    }
}
