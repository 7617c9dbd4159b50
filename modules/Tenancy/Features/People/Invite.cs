using System.Security.Cryptography;
using FastEndpoints;
using FluentValidation;
using Hangfire;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;
using PenguinMails.Tenancy.Features.Auth;

namespace PenguinMails.Tenancy.Features.People;

/// <summary>
/// POST /invitations: mails somebody a link into the tenant. Members may invite members and viewers where the policy lets them, and
/// unless it approves by itself, an administrator approves whom they invited.
/// </summary>
internal static class Invite
{
    // It is mailed in the platform's name, to whomever.
    private const int MostPerDay = 100;

    internal sealed record Request(string Email, string[] Roles, Guid? CompanyId);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).AsEmail();
            RuleFor(request => request.Roles).NotEmpty();
            RuleForEach(request => request.Roles).OneOf(Membership.AllRoles);
        }
    }

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, Ownership ownership, Seats seats, ISender modules, SecurityActs acts, IBackgroundJobClient jobs,
        IOptions<AccountOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Created<ListInvitations.Item>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/invitations");
            Policies(AccessPolicies.MemberPerson);
        }

        public override async Task<Results<Created<ListInvitations.Item>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var policies = await db.Policies.AsNoTracking().SingleAsync(ct);
            var isAdmin = Membership.MayGive(User.Roles(), [Membership.Admin]);
            if (!(isAdmin || policies.CompanyAllowMemberInvites) || !Membership.MayGive(User.Roles(), request.Roles))
            {
                return await acts.RefuseAsync("Your role does not allow this invitation.");
            }

            var allowance = await modules.Send(new RequireAllowance(PlanLimit.Users), ct);
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            // Counted one after the other: the plan's limit holds.
            await ownership.LockAsync(ct);
            if (await RefusalAsync(request, allowance, ct) is { } problem)
            {
                return problem;
            }

            var now = clock.GetUtcNow();
            var invitation = new Invitation
            {
                Id = Guid.CreateVersion7(),
                TenantId = scope.RequiredTenantId,
                CompanyId = request.CompanyId,
                Email = request.Email.ToLowerInvariant(),
                Roles = [.. request.Roles.Distinct()],
                TokenHash = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes),
                InvitedBy = scope.UserId,
                Created = now,
                Expires = now.AddDays(options.Value.InvitationDays),
                NeedsApproval = !isAdmin && !policies.CompanyAutoApproveMembers,
            };
            db.Invitations.Add(invitation);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("This address has an open invitation already: send it again, or revoke it.");
            }

            await transaction.CommitAsync(ct);
            jobs.Enqueue<AccountMail>(mail => mail.InviteAsync(invitation.TenantId, invitation.Id, CancellationToken.None));
            return TypedResults.Created("/api/v1/invitations", ListInvitations.Item.Of(invitation, now));
        }

        private async Task<ProblemHttpResult?> RefusalAsync(Request request, Allowance allowance, CancellationToken ct)
        {
            var (email, now) = (request.Email.ToLowerInvariant(), clock.GetUtcNow());
            if (request.CompanyId is { } company && !await db.Companies.AnyAsync(row => row.Id == company, ct))
            {
                return Problems.NotFound("Company");
            }

            if (await db.Memberships.AnyAsync(row => row.TenantId == scope.TenantId && row.Email.ToLower() == email, ct))
            {
                return Problems.Conflict("This person is in the tenant already.");
            }

            if (await db.Invitations.CountAsync(row => row.Created > now.AddDays(-1), ct) >= MostPerDay)
            {
                return Problems.Unprocessable("email", $"A tenant invites {MostPerDay} people a day at most.");
            }

            // An expired one makes room.
            await db.Invitations.Where(row => row.Email == email && row.Accepted == null && row.Revoked == null && row.Expires <= now)
                .ExecuteUpdateAsync(row => row.SetProperty(invitation => invitation.Revoked, now), ct);
            return allowance.Refuse(await seats.CountAsync(ct))?.ToProblem("email");
        }
    }
}
