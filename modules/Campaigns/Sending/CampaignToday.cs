using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Sending;

/// <summary>A campaign's own limit of messages a day, in its zone.</summary>
internal static class CampaignToday
{
    /// <summary>What is left of the day; without a limit as much as there is.</summary>
    public static int LeftToday(this Campaign campaign, DateTimeOffset now) => campaign.DailyLimit is not { } limit
        ? int.MaxValue
        : limit - (campaign.DayCountDate == DayOf(campaign, now) ? campaign.DayCount : 0);

    /// <summary>When its next day begins.</summary>
    public static DateTimeOffset NextDay(this Campaign campaign, DateTimeOffset now) =>
        new SendingWindow(campaign.Timezone, TimeOnly.MinValue, TimeOnly.MaxValue, [1, 2, 3, 4, 5, 6, 7]).OpensOn(DayOf(campaign, now).AddDays(1));

    /// <summary>Takes some of the day; several hosts together never more than the limit.</summary>
    /// <returns>How many it was given.</returns>
    public static async Task<int> TakeOfDayAsync(CampaignsDb db, Campaign campaign, int wanted, DateTimeOffset now, CancellationToken ct)
    {
        if (campaign.DailyLimit is null || wanted == 0)
        {
            return wanted;
        }

        var today = DayOf(campaign, now);
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

    private static DateOnly DayOf(Campaign campaign, DateTimeOffset now) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(campaign.Timezone)).DateTime);
}
