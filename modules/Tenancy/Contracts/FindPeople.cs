using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>The person who has an account under this address, whichever tenant they belong to; null when there is none. For staff.</summary>
public sealed record FindPerson(string Email) : IRequest<PersonDetails?>;

/// <summary>The people of these ids, in no order; an unknown id is left out. For staff.</summary>
public sealed record GetPeople(IReadOnlyList<Guid> UserIds) : IRequest<IReadOnlyList<PersonDetails>>;

/// <param name="Email">Null once the account is deleted, and so is the name.</param>
public sealed record PersonDetails(Guid UserId, string? Email, string? Name, bool IsVerified);
