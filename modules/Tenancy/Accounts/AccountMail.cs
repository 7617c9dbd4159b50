using Hangfire;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>
/// The platform's mail to people. Each method is a background job, repeated for a day until the server takes the mail, and makes
/// its token itself: no token is ever stored, and a request takes as long whether there is somebody to write to or not.
/// </summary>
[Queue(JobQueues.Mail)]
[AutomaticRetry(Attempts = 27, DelaysInSeconds = [60, 120, 240, 900, 3600])]
internal sealed class AccountMail(
    TenancyDb db, TenantScope scope, OneTimeTokens tokens, ISender modules, IOptions<AccountOptions> options, IConfiguration configuration)
{
    /// <summary>To the address of an account that is not verified: a link and a code.</summary>
    public async Task VerifyAsync(Guid userId, CancellationToken ct)
    {
        if (await UnverifiedAsync(userId, ct) is not { } email || await tokens.IsEnoughAsync(UserToken.VerifyEmail, ct))
        {
            return;
        }

        var (token, code) = await tokens.MakeAsync(UserToken.VerifyEmail, email, TimeSpan.FromHours(options.Value.VerificationHours), ct);
        await OrForgetAsync(UserToken.VerifyEmail, SendVerificationAsync(email, token, code, ct));
    }

    /// <summary>The same for somebody who signed up again: what they chose this time counts once they open this mail.</summary>
    public async Task VerifyReservedAsync(Guid userId, Guid tokenId, CancellationToken ct)
    {
        if (await UnverifiedAsync(userId, ct) is { } email && await tokens.MakeReservedAsync(tokenId, ct) is { } made)
        {
            await SendVerificationAsync(email, made.Token, made.Code, ct);
        }
    }

    private Task SendVerificationAsync(string email, string token, string code, CancellationToken ct) =>
        SendAsync(email, "Verify your e-mail address", $"""
            Welcome to PenguinMails.

            Verify this address: {Link("verify-email", token)}
            or enter the code {code}.

            Both work once, for {options.Value.VerificationHours} hours. If you did not sign up, ignore this mail.
            """, ct);

    /// <summary>Somebody signed up with the address of an account: its person may have forgotten.</summary>
    public Task AddressTakenAsync(Guid userId, CancellationToken ct) => ResetAsync(userId, "You already have an account",
        """
        Somebody, probably you, signed up to PenguinMails with this address. It has an account already: log in as you used to.

        """, ct);

    /// <summary>A link to choose a new password; nothing where the address has no account (<see cref="Guid.Empty"/>).</summary>
    public Task ResetPasswordAsync(Guid userId, CancellationToken ct) => ResetAsync(userId, "Choose a new password", "", ct);

    private async Task ResetAsync(Guid userId, string subject, string opening, CancellationToken ct)
    {
        if (await EmailAsync(userId, ct) is not { } email || await tokens.IsEnoughAsync(UserToken.ResetPassword, ct))
        {
            return;
        }

        var minutes = options.Value.PasswordResetMinutes;
        var (token, _) = await tokens.MakeAsync(UserToken.ResetPassword, email, TimeSpan.FromMinutes(minutes), ct);
        await OrForgetAsync(UserToken.ResetPassword, SendAsync(email, subject, $"""
            {opening}Choose a new password: {Link("reset-password", token)}

            The link works once, for {minutes} minutes. If you did not ask for it, ignore this mail: your password stays.
            """, ct));
    }

    /// <summary>To the new address, which is not the account's yet.</summary>
    public async Task ChangeEmailAsync(Guid userId, string email, CancellationToken ct)
    {
        if (await EmailAsync(userId, ct) is not { } old)
        {
            return;
        }

        var hours = options.Value.VerificationHours;
        var (token, _) = await tokens.MakeAsync(UserToken.ChangeEmail, email, TimeSpan.FromHours(hours), ct);
        await SendAsync(email, "Verify your new e-mail address", $"""
            Make this the address of your account: {Link("change-email", token)}

            The link works once, for {hours} hours. If you did not ask for it, ignore this mail.
            """, ct);
        await SendAsync(old, "Your e-mail address is about to change", $"""
            The address of your PenguinMails account is to become {email}, once that address is verified.

            If you did not ask for it, change your password now.
            """, ct);
    }

    public async Task InviteAsync(Guid tenantId, Guid invitationId, CancellationToken ct)
    {
        scope.Enter(tenantId);
        var invitation = await db.Invitations.SingleOrDefaultAsync(row => row.Id == invitationId && row.Accepted == null && row.Revoked == null, ct);
        if (invitation is null)
        {
            return;
        }

        var token = OneTimeTokens.NewToken();
        invitation.TokenHash = OneTimeTokens.HashOf(token);
        await db.SaveChangesAsync(ct);
        var tenant = await db.Tenants.Select(row => row.Name).SingleAsync(ct);
        await SendAsync(invitation.Email, $"You are invited to {tenant}", $"""
            You are invited to work with {tenant} on PenguinMails.

            Accept: {Link("accept-invitation", token)}

            The link works once, until {invitation.Expires:yyyy-MM-dd HH:mm} UTC.
            """, ct);
    }

    /// <summary>Tells somebody what happened to their account, for it may not have been them.</summary>
    public async Task TellAsync(Guid userId, string subject, string text, CancellationToken ct)
    {
        if (await EmailAsync(userId, ct) is { } email)
        {
            await SendAsync(email, subject, $"{text}\n\nIf it was not you, choose a new password and end all sessions.", ct);
        }
    }

    // Tried again, the job must not take its own token for a mail that went out.
    private async Task OrForgetAsync(string purpose, Task sending)
    {
        try
        {
            await sending;
        }
        catch
        {
            await tokens.ForgetOpenAsync(purpose);
            throw;
        }
    }

    private async Task<string?> EmailAsync(Guid userId, CancellationToken ct)
    {
        scope.Enter(null, userId);
        return await db.Users.Where(user => user.Id == userId && user.Deleted == null).Select(user => user.Email).SingleOrDefaultAsync(ct);
    }

    private async Task<string?> UnverifiedAsync(Guid userId, CancellationToken ct)
    {
        scope.Enter(null, userId);
        return await db.Users.Where(user => user.Id == userId && user.Deleted == null && user.EmailVerified == null)
            .Select(user => user.Email).SingleOrDefaultAsync(ct);
    }

    private Task SendAsync(string to, string subject, string text, CancellationToken ct) => modules.Send(new SendPlatformMail(to, subject, text), ct);

    // Behind the #, so that neither proxies nor the page's own server see it.
    private string Link(string action, string token)
    {
        var page = options.Value.PageUrl ?? $"{configuration["Sending:PublicUrl"]?.TrimEnd('/')}/account";
        return $"{page}#{action}={token}";
    }
}

/// <summary>Puts account mail into the background.</summary>
internal static class AccountMailJobs
{
    public static void TellLater(this IBackgroundJobClient jobs, Guid userId, string subject, string text) =>
        jobs.Enqueue<AccountMail>(mail => mail.TellAsync(userId, subject, text, CancellationToken.None));
}
