using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

var builder = DistributedApplication.CreateBuilder(args);

// The tag comes before the volume: PostgreSQL 18 keeps its data elsewhere than 17, and WithDataVolume goes by the tag.
// POSTGRES_DB is for a published container, where no orchestrator creates the database.
var postgres = builder.AddPostgres("postgres")
    .WithImageTag("18")
    .WithDataVolume()
    .WithEnvironment("POSTGRES_DB", "penguinmails");
if (builder.Configuration["PgAdmin"] == "true")
{
    postgres.WithPgAdmin();
}

var database = postgres.AddDatabase("penguinmails");

// Aspire gives Redis TLS on machines that trust a development certificate. Without it the connection is the same on all.
#pragma warning disable ASPIRECERTIFICATES001 // WithoutHttpsCertificate is marked experimental.
var redis = builder.AddRedis("redis")
    .WithoutHttpsCertificate()
    .WithDataVolume();
#pragma warning restore ASPIRECERTIFICATES001

// Without a launch profile it has no endpoint: it applies the schema and exits.
var migrate = builder.AddProject<Projects.PenguinMails_Host>("migrate", launchProfileName: null)
    .WithArgs("migrate")
    .WithReference(database)
    .WaitFor(database);

var host = builder.AddProject<Projects.PenguinMails_Host>("host")
    .WithReference(database)
    .WithReference(redis)
    .WaitFor(redis)
    .WaitForCompletion(migrate)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReplicas(int.TryParse(builder.Configuration["Replicas"], CultureInfo.InvariantCulture, out var replicas) ? replicas : 1);

WithSecret("stripe-api-key", "Billing__Stripe__ApiKey");
WithSecret("stripe-webhook-secret", "Billing__Stripe__WebhookSecret");
WithSecret("vault-address", "Vault__Address");
WithSecret("vault-token", "Vault__Token");
WithSecret("hostwinds-api-key", "Hostwinds__ApiKey");

if (builder.ExecutionContext.IsRunMode)
{
    // The launch profile would have told it, and Aspire does not pass on its own environment.
    migrate.WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName);

    // A host of its own that signs a tenant up, sends its campaign into its own sink, and exits.
    var demo = builder.AddProject<Projects.PenguinMails_Host>("demo", launchProfileName: null)
        .WithArgs("demo")
        .WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName)
        .WithReference(database)
        .WithReference(redis)
        .WaitForCompletion(migrate)
        .WithExplicitStart();
    host.WithCommand("demo", "Run the demo", context => StartAsync(context, demo.Resource));
    host.WithCommand("migrate", "Apply the schema", context => StartAsync(context, migrate.Resource));

    var mailpit = builder.AddContainer("mailpit", "axllent/mailpit", "v1.30.0")
        .WithEndpoint(targetPort: 1025, name: "smtp")
        .WithHttpEndpoint(targetPort: 8025)
        .WithHttpHealthCheck("/readyz");
    var smtp = mailpit.GetEndpoint("smtp");

    host.WithEnvironment("Mail__Host", smtp.Property(EndpointProperty.Host))
        .WithEnvironment("Mail__Port", smtp.Property(EndpointProperty.Port))
        .WaitFor(mailpit);
}
else
{
    host.WithEnvironment("Mail__Host", builder.AddParameter("mail-host"))
        .WithEnvironment("Mail__Port", builder.AddParameter("mail-port"))
        .WithEnvironment("Sending__PublicUrl", builder.AddParameter("public-url"));
}

builder.Build().Run();

// A run takes those that are configured (user secrets or Parameters__stripe_api_key): without them the host has stand-ins of its own.
// A publication asks for all; one left empty is as good as absent.
void WithSecret(string parameter, string setting)
{
    var known = builder.Configuration[$"Parameters:{parameter}"] ?? builder.Configuration[$"Parameters:{parameter.Replace('-', '_')}"];
    if (builder.ExecutionContext.IsPublishMode || known is not null)
    {
        host.WithEnvironment(setting, builder.AddParameter(parameter, secret: true));
    }
}

static Task<ExecuteCommandResult> StartAsync(ExecuteCommandContext context, IResource resource) =>
    context.Services.GetRequiredService<ResourceCommandService>()
        .ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, context.CancellationToken);
