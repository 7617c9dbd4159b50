using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Members;

/// <summary>GET /staff/members/{userId}</summary>
internal static class ReadStaffMember
{
    internal sealed record Request(Guid UserId);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ISender modules)
        : Endpoint<Request, Results<Ok<StaffMemberResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/members/{userId}");
            Policies(Contracts.Permissions.StaffRead);
        }

        public override async Task<Results<Ok<StaffMemberResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.members");
            return await StaffMemberResponse.FindAsync(db, request.UserId, modules, ct) is { } member
                ? TypedResults.Ok(member)
                : Problems.NotFound("Member");
        }
    }
}
