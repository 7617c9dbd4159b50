using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace PenguinMails.Infrastructure.Mailu;

/// <summary>What Mailu answered: its code and its body; or why there is no answer.</summary>
internal sealed record MailuAnswer(int Code, JsonElement Body, MailuFault? Fault)
{
    public bool IsDone => Fault is null && Code == (int)HttpStatusCode.OK;

    /// <summary>A field of the body; null where it is missing or no text.</summary>
    public string? Text(string field) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Null when it was done; else what to say.</summary>
    public MailuFault? Refusal => IsDone ? null : Fault ?? Code switch
    {
        400 => new MailuFault(422, $"The mail server refuses: {Text("message")}."),
        409 => new MailuFault(409, $"The mail server refuses: {Text("message")}."),
        _ => MailuFault.Garbled,
    };
}

/// <summary>Requests to Mailu's administration (its REST API, version 1), where every answer that comes back is one of Mailu's or a fault.</summary>
internal sealed class MailuApi(HttpClient http, ILogger<MailuApi> log)
{
    private static readonly MailuAnswer Garbled = new(0, default, MailuFault.Garbled);

    /// <param name="path">Relative to the API; what is put into it must be escaped.</param>
    public async Task<MailuAnswer> SendAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        var answer = await TryAsync(method, path, body, ct);
        if (answer.Fault is not null)
        {
            // Without the path, which may hold an address.
            log.LogWarning("Mailu did not take a {Method}: {Fault}", method, answer.Fault.Title);
        }

        return answer;
    }

    private async Task<MailuAnswer> TryAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await http.SendAsync(request, ct);
            return response.StatusCode switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new MailuAnswer(0, default, MailuFault.RefusesToken),
                HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                    new MailuAnswer(0, default, MailuFault.Away(response.Headers.RetryAfter?.Delta)),
                HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict => await ReadAsync(response, ct),
                _ => Garbled,
            };
        }
        catch (JsonException)
        {
            return Garbled;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or IOException
            || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new MailuAnswer(0, default, MailuFault.Away());
        }
    }

    // Mailu says 400 of a name it does not like with status 200: the code in the body counts.
    private static async Task<MailuAnswer> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
        if (body.ValueKind != JsonValueKind.Object)
        {
            return Garbled;
        }

        var isSaid = body.TryGetProperty("code", out var said) && said.ValueKind == JsonValueKind.Number;
        var code = isSaid && said.TryGetInt32(out var number) ? number : (int)response.StatusCode;
        return new MailuAnswer(code, body, null);
    }
}
