using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.AppHost.Tests;

/// <summary>All of it in containers.</summary>
public sealed class EndToEndTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_signs_up_and_the_mail_is_in_the_inbox()
    {
        Assert.SkipUnless(HasEngine(), "There is no container engine: neither DOCKER_HOST nor a socket of Docker or Podman.");
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.PenguinMails_AppHost>(Ct);
        await using var app = await builder.BuildAsync(Ct);
        await app.StartAsync(Ct);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("host", Ct);
        using var http = app.CreateHttpClient("host", "http");
        using var inbox = app.CreateHttpClient("mailpit", "http");

        var answer = await http.PostAsJsonAsync("/api/v1/auth/sign-up", new
        {
            Email = "owner@tenant.test", Password = "waddle-waddle-1", Name = "Some Owner", CompanyName = "Some Company", PostalAddress = "1 Some Street, Some Town",
        }, Ct);

        answer.IsSuccessStatusCode.ShouldBeTrue();
        JsonNode messages;
        do
        {
            messages = (await inbox.GetFromJsonAsync<JsonNode>("/api/v1/messages", Ct))!;
        }
        while (messages["total"]!.GetValue<int>() == 0);

        messages["messages"]![0]!["To"]![0]!["Address"]!.GetValue<string>().ShouldBe("owner@tenant.test");
    }

    private static bool HasEngine() =>
        Environment.GetEnvironmentVariable("DOCKER_HOST") is not null || File.Exists("/var/run/docker.sock") || File.Exists("/run/podman/podman.sock");
}
