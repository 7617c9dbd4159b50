namespace PenguinMails.Billing;

/// <summary>What a test card does when it is charged.</summary>
internal enum TestCard
{
    Success,
    Decline,

    /// <summary>Good for the checkout, and for no renewal.</summary>
    DeclineLater,

    /// <summary>The holder has to confirm the checkout.</summary>
    NeedsAction,
}

/// <summary>A checkout of the local provider: the newest complete one has the card that renewals are charged to.</summary>
internal sealed class LocalCheckout
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid PlanId { get; init; }
    public required BillingInterval BillingInterval { get; init; }
    public TestCard? Card { get; private set; }
    public required DateTimeOffset Created { get; init; }
    public DateTimeOffset? Completed { get; private set; }

    public void Complete(TestCard card, DateTimeOffset now) => (Card, Completed) = (card, now);
}
