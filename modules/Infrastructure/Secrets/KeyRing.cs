using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Secrets;

/// <summary>
/// Section <c>DataProtection</c>: the certificate (PKCS#12) that the keys in <c>data_protection_keys</c> are encrypted with. Without one
/// they lie there in clear. A class, as a record would print its password.
/// </summary>
internal sealed class KeyRingOptions
{
    public string? CertificatePath { get; init; }
    public string? CertificatePassword { get; init; }

    /// <summary>What older keys were encrypted with.</summary>
    public PreviousCertificate[] PreviousCertificates { get; init; } = [];

    internal sealed class PreviousCertificate
    {
        public string Path { get; init; } = "";
        public string? Password { get; init; }
    }
}

/// <summary>The keys that seal secrets, settings and tokens: in the database, shared by all hosts.</summary>
internal static class KeyRing
{
    public static void AddKeyRing(this IHostApplicationBuilder builder)
    {
        // A new deployment still opens what the previous one sealed.
        var ring = builder.Services.AddDataProtection().SetApplicationName("PenguinMails").PersistKeysToDbContext<InfrastructureDb>();
        var options = builder.Configuration.GetSection("DataProtection").Get<KeyRingOptions>() ?? new KeyRingOptions();
        X509Certificate2[] previous = [.. options.PreviousCertificates.Select(one => Load(one.Path, one.Password))];
        if (options.CertificatePath is { } path)
        {
            var current = Load(path, options.CertificatePassword);
            ring.ProtectKeysWithCertificate(current);
            previous = [current, .. previous];
        }

        ring.UnprotectKeysWithAnyCertificate(previous);
    }

    private static X509Certificate2 Load(string path, string? password)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(path, password);
            return certificate is { HasPrivateKey: true } && certificate.GetRSAPublicKey() is not null
                ? certificate
                : throw new InvalidOperationException($"DataProtection: {path} holds no RSA certificate with its private key.");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException)
        {
            throw new InvalidOperationException($"DataProtection: the certificate {path} does not open: {exception.Message}", exception);
        }
    }
}
