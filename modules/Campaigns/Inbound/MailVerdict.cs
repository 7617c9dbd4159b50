namespace PenguinMails.Campaigns.Inbound;

internal enum MailKind
{
    /// <summary>By a person: an answer, where it belongs to something that was sent.</summary>
    Person,

    /// <summary>By a person who wants no more of it, and says nothing else.</summary>
    OptOut,

    /// <summary>By a program that answers: out of office, received, on leave.</summary>
    AutoReply,

    /// <summary>Of a server: it was delivered, is late, or will never come.</summary>
    DeliveryNotice,

    /// <summary>Of a provider: a person has called it spam.</summary>
    Complaint,

    /// <summary>Newsletters, reports, receipts.</summary>
    Other,
}

/// <summary>What a message that came in is.</summary>
/// <param name="About">Message-IDs, without angle brackets, of what it answers or is about; the surest first.</param>
/// <param name="Recipients">Of a notice or a complaint: whom it was about, and what became of it.</param>
internal sealed record MailVerdict(MailKind Kind, IReadOnlyList<string> About, IReadOnlyList<RecipientNotice> Recipients)
{
    public static MailVerdict Of(MailKind kind, IReadOnlyList<string> about) => new(kind, about, []);

    /// <summary>What it says of an address: of that one, or of the only one it names.</summary>
    public RecipientNotice? For(string address) =>
        Recipients.FirstOrDefault(one => one.Addresses.Contains(address, StringComparer.OrdinalIgnoreCase))
        ?? (Recipients.Count == 1 ? Recipients[0] : null);
}

internal enum NoticeAction
{
    Failed,

    /// <summary>It is tried further.</summary>
    Delayed,

    Delivered,
}

/// <summary>What became of a message to one recipient.</summary>
/// <param name="Addresses">Original and final recipient, in lower case; forwarding makes them differ.</param>
/// <param name="Status">Enhanced code (RFC 3463) such as <c>5.1.1</c>; null where none was given.</param>
/// <param name="Diagnostic">What the server said.</param>
internal sealed record RecipientNotice(IReadOnlyList<string> Addresses, NoticeAction Action, string? Status, string Diagnostic)
{
    public BounceClass Class => BounceCodes.ClassOf(Status, Diagnostic);
}
