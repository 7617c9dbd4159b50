using System.Globalization;
using System.Net;
using System.Text.Json;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>
/// What Hostwinds' JSON means, as far as its documentation and what its users report agree: 200 stands for failures too, ids come as
/// numbers or texts, and a list comes bare or in <c>success</c>.
/// </summary>
internal static class HostwindsAnswer
{
    private const int LongestMessage = 300;

    /// <param name="fault">Makes the exception of a message and whether it is certain that nothing was done.</param>
    public static JsonElement Parse(string text, Func<string, bool, ServerProviderException> fault)
    {
        JsonElement answer;
        try
        {
            using var document = JsonDocument.Parse(text);
            answer = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw fault("Hostwinds answered what is no JSON.", false);
        }

        // [{"result": "error", "action": "Add Instance", "message": "Location Id is invalid."}]
        var results = answer.ValueKind == JsonValueKind.Array ? [.. answer.EnumerateArray()] : new[] { answer };
        var errors = results.Where(result => Text(result, "result") == "error").ToList();
        if (errors.Count > 0)
        {
            var message = Text(errors[0], "message") ?? "no reason given";
            throw fault(
                message.Contains("not authorized", StringComparison.OrdinalIgnoreCase)
                    ? "Hostwinds refused the API key."
                    : $"Hostwinds refused: {message[..Math.Min(message.Length, LongestMessage)]}",
                // A paid invoice among them: something was done.
                errors.Count == results.Length);
        }

        return answer;
    }

    /// <summary>Of <c>get_instances</c>.</summary>
    /// <returns>Null for what is no list of servers: nothing must be taken for gone because of it.</returns>
    public static IReadOnlyList<ProviderServer>? ServersOf(JsonElement answer)
    {
        var list = answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("success", out var inner) ? inner : answer;
        if (list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var servers = list.EnumerateArray().Select(ServerOf).OfType<ProviderServer>().ToList();
        return servers.Count == list.GetArrayLength() ? servers : null;
    }

    private static ProviderServer? ServerOf(JsonElement server)
    {
        if (Text(server, "serviceid") is not { } id)
        {
            return null;
        }

        var status = Text(server, "status") ?? "";
        var problem = Text(server, "is_suspended") is "1" or "true" ? "Hostwinds has suspended it."
            : Is(status, "ERROR") ? "Hostwinds could not build it, or it broke: its status is ERROR."
            : null;
        return new ProviderServer(id, Text(server, "srvrname") ?? "", AddressesOf(server), Is(status, "ACTIVE"), CreatedOf(server), problem);
    }

    private static List<string> AddressesOf(JsonElement server)
    {
        var others = server.TryGetProperty("ips", out var ips) && ips.ValueKind == JsonValueKind.Array
            ? ips.EnumerateArray().Select(ip => ip.ValueKind == JsonValueKind.String ? ip.GetString() : Text(ip, "ip"))
            : [];
        return [.. others.Prepend(Text(server, "main_ip")).Select(Normalised).OfType<string>().Distinct()];
    }

    private static string? Normalised(string? address) => IPAddress.TryParse(address, out var parsed) ? parsed.ToString() : null;

    // "YYYY-MM-DD HH:MM:SS", of no zone that is documented.
    private static DateTimeOffset? CreatedOf(JsonElement server) => DateTimeOffset.TryParse(
        Text(server, "created_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null;

    private static bool Is(string status, string word) => status.Equals(word, StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonElement node, string name) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ToString()
            : null;
}
