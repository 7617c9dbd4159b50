namespace PenguinMails.Campaigns.Sending;

/// <summary>A message that begins to be sent.</summary>
/// <param name="raw">It, as it leaves; empty where it cannot leave yet.</param>
internal sealed class BegunMessage(EmailMessage message, byte[] raw)
{
    public EmailMessage Message => message;

    /// <summary>Packed by the lane: whoever writes is waited for by all of them.</summary>
    public byte[] Body { get; } = EmailContent.Pack(raw);

    public int Size { get; } = raw.Length;
}

/// <summary>How far an enrollment has come.</summary>
/// <param name="Message">Its message, and what became of it; null: it has moved without one.</param>
/// <param name="Event">What is to be counted; null for nothing.</param>
/// <param name="Bounced">The lead, where its address does not exist: it is written to no more.</param>
internal sealed record SettledEnrollment(Enrollment Enrollment, EmailMessage? Message = null, EmailEvent? Event = null, Lead? Bounced = null);

/// <summary>One of the two.</summary>
internal sealed record LedgerEntry(BegunMessage? Begun, SettledEnrollment? Settled)
{
    /// <summary>Set once it is committed; false for a message that must not be sent.</summary>
    public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
