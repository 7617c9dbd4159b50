using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MimeKit;
using PenguinMails.Infrastructure;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Outbound;
using PenguinMails.Tests.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Which certificates open a connection, with servers that are not of our own making.</summary>
public sealed class MailTlsTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MailSecurity.Starttls, false)]
    [InlineData(MailSecurity.Auto, false)]
    [InlineData(MailSecurity.Tls, true)]
    public async Task A_message_goes_out_over_tls_with_a_certificate_of_an_authority_that_is_trusted(object security, bool fromTheStart)
    {
        using var authority = new TestAuthority();
        await using var server = new TlsSmtp(authority.Issue(), fromTheStart);
        var options = Options.Create(new MailOptions { TrustedRoots = authority.RootFile });
        var connector = new SmtpConnector(Opener(options.Value), options);

        var (connection, failure) = await connector.ConnectAsync(Smtp(server, (MailSecurity)security), server.Password, Ct);
        failure.ShouldBeNull();
        var outcome = await connection!.SendAsync(Message(), Ct);
        await connection.CloseAsync();

        outcome.Result.ShouldBe(SendResult.Accepted);
        server.Taken.Single().ShouldContain("Subject: Over TLS");
        server.LogIns.ShouldBe(1);
    }

    [Theory]
    [InlineData("untrusted", "is not trusted", "Mail:TrustedRoots")]
    [InlineData("self-signed", "is self-signed", "Mail:TrustedRoots")]
    [InlineData("wrong name", "is for mail.example.test, not for localhost", "Name the server")]
    [InlineData("expired", "expired on", "Renew")]
    public async Task A_certificate_that_does_not_hold_is_told_apart_and_nobody_logs_in(string kind, string words, string advice)
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        var certificate = kind switch
        {
            "untrusted" => other.Issue(),
            "self-signed" => TestAuthority.SelfSigned(),
            "wrong name" => authority.Issue("mail.example.test"),
            _ => authority.Issue(expired: true),
        };
        var opener = Opener(new MailOptions { TrustedRoots = authority.RootFile });
        foreach (var fromTheStart in new[] { true, false })
        {
            await using var server = new TlsSmtp(certificate, fromTheStart);

            var (diagnosis, fault) = await opener.TestAsync(Smtp(server, fromTheStart ? MailSecurity.Tls : MailSecurity.Starttls), server.Password, Ct);

            fault!.Step.ShouldBe(OpeningStep.Tls);
            fault.Message.ShouldContain(words);
            fault.Advice.ShouldContain(advice);
            diagnosis.Ok.ShouldBeFalse();
            server.LogIns.ShouldBe(0);
        }
    }

    [Fact]
    public async Task Without_authorities_of_ones_own_only_those_of_the_machine_are_trusted()
    {
        using var authority = new TestAuthority();
        await using var server = new TlsSmtp(authority.Issue(), fromTheStart: true);

        var (_, fault) = await Opener(new MailOptions()).TestAsync(Smtp(server, MailSecurity.Tls), server.Password, Ct);

        fault!.Message.ShouldContain("which is not trusted");
    }

    [Theory]
    [InlineData(MailSecurity.Starttls)]
    [InlineData(MailSecurity.Tls)]
    public async Task Dovecot_lets_a_mailbox_in_and_refuses_a_wrong_password(object security)
    {
        using var authority = new TestAuthority();
        await using var dovecot = await Dovecot.StartAsync(authority.Issue(), Ct);
        var port = (MailSecurity)security == MailSecurity.Tls ? dovecot.TlsPort : dovecot.Port;
        var settings = new ImapSettings("localhost", port, Dovecot.User, (MailSecurity)security);
        var opener = Opener(new MailOptions { TrustedRoots = authority.RootFile });

        var good = await opener.TestAsync(settings, Dovecot.Password, Ct);
        var bad = await opener.TestAsync(settings, "a-wrong-password", Ct);
        var distrustful = await Opener(new MailOptions()).TestAsync(settings, Dovecot.Password, Ct);

        good.Fault.ShouldBeNull();
        good.Diagnosis.Steps.ShouldAllBe(step => step.Result == StepResult.Ok);
        bad.Fault!.Step.ShouldBe(OpeningStep.Auth);
        distrustful.Fault!.Step.ShouldBe(OpeningStep.Tls);
    }

    [Fact]
    public void A_file_without_certificates_is_refused_at_the_start()
    {
        var file = Path.GetTempFileName();
        try
        {
            foreach (var path in new[] { file, "/no/such/file.pem" })
            {
                var options = new MailOptions { TrustedRoots = path };

                options.Validate(new(options)).Single().ErrorMessage!.ShouldContain("Mail:TrustedRoots");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private MailOpener Opener(MailOptions mail) => new(
        host.Services.GetRequiredService<OutboundDialer>(), new ServerTrust(Options.Create(mail), TimeProvider.System), Options.Create(mail), TimeProvider.System);

    private static SmtpSettings Smtp(TlsSmtp server, MailSecurity security) => new("localhost", server.Port, TlsSmtp.User, security);

    private static MimeMessage Message() => new(
        [MailboxAddress.Parse("a@example.test")], [MailboxAddress.Parse("b@example.test")], "Over TLS", new TextPart("plain") { Text = "Hello" });
}
