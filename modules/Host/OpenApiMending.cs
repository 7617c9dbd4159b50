using System.Reflection;
using System.Text.Json;
using FastEndpoints;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Host;

/// <summary>
/// Says in the OpenAPI document what the generator does not see of FastEndpoints: where each property of a request comes from,
/// the bearer token and the problems.
/// </summary>
internal static class OpenApiMending
{
    private const string Scheme = "bearer";
    private const string KeyScheme = "apiKey";
    private const string Multipart = "multipart/form-data";

    public static void Apply(OpenApiOptions options)
    {
        // Each slice has a Request and a Response: the slice's name tells them apart.
        options.CreateSchemaReferenceId = type =>
            OpenApiOptions.CreateDefaultSchemaReferenceId(type) is null ? null : NameOf(type.Type);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "PenguinMails";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Scheme };
            document.Components.SecuritySchemes[KeyScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, ct) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (!metadata.OfType<IAllowAnonymous>().Any())
            {
                // Either is enough; what is for people takes no key.
                var isForKeys = metadata.OfType<IAuthorizeData>().Any(data => AccessPolicies.OpenToKeys.Contains(data.Policy));
                operation.Security = [.. new[] { Scheme, KeyScheme }.Take(isForKeys ? 2 : 1)
                    .Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] })];
            }

            if (metadata.OfType<EndpointDefinition>().SingleOrDefault() is { } endpoint)
            {
                await DescribeAsync(operation, endpoint.ReqDtoType, context, ct);
            }
        });
    }

    private static string NameOf(Type type) =>
        type.IsGenericType ? type.Name.Split('`')[0] + "Of" + string.Concat(type.GetGenericArguments().Select(NameOf))
        : type.DeclaringType is { } slice ? slice.Name + type.Name
        : type.Name;

    private static async Task DescribeAsync(
        OpenApiOperation operation, Type request, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.Parameters = [];
        var inBody = new List<string>();
        foreach (var property in request == typeof(EmptyRequest) ? [] : request.GetProperties())
        {
            var name = property.GetCustomAttribute<FastEndpoints.FromHeaderAttribute>()?.HeaderName ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (PlaceOf(property, name, context.Description.RelativePath ?? "") is not { } place)
            {
                inBody.Add(name);
                continue;
            }

            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = place,
                Required = place == ParameterLocation.Path,
                Schema = await context.GetOrCreateSchemaAsync(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, null, ct),
            });
        }

        operation.RequestBody = await BodyAsync(operation, request, inBody, context, ct);
        operation.Responses ??= [];
        operation.Responses.TryAdd("default", await ProblemAsync(context, ct));
    }

    private static ParameterLocation? PlaceOf(PropertyInfo property, string name, string path) =>
        path.Contains($"{{{name}", StringComparison.OrdinalIgnoreCase) ? ParameterLocation.Path
        : property.IsDefined(typeof(QueryParamAttribute)) ? ParameterLocation.Query
        : property.IsDefined(typeof(FastEndpoints.FromHeaderAttribute)) ? ParameterLocation.Header
        : null;

    private static async Task<OpenApiRequestBody?> BodyAsync(
        OpenApiOperation operation, Type request, List<string> properties, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        if (context.Description.HttpMethod == HttpMethod.Get.Method)
        {
            return null;
        }

        if (properties.Count == 0 && operation.RequestBody?.Content is { Count: 1 } content && content.ContainsKey(Multipart))
        {
            var file = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { "file" },
                Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } },
            };
            return Body(Multipart, file);
        }

        if (properties.Count == 0)
        {
            return null;
        }

        var schema = await context.GetOrCreateSchemaAsync(request, null, ct);
        foreach (var elsewhere in schema.Properties!.Keys.Except(properties).ToList())
        {
            schema.Properties.Remove(elsewhere);
            schema.Required?.Remove(elsewhere);
        }

        // The generator takes every parameter of a record's constructor for required.
        foreach (var (name, _) in schema.Properties.Where(property => property.Value.Type?.HasFlag(JsonSchemaType.Null) == true))
        {
            schema.Required?.Remove(name);
        }

        return Body("application/json", schema);
    }

    private static OpenApiRequestBody Body(string type, OpenApiSchema schema) => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType> { [type] = new() { Schema = schema } },
    };

    private static async Task<OpenApiResponse> ProblemAsync(OpenApiOperationTransformerContext context, CancellationToken ct) => new()
    {
        Description = "A problem (RFC 9457); errors are keyed by field.",
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(HttpValidationProblemDetails), null, ct) },
        },
    };
}
