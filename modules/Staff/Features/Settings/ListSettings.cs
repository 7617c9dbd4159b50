using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Settings;

/// <summary>GET /staff/config: the platform's settings by key, sensitive values masked. They are few: always one page.</summary>
internal static class ListSettings
{
    internal sealed record Request
    {
        [QueryParam]
        public string? Category { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Category).MaximumLength(50);
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : Endpoint<Request, Page<SettingResponse>>
    {
        public override void Configure()
        {
            Get("/staff/config");
            Policies(Contracts.Permissions.ConfigRead);
        }

        public override async Task<Page<SettingResponse>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.config");
            var rows = await db.Settings.AsNoTracking()
                .Where(row => request.Category == null || row.Category == request.Category)
                .OrderBy(row => row.Key)
                .ToListAsync(ct);
            return new Page<SettingResponse>([.. rows.Select(SettingResponse.Of)], null);
        }
    }
}
