using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FastEndpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace PenguinMails.Tests.Tenancy;

public sealed partial class OpenApiTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The document's operations.</summary>
    internal static async Task<(JsonNode Document, IReadOnlyList<Operation> Operations)> ReadAsync(HostFixture host, CancellationToken ct)
    {
        using var http = new HttpClient();
        var document = JsonNode.Parse(await http.GetStringAsync($"{host.Url}/openapi/v1.json", ct))!;
        var operations = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(method => new Operation(method.Key.ToUpperInvariant(), path.Key, method.Value!)))
            .ToList();
        operations.Count.ShouldBeGreaterThan(20);
        return (document, operations);
    }

    [Fact]
    public async Task Each_part_of_a_path_in_braces_is_a_declared_parameter()
    {
        var (_, operations) = await ReadAsync(host, Ct);

        var wrong = operations.Where(operation => !Braces().Matches(operation.Path).Select(match => match.Groups[1].Value)
            .Order(StringComparer.Ordinal)
            .SequenceEqual(operation.Parameters("path").Order(StringComparer.Ordinal)));

        wrong.Select(operation => operation.ToString()).ShouldBeEmpty();
        operations.SelectMany(operation => operation.Parameters("path")).ShouldContain("messageId");
    }

    [Fact]
    public async Task An_integer_is_an_integer_only()
    {
        var (document, _) = await ReadAsync(host, Ct);

        var types = Types(document).Where(type => type.Contains("integer") || type.Contains("number")).ToList();

        types.ShouldNotBeEmpty();
        types.ShouldAllBe(type => !type.Contains("string"));
    }

    [Fact]
    public async Task A_get_has_no_body()
    {
        var (_, operations) = await ReadAsync(host, Ct);

        operations.Where(operation => operation.Method == "GET" && operation.Node["requestBody"] is not null)
            .Select(operation => operation.ToString())
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task A_collection_declares_its_limit_and_cursor()
    {
        var (_, operations) = await ReadAsync(host, Ct);

        var leads = operations.Single(operation => operation is { Method: "GET", Path: "/api/v1/leads" });

        leads.Parameters("query").Order(StringComparer.Ordinal).ShouldBe(["attribute", "company", "cursor", "email", "limit", "listId", "name", "sort", "status", "tag"]);
    }

    [Fact]
    public async Task Each_operation_describes_the_body_that_its_endpoint_reads()
    {
        var (document, operations) = await ReadAsync(host, Ct);
        var requests = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => (Route: endpoint, Definition: endpoint.Metadata.GetMetadata<EndpointDefinition>()))
            .Where(endpoint => endpoint.Definition is not null)
            .SelectMany(endpoint => endpoint.Definition!.Verbs
                .Select(verb => (Key: Key(verb, endpoint.Route.RoutePattern.RawText!), endpoint.Definition!.ReqDtoType)))
            .Distinct().ToDictionary(request => request.Key, request => request.ReqDtoType);
        var posts = operations.Where(operation => operation.Body("application/json") is not null).ToList();

        var wrong = posts.Where(operation =>
        {
            var expected = requests[Key(operation.Method, operation.Path)].GetProperties()
                .Where(property => !property.IsDefined(typeof(FastEndpoints.FromHeaderAttribute), inherit: false))
                .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Except(operation.Parameters("path"));
            return !Properties(document, operation.Body("application/json")!).Except(operation.Parameters("path")).ToHashSet().SetEquals(expected);
        });

        posts.Count.ShouldBeGreaterThan(5);
        wrong.Select(operation => operation.ToString()).ShouldBeEmpty();
    }

    // Without the constraints of a route's parameters and what the document leaves out of them.
    private static string Key(string method, string path) =>
        $"{method.ToUpperInvariant()} /{Constraint().Replace(path, "}").TrimStart('/')}";

    private static IEnumerable<string> Properties(JsonNode document, JsonNode schema)
    {
        var target = schema["$ref"] is { } reference
            ? document["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]]!
            : schema;
        return target["properties"]?.AsObject().Select(property => property.Key) ?? [];
    }

    private static IEnumerable<IReadOnlyList<string>> Types(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(entry => (entry.Key, entry.Value) switch
        {
            ("type", JsonArray many) => [[.. many.Select(type => type!.GetValue<string>())]],
            ("type", JsonValue one) => [[one.GetValue<string>()]],
            _ => Types(entry.Value),
        }),
        JsonArray list => list.SelectMany(Types),
        _ => [],
    };

    internal sealed record Operation(string Method, string Path, JsonNode Node)
    {
        public bool IsForStaff => Path.StartsWith("/api/v1/staff/", StringComparison.Ordinal);

        public bool IsStream => Node["responses"]?["200"]?["content"]?["text/event-stream"] is not null;

        public IEnumerable<string> Parameters(string where) => (Node["parameters"]?.AsArray() ?? [])
            .Where(parameter => parameter!.Text("in") == where).Select(parameter => parameter!.Text("name"));

        public JsonNode? Body(string type) => Node["requestBody"]?["content"]?[type]?["schema"];

        public override string ToString() => $"{Method} {Path}";
    }

    [GeneratedRegex(@"\{(\w+)")]
    private static partial Regex Braces();

    [GeneratedRegex(@":.*?\)?\}")]
    private static partial Regex Constraint();
}
