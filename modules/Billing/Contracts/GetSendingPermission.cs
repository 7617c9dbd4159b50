using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Contracts;

/// <summary>May the current tenant send mail now, and how much?</summary>
/// <param name="StoredBytes">What its mail takes, where what is sent is kept too and must have room; absent: it is not kept.</param>
public sealed record GetSendingPermission(long? StoredBytes = null) : IRequest<SendingPermission>;

/// <summary>Billing's yes or no.</summary>
/// <param name="MaySend">False without a subscription, while it is unpaid or canceled, and when the month's quota or the storage is used up.</param>
/// <param name="Reason">For people; null when sending is allowed.</param>
/// <param name="LeftThisMonth">Messages left of the plan's quota until the month (UTC) ends; null is unlimited, 0 with every no.</param>
public sealed record SendingPermission(bool MaySend, string? Reason, long? LeftThisMonth)
{
    /// <summary>The subscription's no; null where sending is allowed, or the tenant is closed.</summary>
    public PlanRefusal? Refusal { get; init; }

    /// <summary>The no as a problem, of the field <c>subscription</c>.</summary>
    public ProblemHttpResult ToProblem() => Refusal?.ToProblem("subscription") ?? Problems.Unprocessable("subscription", Reason!);
}
