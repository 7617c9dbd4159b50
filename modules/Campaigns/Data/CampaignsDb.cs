using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Data;

internal sealed class CampaignsDb(DbContextOptions<CampaignsDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<Lead> Leads => Set<Lead>();
    public DbSet<LeadList> Lists => Set<LeadList>();
    public DbSet<LeadListMember> ListMembers => Set<LeadListMember>();
    public DbSet<LeadTag> LeadTags => Set<LeadTag>();
    public DbSet<LeadImport> Imports => Set<LeadImport>();
    public DbSet<LeadImportRefusal> ImportRefusals => Set<LeadImportRefusal>();
    public DbSet<LeadImportRow> ImportRows => Set<LeadImportRow>();
    public DbSet<Template> Templates => Set<Template>();
    public DbSet<TemplateVersion> TemplateVersions => Set<TemplateVersion>();
    public DbSet<Folder> Folders => Set<Folder>();
    public DbSet<TemplateFolder> TemplateFolders => Set<TemplateFolder>();
    public DbSet<Tag> Tags => Set<Tag>();
    public DbSet<TemplateTag> TemplateTags => Set<TemplateTag>();
    public DbSet<Campaign> Campaigns => Set<Campaign>();
    public DbSet<CampaignMailbox> Mailboxes => Set<CampaignMailbox>();
    public DbSet<SequenceStep> Steps => Set<SequenceStep>();
    public DbSet<Enrollment> Enrollments => Set<Enrollment>();
    public DbSet<EmailMessage> Messages => Set<EmailMessage>();
    public DbSet<EmailEvent> Events => Set<EmailEvent>();
    public DbSet<EmailContent> Contents => Set<EmailContent>();
    public DbSet<StepVariant> Variants => Set<StepVariant>();
    public DbSet<SuppressedAddress> Suppressions => Set<SuppressedAddress>();
    public DbSet<InboxThread> Threads => Set<InboxThread>();
    public DbSet<InboxMessage> InboxMessages => Set<InboxMessage>();
    public DbSet<InboxThreadTag> ThreadTags => Set<InboxThreadTag>();
    public DbSet<CampaignDay> Days => Set<CampaignDay>();
    public DbSet<StorageDay> StorageDays => Set<StorageDay>();

    /// <summary>How long one statement over all leads of a campaign may take.</summary>
    public static readonly TimeSpan ForMillions = TimeSpan.FromMinutes(10);

    /// <summary>Lets one at a time add leads to the tenant's, until its transaction ends: what is counted then stays so.</summary>
    public Task LockContactsAsync(Guid tenantId, CancellationToken ct) => LockAsync($"contacts of:{tenantId}", ct);

    /// <summary>How many of the tenant's campaigns were launched in a month; such a campaign cannot be deleted by itself.</summary>
    public Task<long> LaunchedInAsync(UsageMonth month, CancellationToken ct)
    {
        var (from, until) = (month.From, month.Until);
        return Campaigns.LongCountAsync(campaign => campaign.Started >= from && campaign.Started < until, ct);
    }

    /// <summary>Bytes that the tenant's mail takes, as of the last count.</summary>
    public Task<long> StoredBytesAsync(CancellationToken ct) => StorageDays.SumAsync(day => day.SentBytes + day.ReceivedBytes, ct);

    /// <summary>PostgreSQL's <c>lower</c>, which keys are made by; only within a query.</summary>
    public static string Lower(string text) => throw new InvalidOperationException("Only within a query.");

    /// <summary>PostgreSQL's <c>split_part</c>; only within a query.</summary>
    public static string SplitPart(string text, string delimiter, int part) => throw new InvalidOperationException("Only within a query.");

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<LeadStatus>().HaveConversion<SnakeCaseEnumConverter<LeadStatus>>();
        conventions.Properties<OnDuplicate>().HaveConversion<SnakeCaseEnumConverter<OnDuplicate>>();
        conventions.Properties<ImportStatus>().HaveConversion<SnakeCaseEnumConverter<ImportStatus>>();
        conventions.Properties<CampaignStatus>().HaveConversion<SnakeCaseEnumConverter<CampaignStatus>>();
        conventions.Properties<StepType>().HaveConversion<SnakeCaseEnumConverter<StepType>>();
        conventions.Properties<EnrollmentStatus>().HaveConversion<SnakeCaseEnumConverter<EnrollmentStatus>>();
        conventions.Properties<ExitReason>().HaveConversion<SnakeCaseEnumConverter<ExitReason>>();
        conventions.Properties<ConditionType>().HaveConversion<SnakeCaseEnumConverter<ConditionType>>();
        conventions.Properties<SendCondition>().HaveConversion<SnakeCaseEnumConverter<SendCondition>>();
        conventions.Properties<MessageKind>().HaveConversion<SnakeCaseEnumConverter<MessageKind>>();
        conventions.Properties<EventType>().HaveConversion<SnakeCaseEnumConverter<EventType>>();
        conventions.Properties<SuppressionReason>().HaveConversion<SnakeCaseEnumConverter<SuppressionReason>>();
        conventions.Properties<InboxKind>().HaveConversion<SnakeCaseEnumConverter<InboxKind>>();
        conventions.Properties<MessageStatus>().HaveConversion<SnakeCaseEnumConverter<MessageStatus>>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.HasDbFunction(typeof(CampaignsDb).GetMethod(nameof(Lower))!).HasName("lower").IsBuiltIn();
        model.HasDbFunction(typeof(CampaignsDb).GetMethod(nameof(SplitPart))!).HasName("split_part").IsBuiltIn();
        MapLeads(model);
        MapTemplates(model);
        MapCampaigns(model);
        MapMessages(model);
        MapInbox(model);
        model.Entity<SuppressedAddress>().ToTable("suppressions").Property(row => row.Created).ValueGeneratedOnAdd();
    }

    private static void MapCampaigns(ModelBuilder model)
    {
        model.Entity<Campaign>(campaign =>
        {
            campaign.ToTable("campaigns");
            campaign.Ignore(row => row.Window);
            campaign.Property(row => row.NextDispatch).ValueGeneratedOnAdd();
            campaign.Property(row => row.Created).ValueGeneratedOnAdd();
        });
        model.Entity<CampaignMailbox>().ToTable("campaign_email_accounts").HasKey(row => new { row.CampaignId, row.EmailAccountId });
        model.Entity<SequenceStep>().ToTable("campaign_sequence_steps");
        model.Entity<StepVariant>().ToTable("campaign_step_variants");
        // Whoever lost the claim cannot write the outcome.
        model.Entity<Enrollment>().ToTable("campaign_leads").Property(enrollment => enrollment.LeaseOwner).IsConcurrencyToken();
        model.Entity<CampaignDay>().ToTable("campaign_daily", "olap");

        model.Entity<SequenceStep>().HasOne<Campaign>().WithMany().HasForeignKey(step => step.CampaignId);
        model.Entity<StepVariant>().HasOne<SequenceStep>().WithMany().HasForeignKey(variant => variant.StepId);
        model.Entity<CampaignMailbox>().HasOne<Campaign>().WithMany().HasForeignKey(mailbox => mailbox.CampaignId);
    }

    private static void MapMessages(ModelBuilder model)
    {
        model.Entity<EmailMessage>(message =>
        {
            message.ToTable("email_messages", "content").HasKey(row => new { row.Id, row.Created });
            // Of two who settle it at once, one is too late.
            message.Property(row => row.Status).IsConcurrencyToken();
        });
        model.Entity<StorageDay>().ToTable("storage_daily", "olap").HasKey(row => new { row.TenantId, row.Day });
        model.Entity<EmailContent>().ToTable("email_content", "content").HasKey(content => new { content.MessageId, content.Created });
        model.Entity<EmailEvent>(happened =>
        {
            happened.ToTable("email_events", "content").HasKey(row => new { row.Id, row.Created });
            happened.Property(row => row.Metadata).HasColumnType("jsonb");
        });
    }

    private static void MapInbox(ModelBuilder model)
    {
        model.Entity<InboxThread>().ToTable("inbox_threads", "content").Property(thread => thread.Created).ValueGeneratedOnAdd();
        // Of two that send the same answer at once, one sends it.
        model.Entity<InboxThread>().Property(thread => thread.ReplyMessageId).IsConcurrencyToken();
        model.Entity<InboxMessage>().ToTable("inbox_messages", "content");
        model.Entity<InboxThreadTag>().ToTable("inbox_thread_tags", "content").HasKey(tag => new { tag.ThreadId, tag.TagId });

        model.Entity<InboxMessage>().HasOne<InboxThread>().WithMany().HasForeignKey(message => message.ThreadId);
        model.Entity<InboxThreadTag>().HasOne<InboxThread>().WithMany().HasForeignKey(tag => tag.ThreadId);
    }

    private static void MapLeads(ModelBuilder model)
    {
        model.Entity<Lead>(lead =>
        {
            lead.ToTable("leads");
            lead.Property(row => row.Attributes).HasColumnType("jsonb");
            lead.Property(row => row.EmailKey).ValueGeneratedOnAddOrUpdate();
            lead.Property(row => row.NameKey).ValueGeneratedOnAddOrUpdate();
            lead.Property(row => row.CompanyKey).ValueGeneratedOnAddOrUpdate();
            lead.Property(row => row.Created).ValueGeneratedOnAdd();
            lead.Property(row => row.Updated).ValueGeneratedOnAddOrUpdate();
        });
        model.Entity<LeadList>().ToTable("lead_lists").Property(list => list.Created).ValueGeneratedOnAdd();
        model.Entity<LeadListMember>().ToTable("lead_list_members").HasKey(member => new { member.ListId, member.LeadId });
        model.Entity<LeadTag>().ToTable("lead_tags").HasKey(tag => new { tag.LeadId, tag.TagId });
        model.Entity<LeadImport>(import =>
        {
            import.ToTable("lead_imports");
            import.Ignore(row => row.IsOver);
            import.Property(row => row.Created).ValueGeneratedOnAdd();
        });
        model.Entity<LeadImportRefusal>().ToTable("lead_import_refusals").HasKey(row => new { row.ImportId, row.Line });
        model.Entity<LeadImportRow>().ToTable("lead_import_rows").HasKey(row => new { row.ImportId, row.Seq });
    }

    private static void MapTemplates(ModelBuilder model)
    {
        model.Entity<Template>(template =>
        {
            template.ToTable("templates");
            // The seed's name for it.
            template.Property(row => row.IsStarred).HasColumnName("is_started");
            // Of two who change it at once, one is too late.
            template.Property(row => row.Version).IsConcurrencyToken();
            template.Property(row => row.Created).ValueGeneratedOnAdd();
            template.Property(row => row.Updated).ValueGeneratedOnAddOrUpdate();
        });
        model.Entity<TemplateVersion>().ToTable("template_versions").Property(version => version.Created).ValueGeneratedOnAdd();
        model.Entity<Folder>().ToTable("folders").Property(folder => folder.Created).ValueGeneratedOnAdd();
        model.Entity<TemplateFolder>().ToTable("template_folders");
        model.Entity<Tag>().ToTable("tags").Property(tag => tag.Created).ValueGeneratedOnAdd();
        model.Entity<TemplateTag>().ToTable("template_tags");

        model.Entity<TemplateFolder>().HasOne<Template>().WithMany().HasForeignKey(row => row.TemplateId);
        model.Entity<TemplateTag>().HasOne<Template>().WithMany().HasForeignKey(row => row.TemplateId);
    }
}
