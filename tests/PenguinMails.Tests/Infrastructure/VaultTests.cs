using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PenguinMails.Infrastructure.Secrets;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The client of Vault against a server that speaks its wire format, and each of its faults.</summary>
public sealed class VaultTests(HostFixture host)
{
    private const string Value = "canary value: \"quotes\", ünïcode and\nlines";

    private static readonly Dictionary<string, Func<HttpContext, Task>> Faults = new()
    {
        ["429"] = FakeVault.Status(429, "request path rate limited"),
        ["412"] = FakeVault.Status(412, "required index state not present"),
        ["500"] = FakeVault.Status(500, "internal error"),
        ["502"] = FakeVault.Status(502, "bad gateway"),
        ["sealed"] = FakeVault.Status(503, "Vault is sealed"),
        ["reset"] = FakeVault.Reset,
        ["no answer"] = FakeVault.Hang,
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> PassingFaults => [.. Faults.Keys];

    [Fact]
    public async Task A_value_is_written_as_a_version_read_and_deleted_with_all_its_versions()
    {
        await using var vault = new FakeVault { Namespace = "team/mail" };
        await using var scene = new VaultScene(host, vault);
        (await scene.Store.ReadAsync(scene.Path, null, Ct)).ShouldBeNull();

        await scene.Store.WriteAsync(scene.Path, "first", Ct);
        await scene.Store.WriteAsync(scene.Path, Value, Ct);
        await scene.Store.TellAsync(scene.Path);

        (await scene.Store.ReadAsync(scene.Path, null, Ct)).ShouldBe(Value);
        (await scene.Store.ReadAsync(scene.Path, 1, Ct)).ShouldBe("first");
        vault.Values(scene.FullPath).ShouldBe(["first", Value]);
        await scene.Store.DeleteAsync(scene.Path, Ct);
        await scene.Store.DeleteAsync(scene.Path, Ct);
        await scene.Store.TellAsync(scene.Path);
        (await scene.Store.ReadAsync(scene.Path, null, Ct)).ShouldBeNull();
        vault.Requests.ShouldContain($"DELETE secret/metadata/{scene.FullPath}");
    }

    [Fact]
    public async Task A_version_that_was_deleted_in_vault_is_no_value()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Store.WriteAsync(scene.Path, Value, Ct);
        vault.DeleteNewest(scene.FullPath);

        (await scene.Store.ReadAsync(scene.Path, null, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task An_engine_that_wants_the_replaced_version_named_gets_it()
    {
        await using var vault = new FakeVault { WantsVersions = true };
        await using var scene = new VaultScene(host, vault);

        await scene.Store.WriteAsync(scene.Path, "first", Ct);
        await scene.Store.WriteAsync(scene.Path, "second", Ct);

        vault.Values(scene.FullPath).ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task What_was_read_is_not_asked_for_again_until_somebody_writes_it()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Store.WriteAsync(scene.Path, "first", Ct);
        await scene.Store.ReadAsync(scene.Path, null, Ct);
        await scene.Store.ReadAsync(scene.Path, null, Ct);
        vault.Requests.Count(request => request == $"GET secret/data/{scene.FullPath}").ShouldBe(1);

        await scene.Store.WriteAsync(scene.Path, "second", Ct);
        await scene.Store.TellAsync(scene.Path);

        (await scene.Store.ReadAsync(scene.Path, null, Ct)).ShouldBe("second");
    }

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task A_fault_that_passes_is_waited_out(string fault)
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Tokens.CurrentAsync(Ct);

        vault.FaultOnce(Faults[fault]);
        await scene.Store.WriteAsync(scene.Path, Value, Ct);
        vault.FaultOnce(Faults[fault]);

        (await scene.Store.ReadAsync(scene.Path, null, Ct)).ShouldBe(Value);
    }

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task A_fault_that_stays_ends_in_one_sentence_after_four_attempts(string fault)
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Tokens.CurrentAsync(Ct);
        vault.FaultAlways(Faults[fault]);

        var exception = await Should.ThrowAsync<SecretStoreException>(() => scene.Store.WriteAsync(scene.Path, Value, Ct));

        exception.Message.ShouldStartWith("Vault ");
        exception.ToString().ShouldNotContain("canary");
        vault.Requests.Count(request => request == $"POST secret/data/{scene.FullPath}").ShouldBe(4);
        // And once it is over, all is well.
        vault.Fault = null;
        await scene.Store.WriteAsync(scene.Path, Value, Ct);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task What_vault_refuses_is_not_asked_again(int status)
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault, token: FakeVault.Token);
        await scene.Tokens.CurrentAsync(Ct);
        vault.FaultAlways(FakeVault.Status(status, "no, not with canary"));

        var exception = await Should.ThrowAsync<SecretStoreException>(() => scene.Store.ReadAsync(scene.Path, null, Ct));

        exception.Message.ShouldBe($"Vault answered {status}.");
        vault.Requests.Count(request => request == $"GET secret/data/{scene.FullPath}").ShouldBe(1);
    }

    [Fact]
    public async Task Retry_After_is_kept_to()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Tokens.CurrentAsync(Ct);
        vault.FaultOnce(FakeVault.Status(429, "request path rate limited", retryAfter: "2"));
        var begun = TimeProvider.System.GetTimestamp();

        await scene.Store.WriteAsync(scene.Path, Value, Ct);

        TimeProvider.System.GetElapsedTime(begun).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public async Task Broken_json_is_a_fault_that_repeats_nothing_of_it()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Tokens.CurrentAsync(Ct);
        vault.FaultAlways(FakeVault.Broken);

        var exception = await Should.ThrowAsync<SecretStoreException>(() => scene.Store.ReadAsync(scene.Path, null, Ct));

        exception.Message.ShouldBe("Vault answered 200 with something that could not be read.");
        exception.ToString().ShouldNotContain("half-a-sec");
    }

    [Fact]
    public async Task A_redirect_takes_no_token_along()
    {
        await using var elsewhere = new FakeVault();
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Tokens.CurrentAsync(Ct);
        vault.FaultAlways(http =>
        {
            http.Response.Redirect($"{elsewhere.Address}{http.Request.Path}", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });

        await Should.ThrowAsync<SecretStoreException>(() => scene.Store.ReadAsync(scene.Path, null, Ct));

        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_not_told_of_a_fault()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await scene.Tokens.CurrentAsync(Ct);
        using var caller = new CancellationTokenSource();
        vault.FaultAlways(async http =>
        {
            await caller.CancelAsync();
            await FakeVault.Hang(http);
        });

        await Should.ThrowAsync<OperationCanceledException>(() => scene.Store.ReadAsync(scene.Path, null, caller.Token));
    }

    [Fact]
    public async Task Health_tells_a_vault_that_is_there_from_one_that_is_sealed_or_away()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var context = new HealthCheckContext
        {
            Registration = new HealthCheckRegistration("vault", _ => scene.Health, HealthStatus.Degraded, null),
        };
        (await scene.Health.CheckHealthAsync(context, Ct)).Status.ShouldBe(HealthStatus.Healthy);

        vault.FaultAlways(Faults["sealed"]);
        (await scene.Health.CheckHealthAsync(context, Ct)).Status.ShouldBe(HealthStatus.Degraded);
        vault.FaultAlways(FakeVault.Reset);
        await Should.ThrowAsync<SecretStoreException>(() => scene.Health.CheckHealthAsync(context, Ct));
    }
}
