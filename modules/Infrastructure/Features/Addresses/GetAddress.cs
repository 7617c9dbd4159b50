using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>GET /staff/addresses/{id}: an address with the domains on it, today's sends and the newest of its history.</summary>
internal static class GetAddress
{
    private const int NewestRecords = 100;

    internal sealed record Request(Guid Id);

    /// <param name="SendsToday">How many may leave today.</param>
    internal sealed record Response(
        AddressResponse Address, int SendsToday, IReadOnlyList<Receiver> Today, IReadOnlyList<Place> Assignments, IReadOnlyList<Change> History);

    /// <param name="Provider">Who receives; <c>*</c>: all together.</param>
    /// <param name="Reserved">Taken for messages that are or were to leave.</param>
    internal sealed record Receiver(string Provider, int Reserved, int Sent, int Deferred, int Bounced, int Complained, int Opened, int Clicked);

    internal sealed record Place(
        Guid Id, Guid TenantId, Guid CompanyId, Guid DomainId, AssignmentStatus Status, WarmupState WarmupState, DateTimeOffset? Assigned,
        DateTimeOffset? LastSent);

    internal sealed record Change(
        DateTimeOffset At, AddressStatus Status, ReputationState ReputationState, string? Reason, decimal? Health, int Sent, int Bounced,
        int Complained, int Opened, int Clicked);

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, IOptions<AddressOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/addresses/{id}");
            Policies(Staff.Contracts.Permissions.InfrastructureRead);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.addresses");
            if (await db.SmtpIpAddresses.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } address)
            {
                return Problems.NotFound("Address");
            }

            var now = clock.GetUtcNow();
            return TypedResults.Ok(new Response(
                AddressResponse.Of(address),
                WarmupRamp.CapAt(address.Status, address.WarmingStarted, options.Value, now),
                await TodayAsync(db, address.Id, DateOnly.FromDateTime(now.UtcDateTime), ct),
                await PlacesAsync(db, address.Id, ct),
                await HistoryAsync(db, address.Id, ct)));
        }

        private static Task<List<Receiver>> TodayAsync(InfrastructureDb db, Guid id, DateOnly today, CancellationToken ct) => db.AddressDays
            .Where(day => day.SmtpIpAddressId == id && day.Day == today).OrderBy(day => day.Provider)
            .Select(day => new Receiver(
                day.Provider, day.Reserved, day.Sent, day.Deferred, day.Bounced, day.Complained, day.Opened, day.Clicked))
            .ToListAsync(ct);

        private static Task<List<Place>> PlacesAsync(InfrastructureDb db, Guid id, CancellationToken ct) => db.DomainIpAssignments
            .Where(place => place.SmtpIpAddressId == id && place.Status != AssignmentStatus.Expired)
            .Join(db.Domains, place => place.DomainId, domain => domain.Id, (place, domain) => new { place, domain.CompanyId })
            .OrderBy(pair => pair.place.Assigned)
            .Select(pair => new Place(
                pair.place.Id, pair.place.TenantId, pair.CompanyId, pair.place.DomainId, pair.place.Status, pair.place.WarmupState,
                pair.place.Assigned, pair.place.LastSent))
            .ToListAsync(ct);

        private static Task<List<Change>> HistoryAsync(InfrastructureDb db, Guid id, CancellationToken ct) => db.AddressRecords
            .Where(record => record.SmtpIpAddressId == id).OrderByDescending(record => record.Checked).ThenByDescending(record => record.Id)
            .Take(NewestRecords)
            .Select(record => new Change(
                record.Checked, record.Status, record.ReputationState, record.Reason, record.Health, record.Sent, record.Bounced,
                record.Complained, record.Opened, record.Clicked))
            .ToListAsync(ct);
    }
}
