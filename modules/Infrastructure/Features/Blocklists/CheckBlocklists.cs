using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Blocklists;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Blocklists;

/// <summary>POST /staff/blocklists/check: asks the lists about one address now, say after it was to be taken off one.</summary>
internal static class CheckBlocklists
{
    internal sealed record Request(Guid AddressId);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.AddressId).NotEmpty();
    }

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, BlocklistCheck check)
        : Endpoint<Request, Results<Ok<Page<ListingResponse>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/blocklists/check");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override async Task<Results<Ok<Page<ListingResponse>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.blocklists");
            if (!await db.SmtpIpAddresses.AnyAsync(address => address.Id == request.AddressId, ct))
            {
                return Problems.NotFound("Address");
            }

            await check.CheckAddressesAsync(await check.SelfTestAsync(ct), request.AddressId, ct);
            var listings = await db.SmtpIpAddresses.Where(address => address.Id == request.AddressId)
                .Select(address => address.ProviderBlacklistStatus).SingleOrDefaultAsync(ct);
            return TypedResults.Ok(ListingResponse.PageOf(listings));
        }
    }
}
