using PenguinMails.Campaigns.Leads;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>All that a message is made of.</summary>
/// <param name="Variant">Which of the step's texts; null: the step's own.</param>
/// <param name="Queued">The same message, when it was deferred or is to be resent; it keeps its Message-ID.</param>
internal sealed record Draft(
    Campaign Campaign, Enrollment Enrollment, Lead Lead, SequenceStep Step, StepVariant? Variant, Template Template, CompanyDetails Company,
    MailboxDetails Mailbox, EmailMessage? Queued)
{
    /// <summary>The message's row, known before it is written, so that its links can name it.</summary>
    public Guid MessageRowId { get; } = Queued?.Id ?? Guid.CreateVersion7();

    /// <summary>The platform's address that it leaves from; null: the mailbox's own server.</summary>
    public Guid? SmtpIpAddressId { get; init; }

    public string RecipientDomain { get; } = EmailAddress.DomainOf(Lead.Email);

    /// <summary>The subject that is not the template's, where there is one: it begins a thread of its own.</summary>
    public string? OwnSubject => CampaignTexts.SubjectOf(Step, Variant);
}
