using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Jobs;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The key ring in a database of its own.</summary>
public sealed class KeyRingTests(HostFixture host) : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("penguinmails-keys-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Delete(recursive: true);

    [Fact]
    public async Task With_a_certificate_no_key_lies_in_the_database_in_clear_and_a_new_certificate_still_opens_what_the_old_one_closed()
    {
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        await using var administrator = await database.OpenAsync(Ct);
        var (old, current) = (ACertificate("old"), ACertificate("current"));
        byte[] sealedByOld;
        await using (var services = Services(database, ("CertificatePath", old), ("CertificatePassword", "old-password")))
        {
            sealedByOld = Protector(services).Protect([1, 2, 3]);
        }

        var key = (await administrator.ListAsync<string>("SELECT xml FROM data_protection_keys", Ct)).ShouldHaveSingleItem();
        key.ShouldContain("<encryptedSecret");
        key.ShouldContain("CipherValue");
        key.ShouldNotContain("<masterKey");
        key.ShouldNotContain("<value>");

        await using (var services = Services(
            database, ("CertificatePath", current), ("CertificatePassword", "current-password"),
            ("PreviousCertificates:0:Path", old), ("PreviousCertificates:0:Password", "old-password")))
        {
            Protector(services).Unprotect(sealedByOld).ShouldBe([1, 2, 3]);
        }

        await using (var services = Services(database, ("CertificatePath", current), ("CertificatePassword", "current-password")))
        {
            Should.Throw<CryptographicException>(() => Protector(services).Unprotect(sealedByOld));
        }
    }

    [Fact]
    public async Task Without_a_certificate_the_key_is_readable()
    {
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        await using var administrator = await database.OpenAsync(Ct);
        await using (var services = Services(database))
        {
            Protector(services).Protect([1]);
        }

        (await administrator.ListAsync<string>("SELECT xml FROM data_protection_keys", Ct)).ShouldHaveSingleItem().ShouldContain("<masterKey");
    }

    [Fact]
    public void A_certificate_that_does_not_open_is_named_and_its_password_is_not()
    {
        var path = ACertificate("some");

        var exception = Should.Throw<InvalidOperationException>(() => Builder(null, ("CertificatePath", path), ("CertificatePassword", "canary-wrong")));

        exception.Message.ShouldStartWith($"DataProtection: the certificate {path} does not open");
        exception.ToString().ShouldNotContain("canary");
    }

    [Fact]
    public async Task What_an_older_key_has_sealed_is_sealed_anew_so_that_the_old_key_may_go()
    {
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        await using var administrator = await database.OpenAsync(Ct);
        var tenantId = Guid.CreateVersion7();
        await administrator.ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{tenantId}', 'T')", Ct);
        await using var services = Services(database);
        await SetAsync(services, tenantId, "smtp/some", "a password");
        await using (var own = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope())
        {
            await using var db = own.ServiceProvider.GetRequiredService<PlatformDb<InfrastructureDb>>().Open("test");
            await ActivatorUtilities.CreateInstance<SecretStore>(own.ServiceProvider, db).SetAsync("platform/own", null, "another", Ct);
            await db.SaveChangesAsync(Ct);
        }

        var before = await CiphertextsAsync(administrator);
        await ResealAsync(services);
        (await CiphertextsAsync(administrator)).ShouldBe(before);

        // As the ring does by itself after 90 days.
        var keys = services.GetRequiredService<IKeyManager>();
        var old = keys.GetAllKeys().Single().KeyId;
        keys.CreateNewKey(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(90));

        // The ring is read anew in the background.
        await Given.EventuallyAsync(
            async () =>
            {
                await ResealAsync(services);
                return (await CiphertextsAsync(administrator)).Except(before).Count();
            },
            count => count == 2, Ct);
        keys.RevokeKey(old, "It may go.");
        await using var scope = services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenantId);
        (await scope.ServiceProvider.GetRequiredService<SecretStore>().GetAsync("smtp/some", Ct)).ShouldBe("a password");
    }

    [Fact]
    public async Task A_secret_whose_key_is_gone_is_a_fault_of_the_store_and_keeps_no_other_from_being_sealed_anew()
    {
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        await using var administrator = await database.OpenAsync(Ct);
        var tenantId = Guid.CreateVersion7();
        await administrator.ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{tenantId}', 'T')", Ct);
        await using var services = Services(database);
        await SetAsync(services, tenantId, "smtp/a", "value");
        await SetAsync(services, tenantId, "smtp/b", "value");
        await administrator.ExecuteAsync("UPDATE secrets SET ciphertext = '\\x0102' WHERE path = 'smtp/a'", Ct);
        var before = await CiphertextsAsync(administrator);
        services.GetRequiredService<IKeyManager>().CreateNewKey(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(90));

        await Given.EventuallyAsync(
            async () =>
            {
                var fault = await Should.ThrowAsync<AggregateException>(() => ResealAsync(services));
                fault.Flatten().InnerExceptions.ShouldHaveSingleItem().ShouldBeOfType<SecretStoreException>().Message.ShouldContain("smtp/a");
                return (await CiphertextsAsync(administrator)).Except(before).Count();
            },
            count => count == 1, Ct);
    }

    private static Task<IReadOnlyList<string>> CiphertextsAsync(Npgsql.NpgsqlConnection administrator) =>
        administrator.ListAsync<string>("SELECT encode(ciphertext, 'hex') FROM secrets", Ct);

    private static async Task SetAsync(ServiceProvider services, Guid tenantId, string path, string value)
    {
        await using var scope = services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenantId);
        await scope.ServiceProvider.GetRequiredService<SecretStore>().SetAsync(path, tenantId, value, Ct);
        await scope.ServiceProvider.GetRequiredService<InfrastructureDb>().SaveChangesAsync(Ct);
    }

    private static async Task ResealAsync(ServiceProvider services)
    {
        await using var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<SecretReseal>(scope.ServiceProvider).RunAsync(Ct);
    }

    private static IDataProtector Protector(ServiceProvider services) =>
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    // The parts of the host that secrets need, on the database.
    private static ServiceProvider Services(ScratchDatabase database, params (string Name, string Value)[] settings)
    {
        var builder = Builder(database, settings);
        builder.Services.AddScoped<SecretStore>();
        return builder.Services.BuildServiceProvider();
    }

    private static HostApplicationBuilder Builder(ScratchDatabase? database, params (string Name, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(one => $"DataProtection:{one.Name}", one => (string?)one.Value));
        builder.Services.AddLogging();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddPenguinMailsDatabase();
        if (database is not null)
        {
            builder.Services.AddSingleton(database.Connections);
        }

        builder.AddModuleDb<InfrastructureDb>();
        builder.AddKeyRing();
        return builder;
    }

    private string ACertificate(string name)
    {
        using var rsa = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var path = Path.Combine(_files.FullName, $"{name}.p12");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, $"{name}-password"));
        return path;
    }
}
