using FastEndpoints;
using Hangfire;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using Stripe;

namespace PenguinMails.Billing.Features;

/// <summary>POST /webhooks/stripe: keeps an event that Stripe has signed, answers, and applies it afterwards.</summary>
internal static class ReceiveStripeEvent
{
    private const long LargestBody = 1024 * 1024;

    internal sealed class Endpoint(StripeEvents events, IBackgroundJobClient jobs, IOptions<StripeOptions> options, IPublisher modules, TimeProvider clock)
        : EndpointWithoutRequest<Results<Ok, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/webhooks/stripe");
            RoutePrefixOverride("");
            AllowAnonymous();
        }

        public override async Task<Results<Ok, ProblemHttpResult>> ExecuteAsync(CancellationToken ct)
        {
            if (options.Value.WebhookSecret is not { } secret)
            {
                return Problems.NotFound("Webhook");
            }

            HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = LargestBody;
            using var reader = new StreamReader(HttpContext.Request.Body);
            var json = await reader.ReadToEndAsync(ct);
            Event received;
            try
            {
                EventUtility.ValidateSignature(
                    json, HttpContext.Request.Headers["Stripe-Signature"].ToString(), secret, options.Value.ToleranceSeconds, clock.GetUtcNow().ToUnixTimeSeconds());
                received = EventUtility.ConstructEventWithoutVerification(json, throwOnApiVersionMismatch: false);
            }
            catch (StripeException exception)
            {
                await RecordAsync(exception.Message);
                return TypedResults.Problem(title: "The signature does not hold.", statusCode: StatusCodes.Status400BadRequest);
            }

            await events.AddAsync(received, json, ct);
            jobs.Enqueue<StripeInbox>(inbox => inbox.ApplyAsync(received.Id, CancellationToken.None));
            return TypedResults.Ok();
        }

        private Task RecordAsync(string why) => modules.Publish(
            new SecurityAct(SecurityActKind.WebhookSignatureInvalid)
            {
                Address = HttpContext.Connection.RemoteIpAddress.Unmapped(),
                UserAgent = HttpContext.Request.Headers.UserAgent,
                ResourceType = "webhook",
                ResourceId = "stripe",
                Failure = why,
            }, CancellationToken.None);
    }
}
