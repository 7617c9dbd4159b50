using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>What the current person may do to the platform itself, as one of its staff. Answered by Staff.</summary>
/// <returns>Names such as <c>tenants.read</c>; empty for everybody else.</returns>
public sealed record GetPermissions : IRequest<IReadOnlyList<string>>;

/// <summary>The claim that a permission becomes, for those with two factors.</summary>
public static class PermissionClaim
{
    public const string Type = "permission";
}
