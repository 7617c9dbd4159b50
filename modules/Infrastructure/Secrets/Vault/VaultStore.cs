using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>
/// The platform's secrets in Vault's KV engine, version 2. What was read is remembered for a minute, or until any host writes it
/// (<see cref="ChangeFeed"/>): a mailbox that opens many connections asks Vault once.
/// </summary>
internal sealed class VaultStore(VaultApi api, VaultTokens tokens, ChangeFeed changes, IOptions<VaultOptions> options)
{
    private sealed record Read(Version? Data);

    private sealed record Version(Dictionary<string, string?>? Data, Metadata? Metadata);

    private sealed record Written(Metadata? Data);

    private sealed record Metadata(int Version);

    /// <summary>A version's value; null when there is none, or it was deleted.</summary>
    /// <param name="version">Null: the newest.</param>
    public Task<string?> ReadAsync(string path, int? version, CancellationToken ct) => changes.RememberAsync(
        (nameof(VaultStore), path, version), [SubjectOf(path)],
        async () => (await ReadNowAsync(path, version, ct))?.Data?.GetValueOrDefault("value"));

    /// <summary>Adds a version.</summary>
    /// <returns>Its number.</returns>
    public async Task<int> WriteAsync(string path, string value, CancellationToken ct)
    {
        var data = new { value };
        var answer = await CallAsync(HttpMethod.Post, "data", path, new { data }, ct);
        if (answer.Status == HttpStatusCode.BadRequest && answer.Errors.Contains("check-and-set", StringComparison.Ordinal))
        {
            // The engine may be set to want the version that is replaced.
            var cas = (await ReadNowAsync(path, null, ct))?.Metadata?.Version ?? 0;
            answer = await CallAsync(HttpMethod.Post, "data", path, new { options = new { cas }, data }, ct);
        }

        // Somebody else's page, of a proxy perhaps, is a success as well.
        var version = answer.IsSuccess ? answer.Read<Written>().Data?.Version ?? 0 : 0;
        Demand(version > 0, answer);
        return version;
    }

    /// <summary>Deletes all versions; one that is not there is no error.</summary>
    public async Task DeleteAsync(string path, CancellationToken ct)
    {
        var answer = await CallAsync(HttpMethod.Delete, "metadata", path, null, ct);
        Demand(answer.IsSuccess || IsAbsent(answer), answer);
    }

    /// <summary>Tells all hosts that it has changed.</summary>
    public Task TellAsync(string path) => changes.TellAsync(SubjectOf(path));

    private async Task<Version?> ReadNowAsync(string path, int? version, CancellationToken ct)
    {
        var answer = await CallAsync(HttpMethod.Get, "data", path, null, ct, version is null ? "" : $"?version={version}");
        Demand(answer.IsSuccess || IsAbsent(answer), answer);
        // 404 with the version's metadata: its data is deleted.
        return answer.Read<Read>().Data;
    }

    private async Task<VaultAnswer> CallAsync(HttpMethod method, string area, string path, object? body, CancellationToken ct, string query = "")
    {
        var full = $"{options.Value.Mount}/{area}/{string.Join('/', Segments(path).Select(Uri.EscapeDataString))}{query}";
        var token = await tokens.CurrentAsync(ct);
        var answer = await api.SendAsync(method, full, token, body, ct);
        // Revoked, perhaps, or its policy was changed: a new log-in will tell.
        return answer.Status == HttpStatusCode.Forbidden && await tokens.InsteadOfAsync(token, ct) is { } other
            ? await api.SendAsync(method, full, other, body, ct)
            : answer;
    }

    private IEnumerable<string> Segments(string path) => $"{options.Value.Prefix}/{path}".Split('/', StringSplitOptions.RemoveEmptyEntries);

    // Where the engine itself is not there, Vault says so in words.
    private static bool IsAbsent(VaultAnswer answer) => answer.Status == HttpStatusCode.NotFound && answer.Errors.Length == 0;

    private static void Demand(bool isAsItShouldBe, VaultAnswer answer)
    {
        if (!isAsItShouldBe)
        {
            throw new SecretStoreException($"Vault answered {(int)answer.Status}.");
        }
    }

    private static Guid SubjectOf(string path) => new(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 16));
}
