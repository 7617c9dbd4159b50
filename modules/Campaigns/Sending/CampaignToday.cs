using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Sending;

/// <summary>A campaign's own limit of messages a day, in its zone.</summary>
internal static class CampaignToday
{
    private static readonly short[] EveryDay = [1, 2, 3, 4, 5, 6, 7];

    /// <summary>The day it is in the campaign's zone.</summary>
    public static DateOnly DayOf(this Campaign campaign, DateTimeOffset at) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById(campaign.Timezone)).DateTime);

    /// <summary>When a day of its begins, wherever the clocks have moved to.</summary>
    public static DateTimeOffset Midnight(this Campaign campaign, DateOnly day) =>
        new SendingWindow(campaign.Timezone, TimeOnly.MinValue, TimeOnly.MaxValue, EveryDay).OpensOn(day);

    /// <summary>When its next day begins.</summary>
    public static DateTimeOffset NextDay(this Campaign campaign, DateTimeOffset now) => campaign.Midnight(campaign.DayOf(now).AddDays(1));

    /// <summary>Messages of that day so far.</summary>
    public static int UsedOn(this Campaign campaign, DateOnly day) => campaign.DayCountDate == day ? campaign.DayCount : 0;

    /// <summary>What is left of the day; without a limit as much as there is.</summary>
    public static int LeftToday(this Campaign campaign, DateTimeOffset now) =>
        campaign.DailyLimit is { } limit ? limit - campaign.UsedOn(campaign.DayOf(now)) : int.MaxValue;

    /// <summary>Takes some of the day; several hosts together never more than the limit.</summary>
    /// <returns>How many it was given.</returns>
    public static async Task<int> TakeOfDayAsync(CampaignsDb db, Campaign campaign, int wanted, DateTimeOffset now, CancellationToken ct)
    {
        if (campaign.DailyLimit is null || wanted == 0)
        {
            return wanted;
        }

        var today = campaign.DayOf(now);
        return (await db.Database.SqlQuery<int>($"""
            WITH before AS (
                SELECT id, daily_limit, CASE WHEN day_count_date = {today} THEN day_count ELSE 0 END AS used
                FROM campaigns WHERE id = {campaign.Id} FOR UPDATE
            ), taken AS (
                SELECT id, used, GREATEST(0, LEAST({wanted}, COALESCE(daily_limit, {int.MaxValue}) - used)) AS count FROM before
            )
            UPDATE campaigns SET day_count = taken.used + taken.count, day_count_date = {today}
            FROM taken WHERE campaigns.id = taken.id
            RETURNING taken.count AS "Value"
            """).ToListAsync(ct)).SingleOrDefault();
    }
}
