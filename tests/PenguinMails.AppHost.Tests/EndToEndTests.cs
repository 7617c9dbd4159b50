using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.AppHost.Tests;

/// <summary>All of it in containers.</summary>
public sealed class EndToEndTests
{
    [Fact(Timeout = 600_000)]
    public async Task Somebody_signs_up_and_the_mail_is_in_the_inbox()
    {
        var ct = TestContext.Current.CancellationToken;
        Assert.SkipUnless(HasEngine(), "There is no container engine: neither DOCKER_HOST nor a socket of Docker or Podman.");
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.PenguinMails_AppHost>(ct);
        // Stores of its own: in the volumes is what a developer works with, perhaps at this moment.
        foreach (var store in builder.Resources.OfType<ContainerResource>())
        {
            store.Annotations.OfType<ContainerMountAnnotation>().ToList().ForEach(mount => store.Annotations.Remove(mount));
        }

        await using var app = await builder.BuildAsync(ct);
        await app.StartAsync(ct);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("host", ct);
        using var http = app.CreateHttpClient("host", "http");
        using var inbox = app.CreateHttpClient("mailpit", "http");

        var answer = await http.PostAsJsonAsync("/api/v1/auth/sign-up", new
        {
            Email = "owner@tenant.test", Password = "waddle-waddle-1", Name = "Some Owner", CompanyName = "Some Company", PostalAddress = "1 Some Street, Some Town",
        }, ct);

        answer.IsSuccessStatusCode.ShouldBeTrue();
        // The owner of the demo's tenant, which a host in Development makes, is written to as well.
        JsonNode found;
        do
        {
            await Task.Delay(100, ct);
            found = (await inbox.GetFromJsonAsync<JsonNode>("/api/v1/messages", ct))!;
        }
        while (!found["messages"]!.AsArray().Any(message => message!["To"]![0]!["Address"]!.GetValue<string>() == "owner@tenant.test"));
    }

    // As Directory.Build.props has it.
    private static bool HasEngine() =>
        !OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("DOCKER_HOST") is not null || File.Exists("/var/run/docker.sock")
        || File.Exists("/run/podman/podman.sock") || File.Exists($"{Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR")}/podman/podman.sock");
}
