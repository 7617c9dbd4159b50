using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Checks a domain and keeps what was found.</summary>
internal sealed class DomainVerification(
    InfrastructureDb db, DomainCheck check, SecretStore secrets, ISender modules, IOptions<DnsOptions> dns, TimeProvider clock)
{
    /// <param name="unasked">By the hourly job.</param>
    /// <returns>The domain as it is afterwards; null when there is none, or no longer.</returns>
    public async Task<Domain?> RunAsync(Guid id, bool unasked, CancellationToken ct)
    {
        if (await db.Domains.AsNoTracking().SingleOrDefaultAsync(domain => domain.Id == id, ct) is not { } asked)
        {
            return null;
        }

        asked.Publish(dns.Value);
        var begun = clock.GetUtcNow();
        var found = await check.RunAsync(asked, ct);
        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        // DNS has taken its time: others may have changed the domain meanwhile, or another host has checked it.
        if (await db.LockDomainAsync(id, ct) is not { } domain)
        {
            return null;
        }

        if (domain.LastChecked > begun || (unasked && domain.LastChecked != asked.LastChecked))
        {
            return domain;
        }

        await KeepAsync(domain, found, unasked, begun, ct);
        await transaction.CommitAsync(ct);
        if (unasked && domain.VerificationStatus == VerificationStatus.Degraded)
        {
            await TellAsync(domain, ct);
        }

        return domain;
    }

    private async Task KeepAsync(Domain domain, IReadOnlyDictionary<DnsRecordKey, DnsFinding> found, bool unasked, DateTimeOffset now, CancellationToken ct)
    {
        domain.Publish(dns.Value);
        domain.Apply(found, unasked, now);
        if (domain.ForgetRetiredKey(now) is { } path)
        {
            await secrets.DeleteAsync(path, ct);
        }

        // Keys may have changed places.
        domain.Publish(dns.Value);
        if (domain.VerificationStatus == VerificationStatus.Verified && !domain.IsPrimary)
        {
            domain.IsPrimary = !await db.Domains.AnyAsync(other => other.CompanyId == domain.CompanyId && other.IsPrimary, ct);
        }

        await db.SaveChangesAsync(ct);
    }

    // Said again at each check; once the domain is restored nobody says so any more, and it resolves itself.
    private Task TellAsync(Domain domain, CancellationToken ct)
    {
        var errors = domain.DnsRecords.Where(record => domain.NeedFor(record) == DnsNeed.Verification && record.Status == DnsStatus.Failed)
            .Select(record => record.Error);
        return modules.Send(
            new RaiseNotification("domain", $"{domain.Name} is degraded", $"Its mailboxes do not send. {string.Join(' ', errors)}", "medium",
                $"domain_degraded:{domain.Id}", domain.TenantId)
            {
                AutoResolveAfter = TimeSpan.FromHours(3),
            }, ct);
    }
}
