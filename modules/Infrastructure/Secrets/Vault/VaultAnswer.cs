using System.Net;
using System.Text.Json;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>What Vault answered.</summary>
internal sealed class VaultAnswer(HttpStatusCode status, byte[] body)
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record Faults(string[]? Errors);

    public HttpStatusCode Status => status;

    public bool IsSuccess => (int)status is >= 200 and < 300;

    /// <exception cref="SecretStoreException">It is not of that shape.</exception>
    public T Read<T>() where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Json) ?? throw new JsonException("null");
        }
        catch (JsonException)
        {
            // Whatever the parser stumbled at stays untold: it may be half a secret.
            throw new SecretStoreException($"Vault answered {(int)status} with something that could not be read.");
        }
    }

    /// <summary>Vault's own words, which are never passed on.</summary>
    public string Errors => body.Length == 0 ? "" : string.Join(' ', Read<Faults>().Errors ?? []);
}
