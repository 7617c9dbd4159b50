using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MimeKit;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Features;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tests.Campaigns;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Rows and Vault together: what is kept in one is kept in the other, or in neither.</summary>
public sealed class SecretStoreTests(HostFixture host)
{
    private const string Row = "SELECT tenant_id, ciphertext IS NULL, version FROM secrets WHERE path = $1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_vault_the_row_says_whose_it_is_and_vault_has_every_version()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await SetAsync(scene, tenant, "first");
        await SetAsync(scene, tenant, "second");

        (await GetAsync(scene, tenant)).ShouldBe("second");
        (await GetAsync(scene, other)).ShouldBeNull();
        vault.Values(scene.FullPath).ShouldBe(["first", "second"]);
        (await host.QueryAsync(Row, Ct, scene.Path)).ShouldBe([$"{tenant.TenantId}|True|2"]);

        await using var scope = host.ScopeOf(tenant.TenantId);
        var (db, secrets) = scene.Of(scope);
        await secrets.DeleteAsync(scene.Path, Ct);
        vault.Values(scene.FullPath).Count.ShouldBe(2);
        await db.SaveChangesAsync(Ct);
        vault.Values(scene.FullPath).ShouldBeEmpty();
        (await GetAsync(scene, tenant)).ShouldBeNull();
        (await host.QueryAsync(Row, Ct, scene.Path)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_database_refuses_never_reaches_vault()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await SetAsync(scene, tenant, "the owner's");

        await Should.ThrowAsync<DbUpdateException>(() => SetAsync(scene, other, "a stranger's"));

        vault.Values(scene.FullPath).ShouldBe(["the owner's"]);
        (await GetAsync(scene, tenant)).ShouldBe("the owner's");
    }

    [Fact]
    public async Task Where_vault_does_not_answer_no_row_is_kept_or_changed()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var tenant = await host.ATenantAsync(Ct);
        vault.FaultAlways(FakeVault.Status(503, "Vault is sealed"));
        await Should.ThrowAsync<SecretStoreException>(() => SetAsync(scene, tenant, "first"));
        (await host.QueryAsync(Row, Ct, scene.Path)).ShouldBeEmpty();

        vault.Fault = null;
        await SetAsync(scene, tenant, "first");
        vault.FaultAlways(FakeVault.Reset);
        await Should.ThrowAsync<SecretStoreException>(() => SetAsync(scene, tenant, "second"));

        (await host.QueryAsync(Row, Ct, scene.Path)).ShouldBe([$"{tenant.TenantId}|True|1"]);
        vault.Fault = null;
        (await GetAsync(scene, tenant)).ShouldBe("first");
    }

    [Fact]
    public async Task What_is_not_committed_is_neither_read_nor_deleted()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var tenant = await host.ATenantAsync(Ct);
        await SetAsync(scene, tenant, "first");
        await using var scope = host.ScopeOf(tenant.TenantId);
        var (db, secrets) = scene.Of(scope);
        await using (await TenantTransaction.BeginAsync(db, Ct))
        {
            await secrets.SetAsync(scene.Path, tenant.TenantId, "second", Ct);
            await db.SaveChangesAsync(Ct);
        }

        db.ChangeTracker.Clear();
        await using (await TenantTransaction.BeginAsync(db, Ct))
        {
            await secrets.DeleteAsync(scene.Path, Ct);
            await db.SaveChangesAsync(Ct);
        }

        vault.Values(scene.FullPath).ShouldBe(["first", "second"]);
        await using (var other = await TenantTransaction.BeginAsync(db, Ct))
        {
            await other.CommitAsync(Ct);
        }

        await scene.Store.TellAsync(scene.Path);
        (await GetAsync(scene, tenant)).ShouldBe("first");
        await using (var last = await TenantTransaction.BeginAsync(db, Ct))
        {
            await secrets.DeleteAsync(scene.Path, Ct);
            await db.SaveChangesAsync(Ct);
            vault.Values(scene.FullPath).Count.ShouldBe(2);
            await last.CommitAsync(Ct);
        }

        vault.Paths.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deletion_that_vault_does_not_hear_of_is_one_all_the_same()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var tenant = await host.ATenantAsync(Ct);
        await SetAsync(scene, tenant, "value");
        vault.FaultAlways(FakeVault.Status(503, "Vault is sealed"));
        await using (var scope = host.ScopeOf(tenant.TenantId))
        {
            var (db, secrets) = scene.Of(scope);
            await secrets.DeleteAsync(scene.Path, Ct);
            await db.SaveChangesAsync(Ct);
        }

        vault.Fault = null;
        (await GetAsync(scene, tenant)).ShouldBeNull();
    }

    [Fact]
    public async Task Of_two_who_replace_a_value_at_once_the_later_is_told()
    {
        var tenant = await host.ATenantAsync(Ct);
        var path = $"test/{Guid.CreateVersion7():N}";
        await using var scope = host.ScopeOf(tenant.TenantId);
        await using var otherScope = host.ScopeOf(tenant.TenantId);
        var (secrets, db) = Embedded(scope);
        await secrets.SetAsync(path, tenant.TenantId, "first", Ct);
        await db.SaveChangesAsync(Ct);
        var (other, otherDb) = Embedded(otherScope);

        await secrets.SetAsync(path, tenant.TenantId, "second", Ct);
        await other.SetAsync(path, tenant.TenantId, "third", Ct);
        await db.SaveChangesAsync(Ct);

        await Should.ThrowAsync<DbUpdateConcurrencyException>(() => otherDb.SaveChangesAsync(Ct));
        (await secrets.GetAsync(path, Ct)).ShouldBe("second");
    }

    [Fact]
    public async Task What_was_sealed_in_the_database_is_still_read_when_vault_comes_and_moves_into_it()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var tenant = await host.ATenantAsync(Ct);
        await using var scope = host.ScopeOf(tenant.TenantId);
        var (secrets, db) = Embedded(scope);
        await secrets.SetAsync(scene.Path, tenant.TenantId, "old value", Ct);
        await db.SaveChangesAsync(Ct);
        (await GetAsync(scene, tenant)).ShouldBe("old value");
        vault.Paths.ShouldBeEmpty();

        // Away at first: it stays where it is.
        vault.FaultAlways(FakeVault.Status(503, "Vault is sealed"));
        await using (var failing = host.ScopeOf(tenant.TenantId))
        {
            await Should.ThrowAsync<AggregateException>(() => scene.Of(failing).Secrets.RenewAsync(tenant.TenantId, Ct));
        }

        (await host.QueryAsync(Row, Ct, scene.Path)).ShouldBe([$"{tenant.TenantId}|False|1"]);
        vault.Fault = null;
        await using (var moving = host.ScopeOf(tenant.TenantId))
        {
            await scene.Of(moving).Secrets.RenewAsync(tenant.TenantId, Ct);
        }

        vault.Values(scene.FullPath).ShouldBe(["old value"]);
        (await host.QueryAsync(Row, Ct, scene.Path)).ShouldBe([$"{tenant.TenantId}|True|1"]);
        (await GetAsync(scene, tenant)).ShouldBe("old value");
        // The fixture's host has no Vault.
        (await Should.ThrowAsync<SecretStoreException>(() => secrets.GetAsync(scene.Path, Ct))).Message.ShouldContain("no Vault is configured");
    }

    [Fact]
    public async Task A_purged_tenants_secrets_go_from_vault()
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        var tenant = await host.ATenantAsync(Ct);
        await SetAsync(scene, tenant, "value");
        await using var scope = host.ScopeOf(tenant.TenantId);

        await new ForgetSecrets(scene.Of(scope).Db, scene.Store).Handle(new TenantPurging(tenant.TenantId), Ct);

        vault.Paths.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("smtp/")]
    [InlineData("mail/dkim/")]
    public async Task A_mailbox_whose_secret_cannot_be_read_is_unreachable_and_sends_once_it_can(string secret)
    {
        await using var vault = new FakeVault();
        await using var scene = new VaultScene(host, vault);
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        await using (var moving = host.ScopeOf(tenant.TenantId))
        {
            await scene.Of(moving).Secrets.RenewAsync(tenant.TenantId, Ct);
        }

        vault.Fault = async http =>
        {
            var isIt = http.Request.Path.Value!.Contains(secret);
            if (isIt)
            {
                await FakeVault.Status(503, "Vault is sealed")(http);
            }

            return isIt;
        };
        var outcome = await SendAsync(scene, tenant, mailbox.Id());
        (outcome.Result, outcome.Reply).ShouldBe((SendResult.Unreachable, "The secret store does not answer."));
        sink.Taken.ShouldBeEmpty();

        vault.Fault = null;
        (await SendAsync(scene, tenant, mailbox.Id())).Result.ShouldBe(SendResult.Accepted);
    }

    private async Task<SendOutcome> SendAsync(VaultScene scene, TenantClient tenant, Guid mailbox)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        var (db, secrets) = scene.Of(scope);
        var services = host.Services;
        using var cache = new MemoryCache(new MemoryCacheOptions());
        var message = new MimeMessage(
            [MailboxAddress.Parse("someone@tenant.test")], [MailboxAddress.Parse("lead@recipient.example")], "Hello", new TextPart("plain") { Text = "Hi" });
        var settings = new OutletSettings(
            db, secrets, cache, services.GetRequiredService<ChangeFeed>(), services.GetRequiredService<IOptions<AddressOptions>>(), TimeProvider.System);
        var outlets = new Outlets(settings, secrets, services.GetRequiredService<SmtpConnections>(), services.GetRequiredService<SmtpConnector>());
        IRequestHandler<SendMail, SendOutcome> handler = new SendMailHandler(outlets);
        return await handler.Handle(new SendMail(mailbox, message), Ct);
    }

    private async Task SetAsync(VaultScene scene, TenantClient tenant, string value)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        var (db, secrets) = scene.Of(scope);
        await secrets.SetAsync(scene.Path, tenant.TenantId, value, Ct);
        await db.SaveChangesAsync(Ct);
    }

    private async Task<string?> GetAsync(VaultScene scene, TenantClient tenant)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        return await scene.Of(scope).Secrets.GetAsync(scene.Path, Ct);
    }

    private static (SecretStore Secrets, DbContext Db) Embedded(AsyncServiceScope scope) =>
        (scope.ServiceProvider.GetRequiredService<SecretStore>(), scope.ServiceProvider.GetRequiredService<InfrastructureDb>());
}
