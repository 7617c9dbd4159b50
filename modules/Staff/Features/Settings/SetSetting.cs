using System.Text.Json;
using FastEndpoints;
using FluentValidation;
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

/// <summary>PUT /staff/config/{key}: makes or replaces a setting; in force on all hosts within a second.</summary>
internal static class SetSetting
{
    /// <param name="IsSensitive">Null leaves it as it is. A sensitive value is sealed before it reaches the table.</param>
    internal sealed record Request(string Key, JsonElement Value, SettingType? ValueType, string? Description, string? Category, bool? IsSensitive);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Key).Matches("^[a-z0-9][a-z0-9._-]{0,254}$")
                .WithMessage("'key' must be of small letters, digits, dots, dashes and underscores.");
            RuleFor(request => request.ValueType).NotNull();
            RuleFor(request => request.Value)
                .Must((request, value) => request.ValueType is { } type && SettingValues.IsOfType(value, type))
                .WithMessage("'value' must be of the type in valueType.")
                .Must(value => value.ValueKind == JsonValueKind.Undefined || value.GetRawText().Length <= 10_000)
                .WithMessage("'value' must be of at most 10000 characters.");
            RuleFor(request => request.Description).MaximumLength(500);
            RuleFor(request => request.Category).MaximumLength(50);
        }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, SettingValues values, ChangeFeed changes, TenantScope scope, ISender modules)
        : Endpoint<Request, Results<Ok<SettingResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/staff/config/{key}");
            Policies(Contracts.Permissions.ConfigManage);
        }

        public override async Task<Results<Ok<SettingResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.config");
            var row = await db.Settings.SingleOrDefaultAsync(setting => setting.Key == request.Key, ct)
                ?? db.Settings.Add(new SystemSetting { Key = request.Key }).Entity;
            // Of what is or was sensitive nothing is told but that it changed.
            var isTold = !row.IsSensitive && request.IsSensitive != true;
            var old = isTold ? row.Value : "(sensitive)";
            Apply(request, row);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("Somebody else has just set it.");
            }

            await changes.TellAsync(Subjects.Settings);
            await modules.Send(new RecordAudit("config.set", "config", row.Key)
            {
                Details = new Dictionary<string, string?> { ["old"] = old, ["new"] = isTold ? row.Value : "(sensitive)" },
            }, CancellationToken.None);
            return TypedResults.Ok(SettingResponse.Of(row));
        }

        private void Apply(Request request, SystemSetting row)
        {
            row.IsSensitive = request.IsSensitive ?? row.IsSensitive;
            row.Value = values.Store(row.Key, request.Value, row.IsSensitive);
            row.ValueType = request.ValueType!.Value;
            (row.Description, row.Category, row.UpdatedBy) = (request.Description, request.Category, scope.UserId);
        }
    }
}
