using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>What a person or tenant may do has changed: all hosts forget at once what they remember of it. After the commit.</summary>
/// <param name="Subject">The id of a user, tenant, session or API key.</param>
public sealed record AccessChanged(Guid Subject) : INotification;
