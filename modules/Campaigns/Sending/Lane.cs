using System.Collections.Concurrent;
using System.Security.Cryptography;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using MimeKit.Utils;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Sending;

/// <summary>
/// Sends messages of one mailbox one after the other, by one connection: each is written down as sending once the connection stands, and what
/// became of it together with the next.
/// </summary>
internal sealed class Lane(
    CampaignPlan plan, Ledger ledger, MailboxQueue queue, ConcurrentBag<(Draft Draft, SendResult Result)> results,
    IServiceScopeFactory scopes, MessageComposer composer, TimeProvider clock)
{
    // 5 minutes doubled each time: the tenth retry is past four days (RFC 5321, 4.5.4.1).
    private const int MostAttempts = 10;

    private const string Stopped = "The host stopped before it was sent.";

    // What is left by then is claimed anew, and judged anew: the window may have closed, or a brake been applied.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <param name="ct">Stops it after the message in hand; what is left keeps its claim.</param>
    /// <returns>Why the template cannot be sent to anybody; null where it can.</returns>
    public async Task<TemplateFaultException?> RunAsync(CancellationToken ct)
    {
        await using var work = scopes.CreateTenantScope(plan.Campaign.TenantId);
        var modules = work.ServiceProvider.GetRequiredService<ISender>();
        MailOutlet? outlet = null;
        Guid? from = null;
        try
        {
            var began = clock.GetTimestamp();
            while (!ct.IsCancellationRequested && clock.GetElapsedTime(began) < Longest && await queue.NextAsync(CancellationToken.None) is { } draft)
            {
                if (outlet is null || from != draft.SmtpIpAddressId)
                {
                    await (outlet?.DisposeAsync() ?? ValueTask.CompletedTask);
                    outlet = null;
                    from = draft.SmtpIpAddressId;
                    outlet = await modules.Send(new OpenOutlet(draft.Mailbox.Id, from), ct);
                }

                if (await SendAsync(outlet, draft, ct) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The host stops while it waits for a server, and nothing is on its way there.
            return null;
        }
        finally
        {
            await (outlet?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<TemplateFaultException?> SendAsync(MailOutlet outlet, Draft draft, CancellationToken ct)
    {
        MimeMessage mime;
        try
        {
            mime = composer.Compose(draft);
        }
        catch (TemplateFaultException fault) when (fault.IsOfTemplate)
        {
            // It fails for every lead alike, by newer rules for example: nobody's turn is lost until somebody has mended it.
            draft.Enrollment.Postpone(clock.GetUtcNow(), fault.Message);
            ledger.Settle(new SettledEnrollment(draft.Enrollment));
            return fault;
        }
        // Keys that cannot be read now can be later.
        catch (Exception fault) when (fault is not CryptographicException)
        {
            await FailAsync(draft, LiquidTemplates.WellFormed(fault.Message));
            return null;
        }

        // Left to its finalizers, it and all that it holds would outlive two collections.
        using (mime)
        {
            await SendAsync(outlet, draft, mime, ct);
        }

        return null;
    }

    private async Task SendAsync(MailOutlet outlet, Draft draft, MimeMessage mime, CancellationToken ct)
    {
        var message = draft.Queued ?? EmailMessage.Of(draft, mime.MessageId!, clock.GetUtcNow());
        // The lead may have another address than when it was put off.
        (message.ToAddress, message.Provider) = (draft.Lead.Email, Receivers.NameOf(draft.RecipientDomain));
        message.BeginSending(draft.Mailbox, draft.SmtpIpAddressId, mime.Subject ?? "");
        if (await ReadyAsync(outlet, mime, ct) is { } problem)
        {
            await WaitAsync(draft, message, problem);
        }
        else if (await ledger.BeginAsync(new BegunMessage(message, BytesOf(mime))))
        {
            // From here until it is settled, a crash leaves the message in doubt.
            await HandOverAsync(outlet, mime, message, draft, ct);
        }
        else
        {
            PlanAgain(draft);
        }
    }

    private async Task HandOverAsync(MailOutlet outlet, MimeMessage mime, EmailMessage message, Draft draft, CancellationToken ct)
    {
        try
        {
            Settle(await outlet.SendAsync(mime, ct), message, draft);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // Its text has not gone out: any host may send it.
            var now = clock.GetUtcNow();
            message.Settle(MessageStatus.Queued, Stopped, now);
            draft.Enrollment.Postpone(now, Stopped);
            ledger.Settle(new SettledEnrollment(draft.Enrollment, message));
        }
    }

    // Whatever goes wrong here is the mailbox's trouble: a key that is none, for example.
    private static async Task<string?> ReadyAsync(MailOutlet outlet, MimeMessage mime, CancellationToken ct)
    {
        try
        {
            if (await outlet.ReadyAsync(ct) is { } problem)
            {
                return problem;
            }

            outlet.Sign(mime);
            return null;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            return LiquidTemplates.WellFormed($"The mailbox cannot send: {exception.Message}");
        }
    }

    private static byte[] BytesOf(MimeMessage mime)
    {
        using var stream = new MemoryStream(8192);
        mime.WriteTo(EncodedBody.Wire, stream);
        return stream.ToArray();
    }

    // With other values the template may well do: only this lead's message is given up, and shown as failed.
    private async Task FailAsync(Draft draft, string error)
    {
        var message = draft.Queued ?? EmailMessage.Of(draft, MimeUtils.GenerateMessageId(draft.Mailbox.Domain), clock.GetUtcNow());
        message.BeginSending(draft.Mailbox, draft.SmtpIpAddressId, draft.OwnSubject ?? draft.Template.Subject);
        message.Settle(MessageStatus.Failed, error, clock.GetUtcNow());
        if (await ledger.BeginAsync(new BegunMessage(message, [])))
        {
            draft.Enrollment.Exit(ExitReason.Failed, error);
            ledger.Settle(new SettledEnrollment(draft.Enrollment));
        }
        else
        {
            PlanAgain(draft);
        }
    }

    // The next round finds out why, and does what follows from it.
    private void PlanAgain(Draft draft)
    {
        draft.Enrollment.Postpone(clock.GetUtcNow(), "Changed while it was in hand.");
        ledger.Settle(new SettledEnrollment(draft.Enrollment));
    }

    // The mailbox's trouble, and never the lead's: what else it has in this batch need not try.
    private async Task WaitAsync(Draft draft, EmailMessage message, string problem)
    {
        var now = clock.GetUtcNow();
        message.Settle(MessageStatus.Queued, problem, now);
        await ledger.BeginAsync(new BegunMessage(message, []));
        draft.Enrollment.Postpone(AfterTrouble(now), problem);
        ledger.Settle(new SettledEnrollment(draft.Enrollment));
        queue.Postpone(AfterTrouble(now), problem);
    }

    private static DateTimeOffset AfterTrouble(DateTimeOffset now) => now.AddMinutes(5 + Random.Shared.NextDouble());

    private void Settle(SendOutcome outcome, EmailMessage message, Draft draft)
    {
        var (now, enrollment, reply) = (clock.GetUtcNow(), draft.Enrollment, LiquidTemplates.WellFormed(outcome.Reply));
        SettledEnrollment settled = new(enrollment, message);
        switch (outcome.Result)
        {
            case SendResult.Accepted:
                message.Settle(MessageStatus.Sent, reply, now);
                enrollment.Sent(draft.Step, message, now);
                StepPlanner.Proceed(plan.Steps, enrollment, now);
                settled = settled with { Event = EmailEvent.Of(message, EventType.Sent, now) };
                break;
            case SendResult.Deferred when enrollment.Attempts >= MostAttempts:
                message.Settle(MessageStatus.Failed, reply, now);
                enrollment.Exit(ExitReason.Failed, reply);
                break;
            case SendResult.Deferred:
                message.Settle(MessageStatus.Queued, reply, now);
                enrollment.Retry(now, reply);
                settled = settled with { Event = EmailEvent.Of(message, EventType.Deferred, now) };
                break;
            case SendResult.Unreachable:
                message.Settle(MessageStatus.Queued, reply, now);
                enrollment.Postpone(AfterTrouble(now), reply);
                queue.Postpone(AfterTrouble(now), reply);
                break;
            case SendResult.Rejected:
                message.Settle(MessageStatus.Bounced, reply, now);
                enrollment.Exit(ExitReason.Bounced, reply);
                settled = settled with { Event = EmailEvent.Of(message, EventType.Bounced, now), Bounced = draft.Lead };
                break;
            case SendResult.InDoubt:
                message.Settle(MessageStatus.InDoubt, reply, now);
                enrollment.HoldInDoubt();
                break;
        }

        ledger.Settle(settled);
        results.Add((draft, outcome.Result));
    }
}
