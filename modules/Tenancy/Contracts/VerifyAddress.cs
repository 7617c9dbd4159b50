using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>Takes an account's address for verified without a mail: for staff, and for Development's demo account.</summary>
/// <returns>False when the address has no account.</returns>
public sealed record VerifyAddress(string Email) : IRequest<bool>;
