using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

/// <summary>What tests of leads do again and again.</summary>
internal static class LeadScene
{
    /// <summary>All items of a collection, page by page.</summary>
    /// <param name="between">What happens between two pages.</param>
    public static async Task<IReadOnlyList<JsonNode>> AllAsync(this TenantClient tenant, string path, CancellationToken ct, Func<Task>? between = null)
    {
        var items = new List<JsonNode>();
        string? cursor = "";
        do
        {
            var page = await tenant.GetAsync($"{path}{(cursor == "" ? "" : $"&cursor={cursor}")}", ct);
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            cursor = page["nextCursor"]?.GetValue<string>();
            await (between?.Invoke() ?? Task.CompletedTask);
        }
        while (cursor is not null);

        return items;
    }

    /// <summary>An upload that does not wait for the merge.</summary>
    public static async Task<JsonNode> UploadApartAsync(this TenantClient tenant, string csv, CancellationToken ct, string query = "")
    {
        var answer = await tenant.SendFileAsync($"leads/import?wait=false{query}", System.Text.Encoding.UTF8.GetBytes(csv), ct);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync(ct));
        return await answer.ReadAsync(ct);
    }

    /// <summary>The import once it is over.</summary>
    public static Task<JsonNode> ImportOverAsync(this TenantClient tenant, Guid id, CancellationToken ct) => Given.EventuallyAsync(
        () => tenant.GetAsync($"leads/imports/{id}", ct), import => import.Text("status") is not ("uploading" or "running"), ct);

    /// <summary>So many addresses as a file.</summary>
    public static string Csv(int rows, string prefix = "lead") =>
        $"email,first_name\n{string.Concat(Enumerable.Range(0, rows).Select(number => $"{prefix}{number}@recipient.example,First{number}\n"))}";
}
