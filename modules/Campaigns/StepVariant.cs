namespace PenguinMails.Campaigns;

/// <summary>One of several texts of an e-mail step (table <c>campaign_step_variants</c>). A step without any has its own template.</summary>
internal sealed class StepVariant
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid StepId { get; init; }
    public required string Name { get; set; }
    public required Guid TemplateId { get; set; }
    public string? SubjectOverride { get; set; }

    /// <summary>0 to 1000: its share among the step's variants. 0: nobody gets it any more.</summary>
    public int Weight { get; set; } = 1;

    /// <summary>A copy for another step.</summary>
    public StepVariant CopyTo(Guid stepId, Guid id) =>
        new() { Id = id, TenantId = TenantId, StepId = stepId, Name = Name, TemplateId = TemplateId, SubjectOverride = SubjectOverride, Weight = Weight };
}
