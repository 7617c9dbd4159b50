using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure.Features;

internal sealed class GetMailboxesHandler(InfrastructureDb db) : IRequestHandler<GetMailboxes, IReadOnlyList<MailboxDetails>>
{
    public async Task<IReadOnlyList<MailboxDetails>> Handle(GetMailboxes request, CancellationToken ct)
    {
        var rows = await db.EmailAccounts
            .Where(account => request.Ids.Contains(account.Id))
            .Join(db.Domains, account => account.DomainId, domain => domain.Id, (account, domain) => new
            {
                account.Id, account.Email, account.DisplayName, account.Status, domain.Name, domain.VerificationStatus, domain.DmarcVerified,
                account.DomainId,
            })
            .ToListAsync(ct);
        var hosts = await TrackingHostsAsync([.. rows.Select(row => row.DomainId).Distinct()], ct);
        return [.. rows.Select(row =>
        {
            var problem = Problem(row.Status, row.Name, row.VerificationStatus);
            var launchProblem = problem ?? (row.DmarcVerified ? null : $"The domain {row.Name} has no DMARC policy.");
            return new MailboxDetails(row.Id, row.Email, row.DisplayName, row.Name, problem is null, problem, launchProblem)
            {
                TrackingHost = hosts.GetValueOrDefault(row.DomainId),
            };
        })];
    }

    // Few have one: the records of the others are not read.
    private async Task<Dictionary<Guid, string>> TrackingHostsAsync(List<Guid> domains, CancellationToken ct) =>
        (await db.Domains.AsNoTracking().Where(domain => domains.Contains(domain.Id) && domain.TrackingHost != null).ToListAsync(ct))
            .Where(domain => domain.DnsRecords.Any(record => record is { Purpose: DnsPurpose.Tracking, Status: DnsStatus.Verified }))
            .ToDictionary(domain => domain.Id, domain => $"{domain.TrackingHost}.{domain.Name}");

    private static string? Problem(EmailAccountStatus status, string domain, VerificationStatus verification) => (status, verification) switch
    {
        (EmailAccountStatus.Active, VerificationStatus.Verified) => null,
        (EmailAccountStatus.Active, VerificationStatus.Degraded) => $"The DNS records of {domain} are no longer as they must be.",
        (EmailAccountStatus.Active, _) => $"The domain {domain} is not verified.",
        _ => $"The mailbox is {status.ToString().ToLowerInvariant()}.",
    };
}
