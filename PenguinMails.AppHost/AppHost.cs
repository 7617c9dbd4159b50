var builder = DistributedApplication.CreateBuilder(args);

// The tag comes before the volume: PostgreSQL 18 keeps its data elsewhere than 17, and WithDataVolume goes by the tag.
// POSTGRES_DB is for a published container, where no orchestrator creates the database.
var database = builder.AddPostgres("postgres")
    .WithImageTag("18")
    .WithDataVolume()
    .WithEnvironment("POSTGRES_DB", "penguinmails")
    .AddDatabase("penguinmails");

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
    .WithHttpHealthCheck("/health");

if (builder.ExecutionContext.IsRunMode)
{
    // The launch profile would have told it, and Aspire does not pass on its own environment.
    migrate.WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName);

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
        .WithEnvironment("Mail__Port", builder.AddParameter("mail-port"));
}

builder.Build().Run();
