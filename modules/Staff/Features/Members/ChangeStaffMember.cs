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
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Members;

/// <summary>PUT /staff/members/{userId}: role and notes, in force at once. Nobody changes their own role.</summary>
internal static class ChangeStaffMember
{
    internal sealed record Request(Guid UserId, string Role, string? Notes);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Role).NotEmpty().MaximumLength(50);
            RuleFor(request => request.Notes).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, TenantScope scope, IMediator modules, StaffActs acts)
        : Endpoint<Request, Results<Ok<StaffMemberResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/staff/members/{userId}");
            Policies(Contracts.Permissions.StaffManage);
        }

        public override async Task<Results<Ok<StaffMemberResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.members");
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            await Succession.LockAsync(db, ct);
            if (await db.Members.SingleOrDefaultAsync(row => row.UserId == request.UserId, ct) is not { } member)
            {
                return Problems.NotFound("Member");
            }

            var roles = await db.Roles.ToDictionaryAsync(row => row.Id, row => row.Name, ct);
            if (roles.SingleOrDefault(role => role.Value == request.Role) is not { Key: > 0 } wanted)
            {
                return Problems.Unprocessable("role", "There is no such role.");
            }

            var old = member.RoleId;
            if (old != wanted.Key && await WhyNotAsync(db, member, ct) is { } problem)
            {
                return problem;
            }

            (member.RoleId, member.Notes) = (wanted.Key, request.Notes);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            await TellAsync(request.UserId, $"{roles[old]} -> {wanted.Value}", ct);
            return TypedResults.Ok(await StaffMemberResponse.FindAsync(db, request.UserId, modules, ct));
        }

        private async Task<ProblemHttpResult?> WhyNotAsync(StaffDb db, StaffMember member, CancellationToken ct) =>
            member.UserId == scope.UserId ? Problems.Conflict("Nobody changes their own role: ask another super_admin.")
            : await Succession.NeedsAsync(db, member, ct) ? Succession.LastOne()
            : null;

        private async Task TellAsync(Guid userId, string role, CancellationToken ct)
        {
            await modules.Publish(new AccessChanged(userId), ct);
            await modules.Send(new RecordAudit("staff.change", "members", userId.ToString())
            {
                Details = new Dictionary<string, string?> { ["role"] = role },
            }, CancellationToken.None);
            await acts.PublishAsync(SecurityActKind.RoleChanged, null, "staff_member", userId.ToString(),
                new Dictionary<string, string> { ["role"] = role });
        }
    }
}
