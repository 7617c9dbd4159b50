namespace PenguinMails.Campaigns.Forecasts;

/// <summary>How far a lead has come in a forecast.</summary>
/// <param name="mailboxId">Its own; null where there is none.</param>
internal sealed class ForecastLead(Lead lead, Guid? mailboxId, DateTimeOffset due)
{
    private readonly Dictionary<Guid, ForeseenStep> _foreseen = [];

    public Lead Lead => lead;
    public Guid? MailboxId => mailboxId;
    public DateTimeOffset Due { get; set; } = due;
    public int CurrentStep { get; set; }
    public DateTimeOffset? LastSent { get; set; }

    /// <summary>It was sent nothing yet: follow-ups go first.</summary>
    public bool IsNew => LastSent is null;

    public void Come(SequenceStep step, string? note) => Note(step, Due, note);

    public void PassBy(SequenceStep step, string note) => Note(step, null, note);

    public ForeseenStep Of(SequenceStep step) => _foreseen.GetValueOrDefault(step.Id) ?? new ForeseenStep(step, null, "Not on its way.");

    private void Note(SequenceStep step, DateTimeOffset? at, string? note)
    {
        _foreseen[step.Id] = new ForeseenStep(step, at, note);
        CurrentStep = step.StepOrder + 1;
    }
}
