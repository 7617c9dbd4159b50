using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PenguinMails.Tests.Infrastructure.Servers;

/// <summary>An authority of a test's own, and the certificates it gives out.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _root;

    public TestAuthority()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN=Test Authority {Guid.CreateVersion7():N}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(Now.AddDays(-30), Now.AddYears(1));
        RootFile = Path.Combine(Directory.CreateTempSubdirectory("penguinmails-ca-").FullName, "root.pem");
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate, in PEM.</summary>
    public string RootFile { get; }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>A server's certificate for localhost, or another name.</summary>
    /// <param name="expired">It ended yesterday.</param>
    public X509Certificate2 Issue(string name = "localhost", bool expired = false)
    {
        using var key = RSA.Create(2048);
        var request = RequestFor(name, key);
        using var issued = request.Create(_root, Now.AddDays(-10), expired ? Now.AddDays(-1) : Now.AddDays(10), RandomNumberGenerator.GetBytes(8));
        return WithKey(issued.CopyWithPrivateKey(key));
    }

    /// <summary>A certificate for localhost that nobody vouches for.</summary>
    public static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        return WithKey(RequestFor("localhost", key).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(10)));
    }

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(Path.GetDirectoryName(RootFile)!, recursive: true);
    }

    private static CertificateRequest RequestFor(string name, RSA key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(name == "localhost" ? IPAddress.Loopback : IPAddress.Parse("192.0.2.1"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return request;
    }

    // A key that lives in memory alone serves no TLS on some systems.
    private static X509Certificate2 WithKey(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
}
