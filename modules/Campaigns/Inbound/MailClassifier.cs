using MimeKit;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Says what a message is, by itself alone.</summary>
internal static class MailClassifier
{
    /// <param name="text">All of its text.</param>
    public static MailVerdict Classify(MimeMessage mail, string text)
    {
        if (FeedbackReport.Read(mail) is { } feedback)
        {
            return feedback;
        }

        if ((DeliveryReport.Read(mail) ?? TextBounce.Read(mail, text)) is { } notice)
        {
            return notice;
        }

        string[] about = [.. DeliveryReport.Ids(mail)];
        return MailVerdict.Of(KindOf(mail, text), about);
    }

    private static MailKind KindOf(MimeMessage mail, string text) =>
        // A receipt, for example (RFC 8098).
        mail.Body is MultipartReport ? MailKind.Other
        : AutoReply.IsOne(mail) ? MailKind.AutoReply
        : AutoReply.IsToMany(mail) ? MailKind.Other
        : OptOut.IsAsked(mail.Subject, ReplyText.WithoutQuote(text)) ? MailKind.OptOut
        : MailKind.Person;
}
