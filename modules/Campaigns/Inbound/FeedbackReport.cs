using MimeKit;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Feedback loops of providers (ARF, RFC 5965): somebody has called a message spam.</summary>
internal static class FeedbackReport
{
    /// <returns>Null: it is none.</returns>
    public static MailVerdict? Read(MimeMessage mail)
    {
        if (mail.Body is not Multipart parts || parts.OfType<MessageFeedbackReport>().FirstOrDefault() is not { } report)
        {
            return null;
        }

        var kind = report.Fields["Feedback-Type"]?.Trim().ToLowerInvariant() switch
        {
            "abuse" or "fraud" or "virus" or "other" or "miscategorized" => MailKind.Complaint,
            "opt-out" or "opt-out-list" => MailKind.OptOut,
            // Taken out of the spam folder, or about authentication (RFC 6591).
            _ => MailKind.Other,
        };
        var recipients = report.Fields.Where(field => field.Field.Equals("Original-Rcpt-To", StringComparison.OrdinalIgnoreCase)
                || field.Field.Equals("Removal-Recipient", StringComparison.OrdinalIgnoreCase))
            .Select(field => DeliveryReport.Address(field.Value)).OfType<string>().Distinct()
            .Select(address => new RecipientNotice([address], NoticeAction.Delivered, null, "")).ToList();
        return new MailVerdict(kind, [.. DeliveryReport.References(parts)], recipients);
    }
}
