namespace PenguinMails.Tenancy;

/// <summary>A person's place in a tenant (table <c>tenant_users</c>). Without a role it waits for an administrator's approval.</summary>
internal sealed class Membership
{
    public const string Owner = "owner";
    public const string Admin = "admin";
    public const string Member = "member";
    public const string Viewer = "viewer";

    /// <summary>From the strongest to the weakest.</summary>
    public static readonly string[] AllRoles = [Owner, Admin, Member, Viewer];

    public required Guid TenantId { get; init; }
    public required Guid UserId { get; init; }
    public required string[] Roles { get; set; }
    public required string Email { get; set; }
    public DateTimeOffset Created { get; private set; }
    public DateTimeOffset? Deleted { get; set; }

    public bool IsOwner => Roles.Contains(Owner);

    /// <summary>Whether somebody with <paramref name="own"/> roles may give or take <paramref name="roles"/>: nobody may what they are not.</summary>
    public static bool MayGive(IEnumerable<string> own, IEnumerable<string> roles) => roles.All(role => RankOf(own) <= RankOf([role]));

    private static int RankOf(IEnumerable<string> roles) =>
        roles.Select(role => Array.IndexOf(AllRoles, role)).DefaultIfEmpty(AllRoles.Length).Min();
}
