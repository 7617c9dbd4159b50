using System.Text;
using MimeKit;
using PenguinMails.Campaigns.Inbound;

namespace PenguinMails.Tests.Campaigns.Inbound;

public sealed class MailClassifierTests
{
    private static readonly MailFixtures Mail = MailFixtures.Any;

    public static TheoryData<string> HardBounces => [Mail.Postfix(), Mail.Exim(), Mail.Qmail(), Mail.Exchange(), Mail.Gmail()];

    [Theory]
    [MemberData(nameof(HardBounces))]
    public void A_bounce_names_whom_what_and_the_message(string raw)
    {
        var verdict = Classify(raw);

        verdict.Kind.ShouldBe(MailKind.DeliveryNotice);
        verdict.About.ShouldContain(Mail.MessageId);
        var notice = verdict.For(Mail.To)!;
        notice.Addresses.ShouldBe([Mail.To]);
        notice.Action.ShouldBe(NoticeAction.Failed);
        notice.Class.ShouldBe(BounceClass.Hard, notice.ToString());
    }

    [Fact]
    public void A_delay_is_no_bounce_and_neither_is_a_delivery()
    {
        Classify(Mail.Postfix("4.4.1", "connect to mx: Connection timed out", "delayed")).For(Mail.To)!.Action.ShouldBe(NoticeAction.Delayed);
        Classify(Mail.Postfix("2.0.0", "250 2.0.0 Ok", "relayed")).For(Mail.To)!.Action.ShouldBe(NoticeAction.Delivered);
    }

    [Theory]
    [InlineData("5.1.1", "", BounceClass.Hard)]
    [InlineData("5.1.0", "550 5.1.0 Address rejected", BounceClass.Hard)]
    [InlineData("5.2.1", "The account is disabled", BounceClass.Hard)]
    [InlineData("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", BounceClass.Hard)]
    [InlineData("5.4.4", "Host or domain name not found", BounceClass.Hard)]
    [InlineData("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", BounceClass.Hard)]
    [InlineData("5.7.1", "550 5.7.1 User unknown", BounceClass.Hard)]
    [InlineData(null, "550 No such user here", BounceClass.Hard)]
    [InlineData(null, "556 domain does not accept mail", BounceClass.Hard)]
    [InlineData("4.4.1", "connection timed out", BounceClass.Soft)]
    [InlineData("4.2.2", "mailbox full", BounceClass.Soft)]
    [InlineData("5.2.2", "552 5.2.2 Mailbox full", BounceClass.Soft)]
    [InlineData("5.0.0", "554 The user's quota exceeded", BounceClass.Soft)]
    [InlineData("5.3.0", "something else", BounceClass.Soft)]
    [InlineData(null, "", BounceClass.Soft)]
    [InlineData("5.7.1", "550 5.7.1 Message rejected due to spam content", BounceClass.Blocked)]
    [InlineData("5.7.26", "550-5.7.26 This mail is unauthenticated", BounceClass.Blocked)]
    [InlineData("5.1.8", "Sender address rejected: Domain not found", BounceClass.Blocked)]
    [InlineData("5.3.4", "message too big", BounceClass.Blocked)]
    [InlineData(null, "554 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", BounceClass.Blocked)]
    public void A_bounce_is_judged_by_code_and_text(string? status, string text, object expected) =>
        BounceCodes.ClassOf(status, text).ShouldBe((BounceClass)expected);

    [Theory]
    [InlineData("see 5.1.1 at 192.5.1.1", "5.1.1")]
    [InlineData("host 4.3.2.1 said no", null)]
    [InlineData("(#5.1.1)", "5.1.1")]
    public void An_enhanced_code_is_no_address(string text, string? status) => BounceCodes.StatusIn(text).ShouldBe(status);

    [Theory]
    [InlineData("abuse", MailKind.Complaint)]
    [InlineData("opt-out", MailKind.OptOut)]
    [InlineData("not-spam", MailKind.Other)]
    [InlineData("auth-failure", MailKind.Other)]
    public void A_feedback_report_is_a_complaint_by_its_type(string type, object expected)
    {
        var verdict = Classify(Mail.Complaint(type));

        verdict.Kind.ShouldBe((MailKind)expected);
        verdict.About.ShouldBe([Mail.MessageId]);
        verdict.For(Mail.To)!.Addresses.ShouldBe([Mail.To]);
    }

    [Theory]
    [InlineData("Re: Hello", "Auto-Submitted: auto-replied\n")]
    [InlineData("Re: Hello", "Auto-Submitted: auto-generated (rejected)\n")]
    [InlineData("Re: Hello", "X-Autoreply: yes\n")]
    [InlineData("Re: Hello", "Precedence: auto_reply\n")]
    [InlineData("Re: Hello", "Precedence: bulk\n")]
    [InlineData("Out of Office: Hello", "")]
    [InlineData("Automatic reply: Hello", "")]
    [InlineData("Automatische Antwort: Hello", "")]
    [InlineData("Abwesenheitsnotiz: Hello", "")]
    [InlineData("=?utf-8?q?R=C3=A9ponse_automatique_=3A_Hello?=", "")]
    [InlineData("=?utf-8?q?Respuesta_autom=C3=A1tica=3A_Hello?=", "")]
    [InlineData("Risposta automatica: Hello", "")]
    [InlineData("Automatisch antwoord: Hello", "")]
    [InlineData("=?utf-8?b?6Ieq5YuV5b+c562UOiBIZWxsbw==?=", "")]
    public void Out_of_office_is_told_from_a_person(string subject, string more) =>
        Classify(Mail.Reply("I am away.", subject, more)).Kind.ShouldBe(MailKind.AutoReply);

    [Theory]
    [InlineData("Re: Hello", "")]
    [InlineData("Re: Out of office software", "")]
    [InlineData("AW: Abwesend?", "")]
    [InlineData("Re: Hello", "Auto-Submitted: no\n")]
    [InlineData("Re: Hello", "X-Auto-Response-Suppress: OOF\n")]
    public void A_person_is_a_person(string subject, string more)
    {
        var verdict = Classify(Mail.Reply(subject: subject, more: more));

        verdict.Kind.ShouldBe(MailKind.Person);
        verdict.About.ShouldBe([Mail.MessageId]);
    }

    [Fact]
    public void Newsletters_and_receipts_are_neither()
    {
        Classify(Mail.Letter("news@shop.example", more: "List-Id: <news.shop.example>\n")).Kind.ShouldBe(MailKind.Other);
        Classify(Mail.Reply(more: "Content-Type: multipart/report; report-type=disposition-notification; boundary=X\nX-Ignore: ")).Kind.ShouldBe(MailKind.Other);
    }

    [Fact]
    public void Whoever_forwards_a_bounce_is_a_person()
    {
        var raw = $"From: a@b.example\nTo: {Mail.From}\nSubject: Fwd: bounce\nContent-Type: multipart/mixed; boundary=OUT\n\n--OUT\nContent-Type: text/plain\n\nLook at that.\n\n--OUT\nContent-Type: message/rfc822\n\n{Mail.Postfix()}\n\n--OUT--\n";

        Classify(raw).Kind.ShouldBe(MailKind.Person);
    }

    [Theory]
    [InlineData("unsubscribe", true)]
    [InlineData("Please remove me from your list.", true)]
    [InlineData("STOP", true)]
    [InlineData("Remove me\n\nThanks, Ann", true)]
    [InlineData("Bitte abmelden!", true)]
    [InlineData("Stop by our office on Monday", false)]
    [InlineData("I will not unsubscribe, tell me more.", false)]
    [InlineData("Remove me?\nNo, wait: I would like to hear more about it, and my colleagues too.", false)]
    public void Who_wants_no_more_of_it_says_so_and_nothing_else(string text, bool isOptOut) =>
        Classify(Mail.Reply($"{text}\n\nOn Fri, 27 Nov 2026 at 10:00, Me wrote:\n> Hi")).Kind.ShouldBe(isOptOut ? MailKind.OptOut : MailKind.Person);

    [Fact]
    public void A_mail_client_unsubscribes_by_its_subject() =>
        OptOut.IsAsked("unsubscribe", "").ShouldBeTrue();

    [Theory]
    [InlineData("Yes.\n\nOn Fri, 27 Nov 2026 at 10:00, Me <me@ours.test> wrote:\n> Hi\n> there")]
    [InlineData("Yes.\n\nOn Fri, 27 Nov 2026 at 10:00,\nMe <me@ours.test>\nwrote:\n\n> Hi")]
    [InlineData("Yes.\n\nAm 27.11.2026 um 10:00 schrieb Me <me@ours.test>:\n> Hi")]
    [InlineData("Yes.\n\nLe ven. 27 nov. 2026 à 10:00, Me <me@ours.test> a écrit :\n> Hi")]
    [InlineData("Yes.\n\nEl vie, 27 nov 2026 a las 10:00, Me escribió:\n> Hi")]
    [InlineData("Yes.\n\n-----Original Message-----\nFrom: Me\nHi")]
    [InlineData("Yes.\n\n________________________________\nFrom: Me\nSent: Friday\nHi")]
    [InlineData("Yes.\n\nVon: Me <me@ours.test>\nGesendet: Freitag\nAn: You\nHi")]
    [InlineData("> Do you want it?\n\nYes.\n\n-- \nAnn")]
    public void What_is_quoted_is_left_out(string text) => ReplyText.WithoutQuote(text).ShouldBe("Yes.");

    [Fact]
    public void HTML_alone_is_read_as_text()
    {
        using var mail = Parse(Mail.Reply("<p>Yes &amp; no.</p><div>On Fri, Me &lt;me@ours.test&gt; wrote:<blockquote>Hi</blockquote></div>")
            .Replace("text/plain", "text/html", StringComparison.Ordinal));

        ReplyText.WithoutQuote(ReplyText.Whole(mail)).ShouldBe("Yes & no.");
    }

    private static MimeMessage Parse(string raw) => MimeMessage.Load(new MemoryStream(Encoding.UTF8.GetBytes(raw)));

    private static MailVerdict Classify(string raw)
    {
        using var mail = Parse(raw);
        return MailClassifier.Classify(mail, ReplyText.Whole(mail));
    }
}
