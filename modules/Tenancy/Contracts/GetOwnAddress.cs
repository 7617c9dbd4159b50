using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>The caller's own address in lower case, once it is verified; null before, and for a program.</summary>
public sealed record GetOwnAddress : IRequest<string?>;
