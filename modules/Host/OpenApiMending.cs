using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace PenguinMails.Host;

/// <summary>Says in the OpenAPI document what the generator does not see of FastEndpoints: route parameters and the bearer token.</summary>
internal static partial class OpenApiMending
{
    private const string Scheme = "bearer";

    public static void Apply(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "PenguinMails";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            AddRouteParameters(operation, context.Description.RelativePath ?? "");
            if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<Microsoft.AspNetCore.Authorization.IAllowAnonymous>().Any())
            {
                operation.Security =
                    [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
            }

            return Task.CompletedTask;
        });
    }

    private static void AddRouteParameters(OpenApiOperation operation, string path)
    {
        operation.Parameters ??= [];
        foreach (var name in RouteParameter().Matches(path).Select(match => match.Groups[1].Value))
        {
            if (operation.Parameters.Any(parameter => parameter.Name == name))
            {
                continue;
            }

            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = name.EndsWith("id", StringComparison.OrdinalIgnoreCase) ? "uuid" : null },
            });
        }
    }

    [GeneratedRegex(@"\{(\w+)")]
    private static partial Regex RouteParameter();
}
