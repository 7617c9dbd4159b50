using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Stripe;

namespace PenguinMails.Tests.Billing;

/// <summary>
/// Stripe's API as far as it is used, in its wire format, with a clock that stands where it is put. What happens in it makes events, which a
/// test delivers as it likes.
/// </summary>
internal sealed class FakeStripe : IAsyncDisposable
{
    public const string Key = "sk_test_1";
    public const string Secret = "whsec_test_1";
    public const string Account = "acct_test_1";

    private const int PageSize = 3;

    private readonly WebApplication _app;
    private int _number;

    private FakeStripe(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public DateTimeOffset Now { get; set; }

    public ConcurrentDictionary<string, Subscription> Subscriptions { get; } = [];

    public ConcurrentDictionary<string, Invoice> Invoices { get; } = [];

    /// <summary>What subscriptions have beside their plan.</summary>
    public ConcurrentDictionary<string, Item> Items { get; } = [];

    /// <summary>Checkouts by id: the customer, and <c>open</c>, <c>complete</c> or <c>expired</c>.</summary>
    public ConcurrentDictionary<string, (string Customer, string Status)> Checkouts { get; } = [];

    /// <summary>Done before the next change is answered: events may be delivered that early.</summary>
    public Func<Task>? BeforeAnswer { get; set; }

    /// <summary>Why the next change is refused: Stripe's status and error.</summary>
    public (int Status, string Type, string Message)? Refusal { get; set; }

    /// <summary>Of the events: of another than the host's they may be made otherwise.</summary>
    public string ApiVersion { get; set; } = StripeConfiguration.ApiVersion;

    /// <summary>Everything that happened, in order: id and body.</summary>
    public List<(string Id, string Body)> Events { get; } = [];

    /// <summary>What changed something, such as <c>POST /v1/refunds amount=500</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public static async Task<FakeStripe> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        // Whole seconds, as the events have.
        var now = TimeProvider.System.GetUtcNow();
        var fake = new FakeStripe(app) { Now = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()) };
        app.Run(fake.AnswerAsync);
        await app.StartAsync(ct);
        return fake;
    }

    /// <summary>The header that Stripe sends with a body (docs.stripe.com/webhooks#verify-manually).</summary>
    public static string Sign(string body, DateTimeOffset at, string secret = Secret)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var mac = System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},v1={Convert.ToHexStringLower(mac)}";
    }

    /// <summary>Somebody has paid at the checkout.</summary>
    public Subscription Subscribe(string customer, string price, string currency = "usd")
    {
        var subscription = new Subscription(NewId("sub"), customer, price, "active", Now, Now.AddMonths(1), false) { Currency = currency };
        Bill(subscription, paid: true);
        return Set(subscription, EventTypes.CustomerSubscriptionCreated);
    }

    /// <summary>The next period begins, and is paid or not.</summary>
    public void Renew(Subscription subscription, bool paid)
    {
        var next = subscription with
        {
            PeriodStart = subscription.PeriodEnd, PeriodEnd = subscription.PeriodEnd.AddMonths(1), Status = paid ? "active" : "past_due",
        };
        Bill(next, paid);
        Set(next);
    }

    /// <summary>What is open is paid after all.</summary>
    public void PayOpen(Subscription subscription)
    {
        foreach (var invoice in Invoices.Values.Where(invoice => invoice.Subscription == subscription.Id && invoice.Status == "open"))
        {
            Tell(EventTypes.InvoicePaid, JsonOf(Invoices[invoice.Id] = invoice with { Status = "paid" }));
        }

        Set(subscription with { Status = "active" });
    }

    public Subscription Set(Subscription subscription, string type = EventTypes.CustomerSubscriptionUpdated)
    {
        Subscriptions[subscription.Id] = subscription;
        Tell(type, JsonOf(subscription));
        return subscription;
    }

    public void Refund(Invoice invoice, long total)
    {
        Invoices[invoice.Id] = invoice with { Refunded = total };
        Tell(EventTypes.ChargeRefunded, ChargeOf(Invoices[invoice.Id]));
    }

    /// <summary>The bank sends back all that was paid back.</summary>
    public void FailRefund(Invoice invoice)
    {
        var refund = new
        {
            id = $"re_{invoice.Id}", @object = "refund", amount = invoice.Refunded, currency = invoice.Currency, status = "failed",
            failure_reason = "expired_or_canceled_card", charge = $"ch_{invoice.Id}", payment_intent = invoice.Intent,
        };
        Invoices[invoice.Id] = invoice with { Refunded = 0 };
        Tell(EventTypes.RefundFailed, refund);
    }

    /// <summary>Something of a type that nothing is made of.</summary>
    public void TellOther() => Tell("customer.tax_id.created", new { id = NewId("txi"), @object = "tax_id" });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Bill(Subscription subscription, bool paid)
    {
        var id = NewId("in");
        Invoices[id] = new Invoice(id, subscription.Customer, subscription.Id, 4900, subscription.Currency, paid ? "paid" : "open", 0, subscription.PeriodStart, subscription.PeriodEnd, Now);
        Tell(paid ? EventTypes.InvoicePaid : EventTypes.InvoicePaymentFailed, JsonOf(Invoices[id]));
    }

    private void Tell(string type, object about)
    {
        var id = NewId("evt");
        Events.Add((id, JsonSerializer.Serialize(new
        {
            id, @object = "event", api_version = ApiVersion, created = Now.ToUnixTimeSeconds(), type, livemode = false, pending_webhooks = 1,
            data = new { @object = about },
        })));
    }

    private string NewId(string prefix) => $"{prefix}_{Interlocked.Increment(ref _number)}{Guid.CreateVersion7():N}";

    private async Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        if (http.Request.Headers.Authorization != $"Bearer {Key}")
        {
            await Results.Json(new { error = new { type = "invalid_request_error", message = "Invalid API Key." } }, statusCode: 401).ExecuteAsync(http);
            return;
        }

        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync() : FormCollection.Empty;
        var isChange = http.Request.Method != "GET";
        if (isChange)
        {
            Requests.Enqueue($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString} {string.Join(' ', form.Select(field => $"{field.Key}={field.Value}"))} key={http.Request.Headers["Idempotency-Key"]}");
        }

        var parts = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[1..];
        if (isChange && Refusal is { } refusal)
        {
            Refusal = null;
            await Results.Json(new { error = new { type = refusal.Type, message = refusal.Message } }, statusCode: refusal.Status).ExecuteAsync(http);
            return;
        }

        var answer = Answer(http.Request.Method, parts, form, http.Request.Query);
        if (isChange && BeforeAnswer is { } before)
        {
            BeforeAnswer = null;
            await before();
        }

        await Results.Json(answer).ExecuteAsync(http);
    }

    private object Answer(string method, string[] path, IFormCollection form, IQueryCollection query) => (method, path) switch
    {
        ("GET", ["account"]) => new { id = Account, @object = "account" },
        ("POST", ["customers"]) => new { id = NewId("cus"), @object = "customer" },
        ("POST", ["checkout", "sessions"]) => Checkout(NewId("cs"), form["customer"]!, "open"),
        ("GET", ["checkout", "sessions"]) => List(Checkouts.Where(row => row.Value == (query["customer"].ToString(), "open")).Select(row => CheckoutOf(row.Key))),
        ("POST", ["checkout", "sessions", var id, "expire"]) => Checkout(id, Checkouts[id].Customer, "expired"),
        ("POST", ["billing_portal", "sessions"]) => new { id = NewId("bps"), @object = "billing_portal.session", url = "https://billing.stripe.test/session" },
        ("GET", ["subscriptions"]) => Page(
            Subscriptions.Values.Where(row => query["customer"].ToString() is var customer && (customer == "" || row.Customer == customer)
                && (query["status"] == "all" || row.Status != "canceled")),
            row => row.Id, JsonOf, query),
        ("GET", ["subscriptions", var id]) => JsonOf(Subscriptions[id]),
        ("POST", ["subscriptions", var id]) => JsonOf(Change(Subscriptions[id], form)),
        ("DELETE", ["subscriptions", var id]) => JsonOf(Set(Subscriptions[id] with { Status = "canceled" }, EventTypes.CustomerSubscriptionDeleted)),
        ("GET", ["invoices"]) => Page(Invoices.Values, row => row.Id, JsonOf, query),
        ("GET", ["invoices", var id]) => JsonOf(Invoices[id]),
        ("GET", ["charges", var id]) => ChargeOf(Invoices[id["ch_".Length..]]),
        ("GET", ["refunds"]) => Page(Invoices.Values.Where(invoice => invoice.Refunded > 0), invoice => $"re_{invoice.Id}", RefundOf, query),
        ("POST", ["refunds"]) => RefundOf(Invoices.Values.Single(invoice => invoice.Intent == form["payment_intent"])),
        ("POST", ["subscription_items"]) => JsonOf(Keep(new Item(NewId("si"), form["subscription"]!, form["price"]!, int.Parse(form["quantity"]!, CultureInfo.InvariantCulture)))),
        ("POST", ["subscription_items", var id]) => JsonOf(Keep(Items[id] with { Quantity = int.Parse(form["quantity"]!, CultureInfo.InvariantCulture) })),
        ("DELETE", ["subscription_items", var id]) => new { id, @object = "subscription_item", deleted = Items.TryRemove(id, out _) },
        _ => throw new InvalidOperationException($"Not made: {method} /{string.Join('/', path)}."),
    };

    private Subscription Change(Subscription subscription, IFormCollection form)
    {
        for (var number = 0; form.TryGetValue($"items[{number}][id]", out var item); number++)
        {
            var price = form[$"items[{number}][price]"].ToString();
            if (Items.TryGetValue(item!, out var addon))
            {
                Items[item!] = addon with { Price = price };
            }
            else
            {
                subscription = subscription with { Price = price };
            }
        }

        return Set(subscription with
        {
            CancelAtPeriodEnd = form.TryGetValue("cancel_at_period_end", out var cancel) ? cancel == "true" : subscription.CancelAtPeriodEnd,
            CancelAt = form.TryGetValue("cancel_at", out var at) && at == "" ? null : subscription.CancelAt,
        });
    }

    private static string IntervalOf(string price) => price.EndsWith("_year", StringComparison.Ordinal) ? "year" : "month";

    private Item Keep(Item item)
    {
        Items[item.Id] = item;
        Set(Subscriptions[item.Subscription]);
        return item;
    }

    private object Checkout(string id, string customer, string status)
    {
        Checkouts[id] = (customer, status);
        return CheckoutOf(id);
    }

    private object CheckoutOf(string id) => new
    {
        id, @object = "checkout.session", customer = Checkouts[id].Customer, status = Checkouts[id].Status, created = Now.ToUnixTimeSeconds(),
        url = $"https://checkout.stripe.test/{id}",
    };

    // Fewer than asked for: there are always several pages.
    private static object Page<T>(IEnumerable<T> rows, Func<T, string> idOf, Func<T, object> jsonOf, IQueryCollection query)
    {
        var after = query["starting_after"].ToString();
        var rest = rows.Where(row => string.CompareOrdinal(idOf(row), after) > 0).OrderBy(idOf, StringComparer.Ordinal).ToList();
        return new { @object = "list", data = rest.Take(PageSize).Select(jsonOf), has_more = rest.Count > PageSize, url = "/v1" };
    }

    private static object List(IEnumerable<object> data) => new { @object = "list", data, has_more = false, url = "/v1" };

    private static object JsonOf(Item row) => new
    {
        id = row.Id, @object = "subscription_item", quantity = row.Quantity, subscription = row.Subscription,
        price = new { id = row.Price, @object = "price", currency = "usd", unit_amount = 900, recurring = new { interval = IntervalOf(row.Price), interval_count = 1 } },
    };

    private object JsonOf(Subscription row) => new
    {
        id = row.Id, @object = "subscription", customer = row.Customer, status = row.Status, cancel_at_period_end = row.CancelAtPeriodEnd,
        cancel_at = row.CancelAt?.ToUnixTimeSeconds(), currency = "usd",
        items = List([new
        {
            id = $"si_{row.Id}", @object = "subscription_item", quantity = 1, current_period_start = row.PeriodStart.ToUnixTimeSeconds(),
            current_period_end = row.PeriodEnd.ToUnixTimeSeconds(),
            price = new { id = row.Price, @object = "price", currency = "usd", unit_amount = 4900, recurring = new { interval = IntervalOf(row.Price), interval_count = 1 } },
        }, .. Items.Values.Where(item => item.Subscription == row.Id).Select(JsonOf)]),
    };

    private static object JsonOf(Invoice row) => new
    {
        id = row.Id, @object = "invoice", customer = row.Customer, status = row.Status, currency = row.Currency, amount_due = row.Amount,
        amount_paid = row.Status == "paid" ? row.Amount : 0, attempt_count = 1, created = row.Created.ToUnixTimeSeconds(), number = row.Id[^8..],
        period_start = row.Created.ToUnixTimeSeconds(), period_end = row.Created.ToUnixTimeSeconds(), hosted_invoice_url = $"https://invoice.stripe.test/{row.Id}",
        parent = new { type = "subscription_details", subscription_details = new { subscription = row.Subscription } },
        lines = List([new { id = $"il_{row.Id}", @object = "line_item", period = new { start = row.PeriodStart.ToUnixTimeSeconds(), end = row.PeriodEnd.ToUnixTimeSeconds() } }]),
        payments = List(row.Status != "paid" ? [] : [new
        {
            id = $"inpay_{row.Id}", @object = "invoice_payment", status = "paid", payment = new { type = "payment_intent", payment_intent = row.Intent },
        }]),
    };

    private static object ChargeOf(Invoice row) => new
    {
        id = $"ch_{row.Id}", @object = "charge", customer = row.Customer, amount = row.Amount, amount_refunded = row.Refunded, currency = row.Currency,
        payment_intent = row.Intent, refunded = row.Refunded == row.Amount,
    };

    private static object RefundOf(Invoice row) => new
    {
        id = $"re_{row.Id}", @object = "refund", amount = row.Refunded, currency = row.Currency, status = "succeeded", payment_intent = row.Intent, charge = ChargeOf(row),
    };

    internal sealed record Subscription(
        string Id, string Customer, string Price, string Status, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, bool CancelAtPeriodEnd)
    {
        /// <summary>Instead of the period's end: so do Stripe's own pages.</summary>
        public DateTimeOffset? CancelAt { get; init; }

        public string Currency { get; init; } = "usd";
    }

    internal sealed record Item(string Id, string Subscription, string Price, int Quantity);

    internal sealed record Invoice(
        string Id, string Customer, string Subscription, long Amount, string Currency, string Status, long Refunded, DateTimeOffset PeriodStart,
        DateTimeOffset PeriodEnd, DateTimeOffset Created)
    {
        public string Intent => $"pi_{Id}";
    }
}
