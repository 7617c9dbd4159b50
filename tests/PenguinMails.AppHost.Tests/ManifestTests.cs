using System.Diagnostics;
using System.Text.Json.Nodes;

namespace PenguinMails.AppHost.Tests;

/// <summary>The manifest that azd and others deploy by, as the command in the README writes it.</summary>
public sealed class ManifestTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_has_the_host_its_stores_and_the_secrets_as_inputs_and_nothing_of_a_run()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "manifest.json");
        var start = new ProcessStartInfo("dotnet", ["run", "--project", Path.Combine(Top(), "PenguinMails.AppHost"), "-p:Aspire=true", "--", "--publisher", "manifest", "--output-path", file]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(Ct);
        process.ExitCode.ShouldBe(0);

        var resources = JsonNode.Parse(await File.ReadAllTextAsync(file, Ct))!["resources"]!.AsObject();

        var names = resources.Select(resource => resource.Key).ToList();
        new[] { "postgres", "penguinmails", "redis", "migrate", "host", "mail-host", "public-url", "stripe-api-key", "vault-token", "hostwinds-api-key" }.ShouldBeSubsetOf(names);
        names.ShouldNotContain("mailpit");
        names.ShouldNotContain("demo");
        var host = resources["host"]!["env"]!;
        host["ConnectionStrings__penguinmails"]!.GetValue<string>().ShouldBe("{penguinmails.connectionString}");
        host["Billing__Stripe__ApiKey"]!.GetValue<string>().ShouldBe("{stripe-api-key.value}");
        resources["host"]!["bindings"]!["http"]!["external"]!.GetValue<bool>().ShouldBeTrue();
        resources["migrate"]!["args"]![0]!.GetValue<string>().ShouldBe("migrate");
        resources["stripe-api-key"]!["inputs"]!["value"]!["secret"]!.GetValue<bool>().ShouldBeTrue();
    }

    private static string Top()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "PenguinMails.sln")))
        {
            directory = directory.Parent!;
        }

        return directory.FullName;
    }
}
