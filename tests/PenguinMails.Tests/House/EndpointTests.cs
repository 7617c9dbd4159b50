using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FastEndpoints;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Host;

namespace PenguinMails.Tests.House;

/// <summary>The endpoints that the running host has, found in its routes.</summary>
public sealed class EndpointTests(HostFixture host)
{
    // Without a token of a tenant: who is not logged in yet, and whoever got a mail.
    private static readonly string[] Anonymous =
    [
        "GET /", // to the API reference
        "GET /_test_url_cache_", // FastEndpoints' own
        "GET /account", // the page that links in account mail lead to
        "GET /alive",
        "GET /api/v1/plans",
        "GET /health",
        "GET /openapi/{documentName}.json",
        "GET /scalar/favicon.svg",
        "GET /scalar/scalar.aspnetcore.js",
        "GET /scalar/scalar.js",
        "GET /scalar/{documentName?}",
        "GET /t/c/{token}",
        "GET /t/o/{token}",
        "GET /u/{token}",
        "HEAD /t/c/{token}",
        "HEAD /t/o/{token}",
        "HEAD /u/{token}",
        "POST /api/v1/auth/accept-invitation",
        "POST /api/v1/auth/change-email",
        "POST /api/v1/auth/forgot-password",
        "POST /api/v1/auth/log-in",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/reset-password",
        "POST /api/v1/auth/sign-up",
        "POST /api/v1/auth/verify-email",
        "POST /api/v1/auth/verify-email/resend",
        "POST /u/{token}",
        "POST /webhooks/stripe", // its body is signed
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IReadOnlyList<RouteEndpoint> Endpoints =>
        [.. host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    [Fact]
    public void Only_the_listed_endpoints_are_open_to_anybody() =>
        Endpoints.Where(IsAnonymous).Select(NameOf).Distinct().Order(StringComparer.Ordinal).ShouldBe(Anonymous);

    [Fact]
    public async Task All_others_answer_401_without_a_token()
    {
        using var http = new HttpClient { BaseAddress = new Uri(host.Url) };
        var closed = Endpoints.Where(endpoint => !IsAnonymous(endpoint)).ToList();
        var open = new List<string>();
        foreach (var endpoint in closed)
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(MethodOf(endpoint)), PathOf(endpoint));
            // From an address of its own: log-ins are limited by address.
            request.Headers.Add("X-Forwarded-For", $"10.7.0.{closed.IndexOf(endpoint) % 250 + 1}");
            using var answer = await http.SendAsync(request, Ct);
            open.AddRange(answer.StatusCode == HttpStatusCode.Unauthorized ? [] : [$"{NameOf(endpoint)} answered {(int)answer.StatusCode}"]);
        }

        closed.Count.ShouldBeGreaterThan(20);
        open.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_content_type_without_content_does_no_harm()
    {
        var tenant = await host.ATenantAsync(Ct);
        using var request = new HttpRequestMessage(HttpMethod.Get, "companies?limit=1") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/json");

        (await tenant.Http.SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Each_request_with_a_validator_is_refused_with_400_when_it_is_invalid()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 1, Ct));
        var validated = Endpoints.Where(endpoint => ValidatorOf(endpoint) is not null).ToList();
        var passed = new List<string>();
        foreach (var endpoint in validated)
        {
            using var request = Invalid(endpoint);
            using var answer = await (NameOf(endpoint).Contains("/staff/") ? staff : tenant).Http.SendAsync(request, Ct);
            var problem = await answer.Content.ReadAsStringAsync(Ct);
            passed.AddRange(IsOfValidator(endpoint, answer, problem) ? [] : [$"{NameOf(endpoint)} answered {(int)answer.StatusCode}: {problem}"]);
        }

        passed.ShouldBeEmpty();
        // Each validator there is belongs to a request that is served: one of the wrong type would never run.
        var validators = Modules.Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(IsEndpointValidator).ToList();
        validators.ShouldNotBeEmpty();
        validators.Except(validated.Select(endpoint => ValidatorOf(endpoint)!)).ShouldBeEmpty();
    }

    private static bool IsAnonymous(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
        || (endpoint.Metadata.GetMetadata<IAuthorizeData>() is null && endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is null);

    private static string MethodOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET";

    private static string NameOf(RouteEndpoint endpoint) => $"{MethodOf(endpoint)} /{endpoint.RoutePattern.RawText!.TrimStart('/')}";

    private static string PathOf(RouteEndpoint endpoint) =>
        "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(TextOf))));

    private static string TextOf(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        // Of a choice such as regex(^(resend|skip)$) the first.
        RoutePatternParameterPart { ParameterPolicies: [{ Content: { } choice }] } when choice.StartsWith("regex(^(", StringComparison.Ordinal) =>
            choice["regex(^(".Length..choice.IndexOf('|')],
        _ => Guid.CreateVersion7().ToString(),
    };

    private static Type? ValidatorOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<EndpointDefinition>()?.ValidatorType;

    // Nothing of the body that is required, too much of everything else, and a page of no rows: no validator is content with that.
    private static HttpRequestMessage Invalid(RouteEndpoint endpoint)
    {
        var definition = endpoint.Metadata.GetMetadata<EndpointDefinition>()!;
        var texts = definition.ReqDtoType.GetProperties().Where(property => property.PropertyType == typeof(string));
        var query = string.Concat(texts.Select(property => $"&{property.Name}={new string('x', 1000)}"));
        var request = new HttpRequestMessage(HttpMethod.Parse(MethodOf(endpoint)), $"{PathOf(endpoint)}?limit=0{query}");
        if (request.Method != HttpMethod.Get)
        {
            request.Content = definition.FormDataContentType is null
                ? JsonContent.Create(new { })
                : new MultipartFormDataContent { { new StringContent("none"), "nothing" } };
        }

        return request;
    }

    private static bool IsEndpointValidator(Type type)
    {
        var ancestor = type;
        while (ancestor is not null && !(ancestor.IsGenericType && ancestor.GetGenericTypeDefinition() == typeof(Validator<>)))
        {
            ancestor = ancestor.BaseType;
        }

        return ancestor is not null && !type.IsAbstract;
    }

    // The binder answers 400 too: only the validator names properties of the request.
    private static bool IsOfValidator(RouteEndpoint endpoint, HttpResponseMessage answer, string problem)
    {
        var properties = endpoint.Metadata.GetMetadata<EndpointDefinition>()!.ReqDtoType.GetProperties().Select(property => property.Name);
        return answer.StatusCode == HttpStatusCode.BadRequest
            && answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
            && JsonNode.Parse(problem)!["errors"] is JsonObject { Count: > 0 } errors
            && errors.All(error => properties.Contains(error.Key.Split('.')[0], StringComparer.OrdinalIgnoreCase));
    }
}
