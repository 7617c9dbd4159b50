using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Secrets;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The life of the platform's token, on a clock of the test's.</summary>
public sealed class VaultTokenTests(HostFixture host)
{
    private const string Notices = "SELECT severity, message FROM system_notifications WHERE dedup_key = 'vault_token:-' AND message LIKE '%' || $1 || '%'";

    private readonly MovingClock _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task However_many_ask_one_logs_in()
    {
        await using var vault = new FakeVault(_clock);
        await using var scene = new VaultScene(host, vault, clock: _clock);

        var tokens = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => scene.Tokens.CurrentAsync(Ct)));

        tokens.Distinct().ShouldBe([vault.Given]);
        vault.LogIns.ShouldBe(1);
    }

    [Fact]
    public async Task However_many_wait_for_a_log_in_that_fails_it_is_tried_for_all_of_them_at_once()
    {
        await using var vault = new FakeVault(_clock);
        await using var scene = new VaultScene(host, vault, secretId: "wrong", clock: _clock);
        var gate = new TaskCompletionSource();
        vault.Fault = async _ =>
        {
            await gate.Task;
            return false;
        };

        var waiting = Enumerable.Range(0, 50).Select(_ => scene.Tokens.CurrentAsync(Ct)).ToList();
        gate.SetResult();
        foreach (var one in waiting)
        {
            (await Should.ThrowAsync<SecretStoreException>(() => one)).Message.ShouldBe("Vault answered 400 to the platform's log-in.");
        }

        vault.LogIns.ShouldBe(1);
        // The next one asks anew.
        await Should.ThrowAsync<SecretStoreException>(() => scene.Tokens.CurrentAsync(Ct));
        vault.LogIns.ShouldBe(2);
    }

    [Fact]
    public async Task A_lease_is_renewed_after_two_thirds_of_it_and_not_before()
    {
        await using var vault = new FakeVault(_clock);
        await using var scene = new VaultScene(host, vault, clock: _clock);
        var token = await scene.Tokens.CurrentAsync(Ct);

        _clock.Move(minutes: 39);
        await scene.Tokens.CurrentAsync(Ct);
        Renewals(vault).ShouldBe(0);
        foreach (var minutes in new[] { 2, 41, 41, 59, 41 })
        {
            _clock.Move(minutes);
            (await scene.Tokens.CurrentAsync(Ct)).ShouldBe(token);
        }

        (Renewals(vault), vault.LogIns).ShouldBe((5, 1));
    }

    [Fact]
    public async Task At_the_longest_life_of_a_token_AppRole_logs_in_again()
    {
        await using var vault = new FakeVault(_clock) { MaxTtl = TimeSpan.FromMinutes(70) };
        await using var scene = new VaultScene(host, vault, clock: _clock);
        var token = await scene.Tokens.CurrentAsync(Ct);

        // Of the 70 minutes 29 are left, then 9.
        _clock.Move(minutes: 41);
        (await scene.Tokens.CurrentAsync(Ct)).ShouldBe(token);
        _clock.Move(minutes: 20);
        (await scene.Tokens.CurrentAsync(Ct)).ShouldNotBe(token);

        vault.LogIns.ShouldBe(2);
    }

    [Fact]
    public async Task A_lease_that_has_ended_is_followed_by_a_log_in()
    {
        await using var vault = new FakeVault(_clock);
        await using var scene = new VaultScene(host, vault, clock: _clock);
        await scene.Tokens.CurrentAsync(Ct);

        _clock.Move(minutes: 61);

        (await scene.Tokens.CurrentAsync(Ct)).ShouldBe(vault.Given);
        (Renewals(vault), vault.LogIns).ShouldBe((0, 2));
    }

    [Fact]
    public async Task A_token_holds_to_its_end_though_vault_does_not_answer()
    {
        await using var vault = new FakeVault(_clock);
        await using var scene = new VaultScene(host, vault, clock: _clock);
        var token = await scene.Tokens.CurrentAsync(Ct);
        vault.FaultAlways(FakeVault.Status(500, "internal error"));

        _clock.Move(minutes: 41);
        (await scene.Tokens.CurrentAsync(Ct)).ShouldBe(token);
        _clock.Move(minutes: 20);
        await Should.ThrowAsync<SecretStoreException>(() => scene.Tokens.CurrentAsync(Ct));
    }

    [Fact]
    public async Task A_token_holds_to_its_end_though_AppRole_lets_nobody_in_any_more()
    {
        await using var vault = new FakeVault(_clock) { MaxTtl = TimeSpan.FromMinutes(60) };
        await using var scene = new VaultScene(host, vault, clock: _clock);
        var token = await scene.Tokens.CurrentAsync(Ct);
        vault.Fault = async http =>
        {
            var isLogIn = http.Request.Path == "/v1/auth/approle/login";
            if (isLogIn)
            {
                await FakeVault.Status(400, "invalid role or secret ID")(http);
            }

            return isLogIn;
        };

        _clock.Move(minutes: 50);
        (await scene.Tokens.CurrentAsync(Ct)).ShouldBe(token);
        _clock.Move(minutes: 11);
        await Should.ThrowAsync<SecretStoreException>(() => scene.Tokens.CurrentAsync(Ct));
    }

    [Fact]
    public async Task A_revoked_token_is_replaced_once_and_the_request_goes_on()
    {
        await using var vault = new FakeVault(_clock);
        await using var scene = new VaultScene(host, vault, clock: _clock);
        await scene.Store.WriteAsync(scene.Path, "value", Ct);

        vault.Revoke(vault.Given!);
        (await scene.Store.ReadAsync(scene.Path, null, Ct)).ShouldBe("value");
        vault.LogIns.ShouldBe(2);

        // A policy that forbids it is no matter of the token.
        vault.Fault = async http =>
        {
            if (http.Request.Path.StartsWithSegments("/v1/secret"))
            {
                await FakeVault.Status(403, "permission denied")(http);
                return true;
            }

            return false;
        };
        (await Should.ThrowAsync<SecretStoreException>(() => scene.Store.WriteAsync(scene.Path, "value", Ct))).Message.ShouldBe("Vault answered 403.");
        vault.LogIns.ShouldBe(3);
    }

    [Fact]
    public async Task A_configured_token_is_renewed_until_it_ends_for_good_which_staff_are_told_of_before_and_after()
    {
        await using var vault = new FakeVault(_clock);
        var token = $"hvs.{Guid.CreateVersion7():N}";
        vault.Admit(token, TimeSpan.FromHours(1), TimeSpan.FromMinutes(90), renewable: true);
        await using var scene = new VaultScene(host, vault, token, clock: _clock);
        await scene.Renewal.KeepAsync(Ct);

        _clock.Move(minutes: 41);
        await scene.Renewal.KeepAsync(Ct);
        (Renewals(vault), scene.Tokens.EndsForGood).ShouldBe((1, null));
        _clock.Move(minutes: 40);
        await scene.Renewal.KeepAsync(Ct);

        scene.Tokens.EndsForGood.ShouldNotBeNull();
        (await host.QueryAsync(Notices, Ct, $"{scene.Tokens.EndsForGood:u}")).ShouldHaveSingleItem().ShouldStartWith("warning|");
        _clock.Move(minutes: 20);
        await scene.Renewal.KeepAsync(Ct);
        (await host.QueryAsync(Notices, Ct, "Vault answered 403 to the platform's token")).ShouldHaveSingleItem().ShouldStartWith("error|");
    }

    [Fact]
    public async Task A_token_that_never_ends_is_looked_up_once()
    {
        await using var vault = new FakeVault(_clock);
        await using var scene = new VaultScene(host, vault, FakeVault.Token, clock: _clock);
        await scene.Tokens.CurrentAsync(Ct);

        _clock.Move(minutes: 1_000_000);
        (await scene.Tokens.CurrentAsync(Ct)).ShouldBe(FakeVault.Token);

        vault.Requests.ShouldBe(["GET auth/token/lookup-self"]);
    }

    private static int Renewals(FakeVault vault) => vault.Requests.Count(request => request == "POST auth/token/renew-self");

    private sealed class MovingClock : TimeProvider
    {
        private DateTimeOffset _now = System.GetUtcNow();

        public void Move(int minutes) => _now += TimeSpan.FromMinutes(minutes);

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
