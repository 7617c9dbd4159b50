using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Sending;

/// <summary>
/// What one mailbox has to send in a batch. Room in its day is reserved a few messages at a time: what is reserved and then not sent, because the
/// host dies, is lost to the mailbox for the day.
/// </summary>
internal sealed class MailboxQueue(
    Campaign campaign, IEnumerable<Draft> drafts, Ledger ledger, IServiceScopeFactory scopes, TimeProvider clock) : IAsyncDisposable
{
    private const int ReservedAtOnce = 50;

    private readonly Queue<Draft> _planned = new(drafts);
    private readonly Queue<Draft> _granted = [];
    private readonly SemaphoreSlim _turn = new(1);
    private readonly AsyncServiceScope _work = scopes.CreateTenantScope(campaign.TenantId);

    public int Count => _planned.Count;

    /// <returns>The next message that may be sent; null where there is none.</returns>
    public async Task<Draft?> NextAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            while (_granted.Count == 0 && _planned.Count > 0)
            {
                await ReserveAsync([.. Enumerable.Range(0, Math.Min(ReservedAtOnce, _planned.Count)).Select(_ => _planned.Dequeue())], ct);
            }

            return _granted.TryDequeue(out var next) ? next : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Leaves the rest for later.</summary>
    public void Postpone(DateTimeOffset until, string reason)
    {
        _turn.Wait();
        foreach (var draft in _granted.Concat(_planned))
        {
            Postpone(draft, until, reason);
        }

        _granted.Clear();
        _planned.Clear();
        _turn.Release();
    }

    public async ValueTask DisposeAsync()
    {
        _turn.Dispose();
        await _work.DisposeAsync();
    }

    // Above what its mailbox, its address and the campaign may send now, a message waits.
    private async Task ReserveAsync(List<Draft> next, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var turns = await _work.ServiceProvider.GetRequiredService<ISender>().Send(
            new ReserveSend(next[0].Mailbox.Id, campaign.MinGapSeconds, [.. next.Select(draft => draft.RecipientDomain)]), ct);
        var granted = new List<Draft>();
        foreach (var (draft, turn) in next.Zip(turns))
        {
            if (turn.Granted)
            {
                granted.Add(draft with { SmtpIpAddressId = turn.SmtpIpAddressId });
            }
            else
            {
                Postpone(draft, turn.RetryAt!.Value, turn.Reason!);
            }
        }

        var today = await CampaignToday.TakeOfDayAsync(_work.ServiceProvider.GetRequiredService<CampaignsDb>(), campaign, granted.Count, now, ct);
        granted.Take(today).ToList().ForEach(_granted.Enqueue);
        granted.Skip(today).ToList().ForEach(
            late => Postpone(late, campaign.NextDay(now), $"The campaign has used its {campaign.DailyLimit} messages of today."));
    }

    private void Postpone(Draft draft, DateTimeOffset until, string reason)
    {
        draft.Enrollment.Postpone(until, reason);
        ledger.Settle(new SettledEnrollment(draft.Enrollment));
    }
}
