namespace PenguinMails.Campaigns.Sending;

/// <summary>The mailboxes that this host's batches send from at the moment: each is one batch's, so that a slow one holds up only itself.</summary>
internal sealed class MailboxesInHand
{
    private readonly HashSet<Guid> _taken = [];

    /// <returns>Those that were free, and are the caller's now.</returns>
    public List<Guid> Take(IEnumerable<Guid> wanted)
    {
        lock (_taken)
        {
            return [.. wanted.Where(_taken.Add)];
        }
    }

    public void GiveBack(IEnumerable<Guid> mailboxes)
    {
        lock (_taken)
        {
            _taken.ExceptWith(mailboxes);
        }
    }
}
