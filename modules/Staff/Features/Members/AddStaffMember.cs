using FastEndpoints;
using FluentValidation;
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

namespace PenguinMails.Staff.Features.Members;

/// <summary>
/// POST /staff/members: makes somebody who has an account one of the staff. Their permissions open nothing until they have two factors.
/// </summary>
internal static class AddStaffMember
{
    /// <param name="Role">Such as <c>support</c>: GET /staff/roles lists them.</param>
    internal sealed record Request(string Email, string Role, string? Notes);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).NotEmpty().MaximumLength(254);
            RuleFor(request => request.Role).NotEmpty().MaximumLength(50);
            RuleFor(request => request.Notes).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, IMediator modules, StaffActs acts)
        : Endpoint<Request, Results<Created<StaffMemberResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/members");
            Policies(Contracts.Permissions.StaffManage);
        }

        public override async Task<Results<Created<StaffMemberResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.members");
            if (await db.Roles.SingleOrDefaultAsync(row => row.Name == request.Role, ct) is not { } role)
            {
                return Problems.Unprocessable("role", "There is no such role.");
            }

            // Anybody may sign up with any address: only its owner verifies it.
            if (await modules.Send(new FindPerson(request.Email), ct) is not { IsVerified: true } person)
            {
                return Problems.Unprocessable("email", "No account has this address, or it is not verified.");
            }

            db.Members.Add(new StaffMember { UserId = person.UserId, RoleId = role.Id, Notes = request.Notes });
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("This person is of the staff already.");
            }

            await modules.Publish(new AccessChanged(person.UserId), ct);
            await RecordAsync(person.UserId, role.Name);
            return TypedResults.Created(
                $"/api/v1/staff/members/{person.UserId}", await StaffMemberResponse.FindAsync(db, person.UserId, modules, ct));
        }

        private async Task RecordAsync(Guid userId, string role)
        {
            await modules.Send(new RecordAudit("staff.add", "members", userId.ToString())
            {
                Details = new Dictionary<string, string?> { ["role"] = role },
            });
            await acts.PublishAsync(SecurityActKind.RoleChanged, null, "staff_member", userId.ToString(),
                new Dictionary<string, string> { ["role"] = role });
        }
    }
}
