using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure.Features;

internal sealed class IsVerifiedDomainHandler(InfrastructureDb db) : IRequestHandler<IsVerifiedDomain, bool>
{
    public async Task<bool> Handle(IsVerifiedDomain request, CancellationToken ct) =>
        DomainName.Normalise(request.Name) is { } name
        && await db.Domains.AnyAsync(domain => domain.Name == name && domain.VerificationStatus == VerificationStatus.Verified, ct);
}
