using MediatR;

namespace PenguinMails.Staff.Contracts;

/// <summary>
/// Whether the current tenant has a feature: its own override, else the flag, which must be on and rolled out to the tenant.
/// An unknown flag is off.
/// </summary>
public sealed record IsFeatureEnabled(string Key) : IRequest<bool>;
