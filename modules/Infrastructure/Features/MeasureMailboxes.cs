using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Features.EmailAccounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>How much of its plan the tenant's domains and mailboxes use.</summary>
internal sealed class MeasureMailboxes(InfrastructureDb db, MailboxPlaces places) : INotificationHandler<MeasureUsage>
{
    public async Task Handle(MeasureUsage measure, CancellationToken ct)
    {
        measure.Add(PlanLimit.Domains, await db.Domains.LongCountAsync(ct));
        measure.Add(PlanLimit.EmailAccounts, await places.CountMailboxesAsync(ct));
        measure.Add(PlanLimit.Warmups, await places.CountWarmupsAsync(ct));
    }
}
