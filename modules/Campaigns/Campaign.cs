namespace PenguinMails.Campaigns;

/// <summary>A sequence of steps that each enrolled lead goes through.</summary>
internal sealed class Campaign
{
    public const int MaxSteps = 20;

    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid CompanyId { get; set; }
    public required string Name { get; set; }
    public string? Description { get; set; }
    public CampaignStatus Status { get; private set; }
    public DateTimeOffset? Started { get; private set; }
    public DateTimeOffset? Completed { get; private set; }
    public string? PauseReason { get; private set; }

    /// <summary>IANA name of the zone that the window is in.</summary>
    public string Timezone { get; set; } = "UTC";
    public TimeOnly WindowStart { get; set; } = new(9, 0);
    public TimeOnly WindowEnd { get; set; } = new(17, 0);

    /// <summary>ISO weekdays, 1 is Monday.</summary>
    public short[] WindowDays { get; set; } = [1, 2, 3, 4, 5];

    /// <summary>Least seconds between two sends of one mailbox.</summary>
    public int MinGapSeconds { get; set; } = 120;

    /// <summary>The window is in the lead's own zone, where that is known.</summary>
    public bool UseLeadTimezone { get; set; }

    /// <summary>Most messages a day, in the campaign's zone; null: no limit of its own.</summary>
    public int? DailyLimit { get; set; }
    public bool TrackOpens { get; set; }
    public bool TrackClicks { get; set; }

    /// <summary>Whoever answers gets no further message.</summary>
    public bool StopOnReply { get; set; } = true;

    /// <summary>Nor does anybody with an address at the same domain.</summary>
    public bool StopCompanyOnReply { get; set; }

    /// <summary>When it begins by itself, while it is scheduled.</summary>
    public DateTimeOffset? Scheduled { get; private set; }

    /// <summary>Before that there is nothing to send.</summary>
    public DateTimeOffset NextDispatch { get; private set; }

    /// <summary>For people: why there is nothing to send before then.</summary>
    public string? WaitingFor { get; private set; }
    public int DayCount { get; private set; }
    public DateOnly? DayCountDate { get; private set; }

    /// <summary>The brake counts from here: a person has looked at what was before.</summary>
    public DateTimeOffset? JudgedFrom { get; private set; }
    public DateTimeOffset? Created { get; private set; }

    public SendingWindow Window => new(Timezone, WindowStart, WindowEnd, WindowDays);

    /// <summary>In the lead's own zone, where the campaign wants that and it is known.</summary>
    public SendingWindow WindowFor(Lead lead) =>
        UseLeadTimezone && lead.Timezone is { } zone && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? Window with { Timezone = zone } : Window;

    public bool MayBeEdited => Status is CampaignStatus.Draft or CampaignStatus.Scheduled;

    /// <summary>What it is, for people.</summary>
    public string StateInWords => Status switch
    {
        CampaignStatus.Draft => "a draft",
        CampaignStatus.Scheduled => "scheduled",
        CampaignStatus.Sending => "sending",
        CampaignStatus.Paused => "paused",
        _ => "completed",
    };

    /// <summary>There is something new to send, or another way to send it.</summary>
    public void LookAgain(DateTimeOffset now) => NextDispatch = now;

    /// <summary>It begins by itself then.</summary>
    /// <returns>False in the wrong state.</returns>
    public bool Schedule(DateTimeOffset at)
    {
        if (!MayBeEdited)
        {
            return false;
        }

        (Status, Scheduled) = (CampaignStatus.Scheduled, at);
        return true;
    }

    /// <returns>False in the wrong state.</returns>
    public bool Unschedule()
    {
        if (Status != CampaignStatus.Scheduled)
        {
            return false;
        }

        (Status, Scheduled) = (CampaignStatus.Draft, null);
        return true;
    }

    /// <returns>False in the wrong state.</returns>
    public bool Launch(DateTimeOffset now)
    {
        if (!MayBeEdited)
        {
            return false;
        }

        Status = CampaignStatus.Sending;
        Started = now;
        NextDispatch = now;
        return true;
    }

    /// <returns>False in the wrong state.</returns>
    public bool Pause(string reason)
    {
        if (Status != CampaignStatus.Sending)
        {
            return false;
        }

        Status = CampaignStatus.Paused;
        PauseReason = reason;
        return true;
    }

    /// <returns>False in the wrong state.</returns>
    public bool Resume(DateTimeOffset now)
    {
        if (Status != CampaignStatus.Paused)
        {
            return false;
        }

        Status = CampaignStatus.Sending;
        PauseReason = null;
        (NextDispatch, JudgedFrom) = (now, now);
        return true;
    }

    /// <summary>A message in doubt was settled after all others were done: its lead may have steps left.</summary>
    public void Reopen(DateTimeOffset now)
    {
        NextDispatch = now;
        if (Status == CampaignStatus.Completed)
        {
            Status = CampaignStatus.Sending;
            Completed = null;
        }
    }
}
