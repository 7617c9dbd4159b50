using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>POST /staff/suppressions: addresses that no tenant writes to any more; the campaigns of all leave them at once.</summary>
internal static class AddPlatformSuppressions
{
    /// <param name="Note">Why, for the colleagues.</param>
    internal sealed record Request(string[] Emails, string Note);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Emails).NotNull();
            RuleFor(request => request.Emails).AsAddresses();
            RuleFor(request => request.Note).NotEmpty().MaximumLength(200);
        }
    }

    internal sealed class Endpoint(PlatformDb<CampaignsDb> platform, IServiceScopeFactory scopes, TenantScope scope, ISender modules, TimeProvider clock)
        : Endpoint<Request, AddSuppressions.Response>
    {
        public override void Configure()
        {
            Post("/staff/suppressions");
            Policies(Staff.Contracts.Permissions.SecurityResolve);
        }

        public override async Task<AddSuppressions.Response> ExecuteAsync(Request request, CancellationToken ct)
        {
            var addresses = request.Emails.Select(email => EmailAddress.Normalise(email)!).Distinct().Order(StringComparer.Ordinal).ToArray();
            var order = new SuppressionOrder(null, SuppressionReason.Manual, $"staff {scope.UserId}: {request.Note}");
            await using var db = platform.Open("staff.suppressions");
            var added = await Suppression.InsertAsync(db, null, addresses, order, ct);
            // Which they are is in the rows, not in the log, which nothing is ever erased from.
            await modules.Send(new RecordAudit("suppressions.add", "suppressions")
            {
                Reason = request.Note,
                Details = new Dictionary<string, string?> { ["addresses"] = $"{addresses.Length}", ["added"] = $"{added}" },
            }, CancellationToken.None);
            return new AddSuppressions.Response(added, request.Emails.Length - added, await ExitAsync(db, addresses, order, ct));
        }

        // The platform reads all tenants' rows; it changes them as each of the tenants.
        private async Task<int> ExitAsync(CampaignsDb db, string[] addresses, SuppressionOrder order, CancellationToken ct)
        {
            var tenants = await db.Leads.Where(lead => addresses.Contains(lead.EmailKey)
                    && db.Enrollments.Any(row => row.LeadId == lead.Id && (row.Status == EnrollmentStatus.Pending || row.Status == EnrollmentStatus.Active)))
                .Select(lead => lead.TenantId).Distinct().ToListAsync(ct);
            var exited = 0;
            foreach (var tenant in tenants)
            {
                await using var work = scopes.CreateTenantScope(tenant);
                exited += await Suppression.ExitAsync(
                    work.ServiceProvider.GetRequiredService<CampaignsDb>(), tenant, addresses, order, clock.GetUtcNow(), ct);
            }

            return exited;
        }
    }
}
