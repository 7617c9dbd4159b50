namespace PenguinMails.Campaigns;

internal enum ImportStatus
{
    /// <summary>The file is arriving.</summary>
    Uploading,

    /// <summary>All rows have arrived and are merged into the leads, or wait for it.</summary>
    Running,
    Completed,
    Failed,
    Canceled,
}

/// <summary>What becomes of a row whose address is a lead already.</summary>
internal enum OnDuplicate
{
    /// <summary>The lead stays as it is and joins the list.</summary>
    Skip,

    /// <summary>The lead takes the file's values and joins the list.</summary>
    Update,

    /// <summary>Only the list is made, of leads that are there: they stay as they are, and an unknown address makes no lead.</summary>
    ListOnly,
}

/// <summary>What became of one CSV upload. Its rows wait in <c>lead_import_rows</c> until they are merged.</summary>
internal sealed class LeadImport
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public Guid? ListId { get; init; }

    /// <summary>The list that the leads join; made by the merge where there is none of that name.</summary>
    public string? ListName { get; init; }
    public required string FileName { get; init; }
    public required ImportStatus Status { get; init; }
    public OnDuplicate OnDuplicate { get; init; }
    public int TotalRows { get; init; }
    public int Imported { get; init; }
    public int UpdatedRows { get; init; }
    public int Skipped { get; init; }
    public int Refused { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }
    public string? IdempotencyKey { get; init; }

    /// <summary>The file's header.</summary>
    public string[]? Columns { get; init; }

    /// <summary>As the upload announced it.</summary>
    public long? BytesTotal { get; init; }
    public long BytesRead { get; init; }

    /// <summary>How many rows wait to be merged; fewer in the table mean that the server lost them.</summary>
    public int StagedRows { get; init; }
    public int MergedRows { get; init; }
    public DateTimeOffset PhaseStarted { get; init; }
    public Guid? LeaseOwner { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>How often a host took it up.</summary>
    public int Attempts { get; init; }
    public Guid? CreatedBy { get; init; }
    public DateTimeOffset Created { get; private set; }
    public DateTimeOffset? Completed { get; init; }

    public bool IsOver => Status is ImportStatus.Completed or ImportStatus.Failed or ImportStatus.Canceled;
}

/// <summary>A row of a file that was left out.</summary>
internal sealed class LeadImportRefusal
{
    public required Guid TenantId { get; init; }
    public required Guid ImportId { get; init; }
    public required int Line { get; init; }
    public string? Email { get; init; }
    public required string Reason { get; init; }

    /// <summary>As they were, where the row itself was at fault.</summary>
    public string[]? Cells { get; init; }
}

/// <summary>A good row that waits to be merged.</summary>
internal sealed class LeadImportRow
{
    public required Guid TenantId { get; init; }
    public required Guid ImportId { get; init; }

    /// <summary>Its place in the order of addresses.</summary>
    public required int Seq { get; init; }
    public required int Line { get; init; }

    /// <summary>The first line of the same address.</summary>
    public required int FirstLine { get; init; }
    public required string Email { get; init; }
    public bool IsSuppressed { get; init; }
}
