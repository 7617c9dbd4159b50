using MimeKit;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Delivery status notifications (RFC 3464), as Postfix, Exim, Exchange and Gmail write them.</summary>
internal static class DeliveryReport
{
    /// <returns>Null: it is none.</returns>
    public static MailVerdict? Read(MimeMessage mail)
    {
        // Only what is not within a forwarded message: whoever forwards a bounce is a person.
        if (mail.Body is not Multipart parts || parts.OfType<MessageDeliveryStatus>().FirstOrDefault() is not { } status)
        {
            return null;
        }

        var recipients = status.StatusGroups.Where(group => group.Contains("Action") || group.Contains("Final-Recipient"))
            .Select(Recipient).ToList();
        return new MailVerdict(MailKind.DeliveryNotice, [.. References(parts), .. Ids(mail)], recipients);
    }

    /// <summary>The Message-ID of what was sent back, whole or its headers alone.</summary>
    public static IEnumerable<string> References(Multipart parts) =>
        parts.OfType<MessagePart>().Select(part => part.Message?.MessageId).OfType<string>();

    /// <summary>What a notice itself refers to: Exchange and Gmail name the original there too.</summary>
    public static IEnumerable<string> Ids(MimeMessage mail) =>
        new[] { mail.InReplyTo }.OfType<string>().Concat(mail.References.Reverse()).Distinct().Take(20);

    /// <summary>An address as such reports hold it, <c>rfc822; someone@example.com</c>, in lower case.</summary>
    public static string? Address(string? field)
    {
        var text = ReplyText.Storable(field ?? "", 1000);
        var address = text[(text.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim().Trim('<', '>').ToLowerInvariant();
        return address.Length == 0 ? null : address;
    }

    private static RecipientNotice Recipient(HeaderList group)
    {
        var diagnostic = ReplyText.Storable(Words($"{group["Diagnostic-Code"]}"), 500);
        var status = BounceCodes.StatusIn(group["Status"] ?? "") ?? (group["Status"] is { } given ? ReplyText.Storable(given.Trim(), 20) : null);
        return new RecipientNotice(
            [.. new[] { Address(group["Original-Recipient"]), Address(group["Final-Recipient"]) }.OfType<string>().Distinct()],
            ActionOf(group["Action"], status),
            BounceCodes.Better(status, BounceCodes.StatusIn(diagnostic)),
            diagnostic);
    }

    private static NoticeAction ActionOf(string? action, string? status) => action?.Trim().ToLowerInvariant() switch
    {
        "delayed" => NoticeAction.Delayed,
        "delivered" or "relayed" or "expanded" => NoticeAction.Delivered,
        null when status is ['2', ..] => NoticeAction.Delivered,
        null when status is ['4', ..] => NoticeAction.Delayed,
        _ => NoticeAction.Failed,
    };

    // Folded over several lines, and of any length.
    private static string Words(string text)
    {
        var words = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return words.Length > 500 ? words[..500] : words;
    }
}
