using FastEndpoints;
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

namespace PenguinMails.Tenancy.Features.People;

/// <summary>POST /invitations/{id}/resend: a new link for another seven days; the earlier one no longer works.</summary>
internal static class ResendInvitation
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, Ownership ownership, Seats seats, ISender modules, SecurityActs acts, IBackgroundJobClient jobs,
        IOptions<AccountOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Accepted<ListInvitations.Item>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/invitations/{id}/resend");
            Policies(AccessPolicies.MemberPerson);
        }

        public override async Task<Results<Accepted<ListInvitations.Item>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Invitations.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } invitation)
            {
                return Problems.NotFound("Invitation");
            }

            if (invitation.InvitedBy != scope.UserId && !Membership.MayGive(User.Roles(), [Membership.Admin]))
            {
                return await acts.RefuseAsync("This is another's invitation.", "invitation", invitation.Id);
            }

            if (invitation.Accepted is not null || invitation.Revoked is not null)
            {
                return Problems.Conflict("It was accepted or revoked.");
            }

            var (now, life) = (clock.GetUtcNow(), TimeSpan.FromDays(options.Value.InvitationDays));
            if (invitation.Expires - life > now.AddMinutes(-1))
            {
                return Problems.Conflict("It was sent less than a minute ago.");
            }

            var allowance = await modules.Send(new RequireAllowance(PlanLimit.Users), ct);
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            await ownership.LockAsync(ct);
            // One that has run out takes its seat anew.
            if (invitation.Expires <= now && allowance.Refuse(await seats.CountAsync(ct)) is { } refusal)
            {
                return refusal.ToProblem("id");
            }

            invitation.Expires = now + life;
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            jobs.Enqueue<AccountMail>(mail => mail.InviteAsync(invitation.TenantId, invitation.Id, CancellationToken.None));
            return TypedResults.Accepted((string?)null, ListInvitations.Item.Of(invitation, now));
        }
    }
}
