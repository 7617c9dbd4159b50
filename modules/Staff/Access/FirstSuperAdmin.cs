using System.ComponentModel.DataAnnotations;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Access;

/// <summary>Section <c>Staff</c>.</summary>
internal sealed record StaffOptions
{
    public const string Section = "Staff";

    /// <summary>The verified address of an account that becomes super_admin when the host starts, where there is none yet.</summary>
    [EmailAddress]
    public string? FirstSuperAdmin { get; init; }
}

/// <summary>Somebody must be the first: whoever configures the host says who.</summary>
internal sealed class FirstSuperAdmin(IServiceScopeFactory scopes, IOptions<StaffOptions> options, ILogger<FirstSuperAdmin> log) : IHostedService
{
    public async Task StartAsync(CancellationToken ct)
    {
        if (options.Value.FirstSuperAdmin is not { } email)
        {
            return;
        }

        await using var services = scopes.CreateAsyncScope();
        await using var db = services.ServiceProvider.GetRequiredService<PlatformDb<StaffDb>>().Open("staff.members");
        if (await db.Members.AnyAsync(member => member.RoleId == StaffRole.SuperAdmin, ct))
        {
            return;
        }

        if (await services.ServiceProvider.GetRequiredService<ISender>().Send(new FindPerson(email), ct) is not { IsVerified: true } person)
        {
            log.LogWarning("Staff:FirstSuperAdmin has no account with a verified address yet: sign up, verify it and start the host again.");
            return;
        }

        // Two hosts may start at once.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO staff_members (user_id, role_id) VALUES ({person.UserId}, {StaffRole.SuperAdmin})
            ON CONFLICT (user_id) DO UPDATE SET role_id = excluded.role_id
            """,
            ct);
        await services.ServiceProvider.GetRequiredService<IPublisher>().Publish(new AccessChanged(person.UserId), ct);
        log.LogInformation("{UserId} is the first super_admin.", person.UserId);
    }

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;
}
