using System.Linq.Expressions;
using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <param name="CompanyId">Null: for all companies of the tenant.</param>
/// <param name="Email">Null once it is erased; the address stays suppressed by its hash.</param>
internal sealed record SuppressionItem(
    Guid Id, Guid? CompanyId, string? Email, string EmailHash, SuppressionReason Reason, string? Source, DateTimeOffset Created)
{
    public static readonly Expression<Func<SuppressedAddress, SuppressionItem>> Of = row => new SuppressionItem(
        row.Id, row.CompanyId, row.Email, Convert.ToHexStringLower(row.EmailHash), row.Reason, row.Source, row.Created);
}

/// <summary>Which suppressions are meant.</summary>
internal record SuppressionFilter
{
    /// <summary>The whole address; it is found by its hash, after its erasure too.</summary>
    [QueryParam]
    public string? Email { get; init; }

    [QueryParam]
    public string? Reason { get; init; }

    /// <summary>Only those of this company alone.</summary>
    [QueryParam]
    public Guid? CompanyId { get; init; }

    internal IQueryable<SuppressedAddress> Of(CampaignsDb db)
    {
        var rows = Email is { } email
            ? db.Suppressions.FromSql($"SELECT * FROM suppressions WHERE email_hash = sha256(convert_to(lower({EmailAddress.Normalise(email)}), 'UTF8'))")
            : db.Suppressions;
        if (Reason is { } text)
        {
            var reason = SnakeCase.Parse<SuppressionReason>(text);
            rows = rows.Where(row => row.Reason == reason);
        }

        return CompanyId is { } company ? rows.Where(row => row.CompanyId == company) : rows;
    }
}

/// <summary>Rules of what is asked for and of what is suppressed.</summary>
internal static class SuppressionRules
{
    public const int MostAtOnce = 1000;

    // What people may say of an address; the others are found out.
    private static readonly SuppressionReason[] Given =
        [SuppressionReason.Manual, SuppressionReason.Unsubscribed, SuppressionReason.Complaint, SuppressionReason.HardBounce];

    public static void AddFilterRules<T>(this AbstractValidator<T> rules) where T : SuppressionFilter
    {
        rules.RuleFor(filter => filter.Email).Must(email => email is null || EmailAddress.Normalise(email) is not null)
            .WithMessage("'email' is not an e-mail address.");
        rules.RuleFor(filter => filter.Reason).Must(reason => reason is null || SnakeCase.Knows<SuppressionReason>(reason))
            .WithMessage($"'reason' is one of {string.Join(", ", Enum.GetValues<SuppressionReason>().Select(SnakeCase.Of))}.");
    }

    public static IRuleBuilderOptions<T, string?> AsGivenReason<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(reason => reason is null || Given.Any(given => SnakeCase.Of(given) == reason))
            .WithMessage($"'reason' is one of {string.Join(", ", Given.Select(SnakeCase.Of))}.");

    public static IRuleBuilderOptions<T, string[]?> AsAddresses<T>(this IRuleBuilder<T, string[]?> rule) =>
        rule.Must(emails => emails is null || emails.Length is > 0 and <= MostAtOnce).WithMessage($"Between 1 and {MostAtOnce} addresses.")
            .Must(emails => emails is null || Array.TrueForAll(emails, email => email is not null && EmailAddress.Normalise(email) is not null))
            .WithMessage((_, emails) => $"Not an e-mail address: {emails?.FirstOrDefault(email => email is null || EmailAddress.Normalise(email) is null)}.");
}
