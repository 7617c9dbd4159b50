using System.Net.Http.Json;
using Polly.Timeout;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>Vault's HTTP API (developer.hashicorp.com/vault/api-docs): one request and its answer, tried again where that may help.</summary>
internal sealed class VaultApi(IHttpClientFactory http)
{
    /// <summary>The name of its HTTP client.</summary>
    public const string Client = "vault";

    public const string TokenHeader = "X-Vault-Token";

    /// <param name="path">After <c>v1/</c>.</param>
    /// <param name="token">Null for what needs none.</param>
    /// <exception cref="SecretStoreException">There was no answer.</exception>
    public async Task<VaultAnswer> SendAsync(HttpMethod method, string path, string? token, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, $"v1/{path}");
        request.Content = body is null ? null : JsonContent.Create(body, options: VaultAnswer.Json);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation(TokenHeader, token);
        }

        try
        {
            using var response = await http.CreateClient(Client).SendAsync(request, ct);
            return new VaultAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(ct));
        }
        catch (Exception exception) when (!ct.IsCancellationRequested
            && exception is HttpRequestException or TimeoutRejectedException or OperationCanceledException or IOException)
        {
            throw new SecretStoreException(
                exception is HttpRequestException or IOException ? "Vault could not be reached." : "Vault did not answer in time.", exception);
        }
    }
}
