using FluentValidation;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>How a campaign sends. What is absent stays as it is, or takes its default.</summary>
internal abstract record CampaignSettings
{
    /// <summary>Empty: none.</summary>
    public string? Description { get; init; }

    /// <summary>All the mailboxes that the leads are spread over.</summary>
    public Guid[]? EmailAccountIds { get; init; }

    /// <summary>When to send; Monday to Friday 09:00 to 17:00 UTC by default.</summary>
    public WindowRequest? Window { get; init; }

    /// <summary>The window is in the lead's own zone, where that is known.</summary>
    public bool? UseLeadTimezone { get; init; }

    /// <summary>Most messages a day; 0: no limit of its own.</summary>
    public int? DailyLimit { get; init; }

    /// <summary>Between two sends of one mailbox; 120 by default.</summary>
    public int? MinGapSeconds { get; init; }
    public bool? TrackOpens { get; init; }
    public bool? TrackClicks { get; init; }

    /// <summary>Whoever answers gets no further message; true by default.</summary>
    public bool? StopOnReply { get; init; }

    /// <summary>Nor does anybody with an address at the same domain.</summary>
    public bool? StopCompanyOnReply { get; init; }

    public void ApplyTo(Campaign campaign)
    {
        campaign.Description = Description is null ? campaign.Description : Description.Length == 0 ? null : Description;
        if (Window is { } window)
        {
            (campaign.Timezone, campaign.WindowStart, campaign.WindowEnd, campaign.WindowDays) =
                (window.Timezone, window.Start, window.End, [.. window.Days.Distinct().Order()]);
        }

        campaign.UseLeadTimezone = UseLeadTimezone ?? campaign.UseLeadTimezone;
        campaign.DailyLimit = DailyLimit switch { null => campaign.DailyLimit, 0 => null, var limit => limit };
        campaign.MinGapSeconds = MinGapSeconds ?? campaign.MinGapSeconds;
        campaign.TrackOpens = TrackOpens ?? campaign.TrackOpens;
        campaign.TrackClicks = TrackClicks ?? campaign.TrackClicks;
        campaign.StopOnReply = StopOnReply ?? campaign.StopOnReply;
        campaign.StopCompanyOnReply = StopCompanyOnReply ?? campaign.StopCompanyOnReply;
    }
}

/// <param name="Timezone">IANA name, such as Europe/Zurich.</param>
/// <param name="Days">ISO weekdays, 1 is Monday.</param>
internal sealed record WindowRequest(string Timezone, TimeOnly Start, TimeOnly End, short[] Days);

internal static class CampaignSettingsRules
{
    public static void AddSettingsRules<T>(this AbstractValidator<T> rules) where T : CampaignSettings
    {
        rules.RuleFor(request => request.Description).MaximumLength(10_000);
        rules.RuleFor(request => request.MinGapSeconds).InclusiveBetween(0, 86_400);
        rules.RuleFor(request => request.DailyLimit).InclusiveBetween(0, 1_000_000);
        rules.RuleFor(request => request.EmailAccountIds).Must(ids => ids is null || ids.Length <= 100).WithMessage("At most 100 mailboxes.");
        rules.When(request => request.Window is not null, () =>
        {
            rules.RuleFor(request => request.Window!.Timezone)
                .Must(zone => zone is { Length: <= 100 } && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
                .WithMessage("'timezone' is an IANA name such as Europe/Zurich.");
            rules.RuleFor(request => request.Window!.End).GreaterThan(request => request.Window!.Start);
            rules.RuleFor(request => request.Window!.Days).NotEmpty();
            rules.RuleForEach(request => request.Window!.Days).InclusiveBetween((short)1, (short)7);
        });
    }
}
