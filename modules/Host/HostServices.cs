using System.Text.Json;
using System.Text.Json.Serialization;
using FastEndpoints;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using OpenTelemetry.Trace;
using PenguinMails.Host.Embedded.Mail;
using PenguinMails.Host.Jobs;
using PenguinMails.Host.Tracing;
using PenguinMails.ServiceDefaults;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using Scalar.AspNetCore;
using StackExchange.Redis;

namespace PenguinMails.Host;

/// <summary>What the host is made of, and the order in which a request passes it.</summary>
internal static class HostServices
{
    public static void AddPenguinMails(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor<SpanRules>());
        builder.AddPenguinMailsDatabase();
        builder.Services.AddSingleton(TimeProvider.System);
        // What takes longest to stop is not kept from beginning to: the sender, while a request is still under way.
        builder.Services.Configure<HostOptions>(options => options.ServicesStopConcurrently = true);
        builder.Services.AddSingleton<StreamPermit>();
        builder.Services.AddSingleton<IConnectionMultiplexer>(services => Redis(services.GetRequiredService<IConfiguration>()));
        builder.Services.AddHealthChecks()
            .AddCheck<DatabaseHealthCheck>("postgresql")
            .AddRedis(services => services.GetRequiredService<IConnectionMultiplexer>(), name: "redis");

        // Behind a proxy on the same machine, or one that ASPNETCORE_FORWARDEDHEADERS_ENABLED vouches for, the caller is who the proxy says.
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto);
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Extensions.TryAdd("traceId", System.Diagnostics.Activity.Current?.Id ?? context.HttpContext.TraceIdentifier);
            Problems.Tell(context);
        });
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        });
        builder.Services.AddFastEndpoints(options =>
        {
            options.DisableAutoDiscovery = true;
            options.Assemblies = Modules.Assemblies;
        });
        builder.Services.AddOpenApi("v1", OpenApiMending.Apply);
        builder.Services.AddMediatR(options =>
        {
            options.RegisterServicesFromAssemblies([.. Modules.Assemblies]);
            if (Telemetry.IsCollected(builder.Configuration))
            {
                options.AddOpenBehavior(typeof(TracedRequests<,>));
            }
        });
        builder.AddJobs();

        foreach (var module in Modules.InOrder)
        {
            module.Register(builder);
        }
    }

    public static void UsePenguinMails(this WebApplication app, Outbox? outbox)
    {
        app.UseForwardedHeaders();
        app.Use(static (http, next) =>
        {
            // Clients name a content type also where there is no content to read.
            if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
                && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HttpMethods.IsDelete(http.Request.Method)))
            {
                http.Request.ContentType = null;
            }

            return next(http);
        });
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = Problems.StatusOf,
            // A conflict or a bad request is the caller's, and no error of the host to be logged.
            SuppressDiagnosticsCallback = context => Problems.StatusOf(context.Exception) < StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages();
        app.UseJobDashboardCookie();
        app.UseAuthentication();
        app.UseMiddleware<TenantScopeMiddleware>();
        foreach (var module in Modules.InOrder)
        {
            module.Use(app);
        }

        app.UseAuthorization();
        app.UseFastEndpoints(config =>
        {
            config.Endpoints.RoutePrefix = "api/v1";
            // Each slice's endpoint class is called Endpoint: the slice around it has the name.
            config.Endpoints.NameGenerator = context =>
                (context.EndpointType.DeclaringType?.Name ?? context.EndpointType.Name) + context.HttpVerb;
            config.Errors.ContentType = "application/problem+json";
            config.Errors.ProducesMetadataType = typeof(HttpValidationProblemDetails);
            config.Errors.ResponseBuilder = (failures, http, status) => Problems.FromFailures(failures, http, status);
        });
        app.MapDefaultEndpoints();
        app.MapOpenApi();
        app.MapScalarApiReference();
        app.MapGet("/", () => TypedResults.Redirect("/scalar")).ExcludeFromDescription();
        if (outbox is not null)
        {
            app.MapOutbox(outbox);
        }

        app.MapJobDashboard();
    }

    private static ConnectionMultiplexer Redis(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString("redis")
            ?? throw new InvalidOperationException("ConnectionStrings:redis is not set.");
        var options = ConfigurationOptions.Parse(text);
        // Redis may come later, or go: what needs it copes.
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return ConnectionMultiplexer.Connect(options);
    }
}
