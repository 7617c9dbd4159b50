using FastEndpoints;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>GET /email-accounts: the tenant's mailboxes.</summary>
internal static class ListEmailAccounts
{
    internal sealed record Item(
        Guid Id, Guid DomainId, string Email, string? DisplayName, EmailAccountStatus Status, int DailyLimit, DateTimeOffset Created);

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/email-accounts");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.EmailAccounts.ToPageAsync(
            request,
            account => account.Id,
            account => new Item(
                account.Id, account.DomainId, account.Email, account.DisplayName, account.Status, account.DailyLimit, account.Created),
            item => item.Id,
            ct);
    }
}
