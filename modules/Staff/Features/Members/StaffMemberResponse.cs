using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Members;

/// <param name="Email">Null once the account is deleted, and so is the name.</param>
/// <param name="Role">Such as <c>support</c>.</param>
internal sealed record StaffMemberResponse(
    Guid UserId, string? Email, string? Name, int RoleId, string Role, string? Notes, DateTimeOffset Created)
{
    /// <summary>Adds whose account it is.</summary>
    public static async Task<IReadOnlyList<StaffMemberResponse>> NamedAsync(
        IReadOnlyList<StaffMemberResponse> members, ISender modules, CancellationToken ct)
    {
        var people = (await modules.Send(new GetPeople([.. members.Select(member => member.UserId)]), ct)).ToDictionary(person => person.UserId);
        return [.. members.Select(member => people.TryGetValue(member.UserId, out var person)
            ? member with { Email = person.Email, Name = person.Name }
            : member)];
    }

    /// <summary>One member; null when there is none.</summary>
    public static async Task<StaffMemberResponse?> FindAsync(StaffDb db, Guid userId, ISender modules, CancellationToken ct)
    {
        var found = await db.Members.Where(member => member.UserId == userId)
            .Join(db.Roles, member => member.RoleId, role => role.Id, (member, role) => new StaffMemberResponse(
                member.UserId, null, null, role.Id, role.Name, member.Notes, member.Created))
            .ToListAsync(ct);
        return (await NamedAsync(found, modules, ct)).SingleOrDefault();
    }
}
