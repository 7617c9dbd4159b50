using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Contracts;

namespace PenguinMails.Tests.Billing;

/// <summary>One of the staff who may move time and pay back, for a test class.</summary>
public sealed class BillingStaff(HostFixture host) : IAsyncLifetime
{
    internal TenantClient Person { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Person = await host.AStaffMemberAsync(role: 1, CancellationToken.None);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Lets days pass for a tenant.</summary>
    /// <returns>How its subscription stands then.</returns>
    internal Task<JsonNode> PassAsync(TenantClient tenant, int days, CancellationToken ct) =>
        Person.PostAsync("staff/billing/clock", new { tenant.TenantId, Days = days }, ct);
}

/// <summary>Paying with test cards over HTTP.</summary>
internal static class BillingGiven
{
    public const string Good = "4242 4242 4242 4242";
    public const string Declined = "4000000000000002";
    public const string DeclinedLater = "4000000000000341";
    public const string NeedsAction = "4000002500003155";

    /// <summary>Where a checkout goes on, as a client of the API has it.</summary>
    public static async Task<string> CheckoutAsync(this TenantClient tenant, string plan, CancellationToken ct, string interval = "month") =>
        (await tenant.PostAsync("subscription/checkout", new { Plan = plan, Interval = interval }, ct)).Text("url")["/api/v1/".Length..];

    /// <summary>Pays for a plan.</summary>
    public static async Task BuyAsync(this TenantClient tenant, string plan, CancellationToken ct, string card = Good, string interval = "month") =>
        await (await tenant.ConfirmAsync(await tenant.CheckoutAsync(plan, ct, interval), card, ct)).ReadAsync(ct);

    /// <summary>Has another card from now on, which pays what is open.</summary>
    public static async Task ChangeCardAsync(this TenantClient tenant, string card, CancellationToken ct) =>
        await (await tenant.ConfirmAsync((await tenant.PostAsync("subscription/portal", new { }, ct)).Text("url")["/api/v1/".Length..], card, ct)).ReadAsync(ct);

    public static Task<HttpResponseMessage> ConfirmAsync(this TenantClient tenant, string url, string card, CancellationToken ct, bool confirmed = false) =>
        tenant.Http.PostAsJsonAsync(url, new { CardNumber = card, Confirmed = confirmed }, ct);

    /// <summary>Amounts and statuses, newest first, such as <c>49.00 succeeded</c>.</summary>
    public static async Task<IReadOnlyList<string>> PaymentsAsync(this TenantClient tenant, CancellationToken ct) =>
        [.. (await tenant.GetAsync("payments", ct))["items"]!.AsArray().Select(payment => FormattableString.Invariant(
            $"{payment!["amount"]!.GetValue<decimal>():0.00} {payment.Text("status")}"))];

    /// <summary>Takes seats by invitations.</summary>
    public static async Task<IReadOnlyList<Guid>> InviteAsync(this TenantClient tenant, int count, CancellationToken ct)
    {
        var invitations = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            invitations.Add((await tenant.PostAsync("invitations", new { Email = $"{Guid.CreateVersion7():N}@invited.test", Roles = new[] { "member" } }, ct)).Id());
        }

        return invitations;
    }

    /// <summary>Whether the tenant may send, as the sender asks.</summary>
    public static async Task<bool> MaySendAsync(this HostFixture host, TenantClient tenant, CancellationToken ct)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        return (await scope.ServiceProvider.GetRequiredService<ISender>().Send(new GetSendingPermission(), ct)).MaySend;
    }
}
