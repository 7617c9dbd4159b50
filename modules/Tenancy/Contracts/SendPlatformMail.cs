using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>Mails somebody in the platform's own name, such as a link to verify an address. Answered by Infrastructure.</summary>
/// <param name="To">An address.</param>
/// <param name="Text">Plain text.</param>
/// <exception cref="InvalidOperationException">The server did not take it: try again later.</exception>
public sealed record SendPlatformMail(string To, string Subject, string Text) : IRequest;
