using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>What staff do to an address, written down with its state before and after.</summary>
internal sealed class AddressChange(AddressLife life, ISender modules)
{
    public const int LongestReason = 500;

    /// <param name="change">Whether it was allowed.</param>
    /// <param name="past">What the address would be then, for people.</param>
    public async Task<Results<Ok<AddressResponse>, ProblemHttpResult>> ApplyAsync(
        Guid id, string action, string reason, Func<SmtpIpAddress, bool> change, string past, CancellationToken ct)
    {
        var (allowed, before) = (false, default(AddressStatus));
        var address = await life.ChangeAsync(id, async (_, found) =>
        {
            before = found.Status;
            allowed = change(found);
            if (allowed)
            {
                await RecordAsync(action, reason, before, found, ct);
            }
        }, ct);
        if (address is null)
        {
            return Problems.NotFound("Address");
        }

        if (!allowed)
        {
            return Problems.Conflict(address.AssignedCount == 0
                ? $"An address that is {SnakeCase.Of(before)} cannot be {past}."
                : $"An address that is {SnakeCase.Of(before)} and has {address.AssignedCount} domains cannot be {past}.");
        }

        return TypedResults.Ok(AddressResponse.Of(address));
    }

    private Task RecordAsync(string action, string reason, AddressStatus before, SmtpIpAddress address, CancellationToken ct) =>
        modules.Send(new RecordAudit(action, "smtp_ip_address", address.Id.ToString())
        {
            Reason = reason,
            Details = new Dictionary<string, string?> { ["status"] = $"{SnakeCase.Of(before)} -> {SnakeCase.Of(address.Status)}" },
        }, ct);
}
