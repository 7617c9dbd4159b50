using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Staff;

internal sealed class FindPeopleHandler(PlatformDb<TenancyDb> platform)
    : IRequestHandler<FindPerson, PersonDetails?>, IRequestHandler<GetPeople, IReadOnlyList<PersonDetails>>,
        IRequestHandler<ListTenantPeople, Page<TenantPerson>>
{
    public async Task<PersonDetails?> Handle(FindPerson request, CancellationToken ct)
    {
        await using var db = platform.Open("staff.people");
        var email = request.Email.Trim().ToLowerInvariant();
        return await Details(db.Users.Where(user => user.Deleted == null && user.Email!.ToLower() == email)).SingleOrDefaultAsync(ct);
    }

    public async Task<IReadOnlyList<PersonDetails>> Handle(GetPeople request, CancellationToken ct)
    {
        await using var db = platform.Open("staff.people");
        return await Details(db.Users.Where(user => request.UserIds.Contains(user.Id))).ToListAsync(ct);
    }

    public async Task<Page<TenantPerson>> Handle(ListTenantPeople request, CancellationToken ct)
    {
        await using var db = platform.Open("staff.people");
        return await db.Memberships
            .Where(row => row.TenantId == request.TenantId && row.Deleted == null)
            .Join(db.Users, row => row.UserId, user => user.Id, (row, user) => new { Row = row, User = user })
            .ToPageAsync(
                request.Page,
                pair => pair.User.Id,
                pair => new TenantPerson(
                    pair.User.Id, pair.Row.Email, pair.User.Name, pair.Row.Roles, pair.User.EmailVerified != null, pair.Row.Created),
                person => person.UserId,
                ct);
    }

    private static IQueryable<PersonDetails> Details(IQueryable<User> users) =>
        users.Select(user => new PersonDetails(user.Id, user.Email, user.Name, user.EmailVerified != null));
}
