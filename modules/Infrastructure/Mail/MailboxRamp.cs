namespace PenguinMails.Infrastructure.Mail;

/// <summary>How much a young mailbox may send a day: 10, 20, 35, then 50 by week, the last only at a health above 90.</summary>
internal static class MailboxRamp
{
    private static readonly int[] ByWeek = [10, 20, 35, 50];
    private const decimal HealthForLastStep = 90;

    /// <param name="started">When the ramp began; null: the mailbox is not ramped.</param>
    /// <param name="health">0 to 100.</param>
    /// <returns>Sends a day; the mailbox's own limit holds besides.</returns>
    public static int LimitAt(DateTimeOffset? started, decimal health, int dailyLimit, DateTimeOffset now)
    {
        if (started is not { } since)
        {
            return dailyLimit;
        }

        var week = Math.Clamp((int)(now - since).TotalDays / 7, 0, ByWeek.Length - 1);
        var step = week == ByWeek.Length - 1 && health <= HealthForLastStep ? week - 1 : week;
        return Math.Min(dailyLimit, ByWeek[step]);
    }
}
