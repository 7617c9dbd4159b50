namespace PenguinMails.AppHost.Tests;

/// <summary>What the AppHost orchestrates, read from its model: no container engine is needed.</summary>
public sealed class ModelTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_has_its_stores_the_schema_the_host_and_an_inbox()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.PenguinMails_AppHost>(Ct);

        var names = builder.Resources.Select(resource => resource.Name).ToList();

        new[] { "postgres", "penguinmails", "redis", "migrate", "host", "mailpit", "demo" }.ShouldBeSubsetOf(names);
        names.ShouldNotContain("stripe-api-key", "Without a key the host takes test cards.");
    }

    [Fact]
    public async Task The_host_waits_for_the_schema_and_its_stores_and_is_asked_for_its_health()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.PenguinMails_AppHost>(Ct);
        var host = Find(builder, "host");

        var waits = host.Annotations.OfType<WaitAnnotation>().ToDictionary(wait => wait.Resource.Name, wait => wait.WaitType);

        waits["migrate"].ShouldBe(WaitType.WaitForCompletion);
        waits["redis"].ShouldBe(WaitType.WaitUntilHealthy);
        waits["mailpit"].ShouldBe(WaitType.WaitUntilHealthy);
        host.Annotations.OfType<HealthCheckAnnotation>().ShouldNotBeEmpty();
        host.Annotations.OfType<EndpointAnnotation>().ShouldContain(endpoint => endpoint.IsExternal);
        new[] { "demo", "migrate" }.ShouldBeSubsetOf(host.Annotations.OfType<ResourceCommandAnnotation>().Select(command => command.Name));
        Find(builder, "migrate").Annotations.OfType<WaitAnnotation>().ShouldContain(wait => wait.Resource.Name == "penguinmails");
    }

    [Fact]
    public async Task The_stores_keep_their_data_and_PostgreSQL_is_18()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.PenguinMails_AppHost>(Ct);

        foreach (var store in new[] { "postgres", "redis" })
        {
            Find(builder, store).Annotations.OfType<ContainerMountAnnotation>().ShouldContain(mount => mount.Type == ContainerMountType.Volume, store);
        }

        Find(builder, "postgres").Annotations.OfType<ContainerImageAnnotation>().Single().Tag.ShouldBe("18");
    }

    [Fact]
    public async Task Replicas_pgAdmin_and_secrets_are_as_they_are_set()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.PenguinMails_AppHost>(
            ["--Replicas=3", "--PgAdmin=true", "--Parameters:stripe-api-key=sk_test_1"], Ct);

        Find(builder, "host").Annotations.OfType<ReplicaAnnotation>().Last().Replicas.ShouldBe(3);
        builder.Resources.Select(resource => resource.GetType().Name).ShouldContain("PgAdminContainerResource");
        builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == "stripe-api-key").Secret.ShouldBeTrue();
    }

    private static IResource Find(IDistributedApplicationTestingBuilder builder, string name) => builder.Resources.Single(resource => resource.Name == name);
}
