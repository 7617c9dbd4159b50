using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>What was found about a server's certificate.</summary>
/// <param name="Words">Whose it is, or what is wrong with it.</param>
/// <param name="Advice">Null: it is trusted.</param>
internal sealed record CertificateFinding(string Words, string? Advice)
{
    public bool IsTrusted => Advice is null;
}

/// <summary>Which certificates of mail servers are trusted: what the machine trusts, and the authorities of <c>Mail:TrustedRoots</c>.</summary>
internal sealed class ServerTrust(IOptions<MailOptions> options, TimeProvider clock)
{
    private const string Untrusted =
        "Use a certificate of a public authority; an authority of your own can be trusted by the platform's operator (Mail:TrustedRoots).";

    private readonly X509Certificate2Collection _roots = MailOptions.Load(options.Value.TrustedRoots);

    /// <summary>For a handshake: nothing that a certificate names is fetched, which would reach past the dialer.</summary>
    public static X509ChainPolicy ChainPolicy() => new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };

    public CertificateFinding Judge(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return new CertificateFinding($"{host} shows no certificate.", "Have the server's certificate put in place.");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && IsOfOurRoots(certificate, chain))
        {
            errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
        }

        return Fault(host, certificate, errors)
            ?? new CertificateFinding(
                $"The certificate is for {NamesOf(certificate)}, from {IssuerOf(certificate)}, and holds until {Day(certificate.NotAfter)}.", null);
    }

    private CertificateFinding? Fault(string host, X509Certificate2 certificate, SslPolicyErrors errors)
    {
        var now = clock.GetLocalNow().DateTime;
        return errors switch
        {
            SslPolicyErrors.None => null,
            _ when certificate.NotAfter < now => new CertificateFinding(
                $"The certificate of {host} expired on {Day(certificate.NotAfter)}.", "Renew the server's certificate."),
            _ when certificate.NotBefore > now => new CertificateFinding(
                $"The certificate of {host} is not valid before {Day(certificate.NotBefore)}.", "Check the server's clock and certificate."),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => new CertificateFinding(
                $"The certificate is for {NamesOf(certificate)}, not for {host}.", "Name the server as its certificate does."),
            _ when certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) => new CertificateFinding(
                $"The certificate of {host} is self-signed.", Untrusted),
            _ => new CertificateFinding($"The certificate of {host} is from {IssuerOf(certificate)}, which is not trusted.", Untrusted),
        };
    }

    private bool IsOfOurRoots(X509Certificate2 certificate, X509Chain? shown)
    {
        if (_roots.Count == 0)
        {
            return false;
        }

        using var chain = new X509Chain { ChainPolicy = ChainPolicy() };
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.ExtraStore.AddRange(shown?.ChainPolicy.ExtraStore ?? []);
        return chain.Build(certificate);
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames()).Take(3).ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }

    private static string IssuerOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true);

    private static string Day(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
