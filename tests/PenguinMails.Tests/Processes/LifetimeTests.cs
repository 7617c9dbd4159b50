using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Processes;

public sealed class LifetimeTests(DataDirectory data) : IClassFixture<DataDirectory>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_and_started_again_it_has_its_data_and_one_server_and_ends_at_TERM_leaving_no_process()
    {
        DataDirectory.NeedsUnix();
        TenantClient tenant;
        JsonNode company;
        await using (var host = await HostProcess.StartAsync(data.Root, Ct))
        {
            tenant = await host.ATenantAsync(Ct);
            company = await tenant.PostAsync("companies", new { Name = "Written just before" }, Ct);
            host.Kill();
            await host.EndedAsync(Ct);
        }

        await using var again = await HostProcess.StartAsync(data.Root, Ct);
        await IsHealthyAsync(again);
        HostProcess.ServersOver(data.Root).Count.ShouldBe(1);
        var companies = await again.For(tenant).GetAsync("companies", Ct);
        companies["items"]!.AsArray().Select(row => row!.Id()).ShouldContain(company.Id());
        using var http = new HttpClient { BaseAddress = new Uri($"{again.Url}/api/v1/") };
        (await http.PostAsJsonAsync("auth/log-in", new { tenant.Email, Given.Password }, Ct)).IsSuccessStatusCode.ShouldBeTrue();

        // As a service manager ends it.
        (await again.StopAsync("TERM", Ct)).ShouldBe(0);
        HostProcess.ProcessesOver(data.Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task Migrate_needs_the_database_alone_and_changes_nothing_the_second_time()
    {
        DataDirectory.NeedsUnix();
        await using var fresh = new DataDirectory();

        var first = await HostProcess.RunAsync("migrate", fresh.Root, Ct);
        var second = await HostProcess.RunAsync("migrate", fresh.Root, Ct);

        first.ExitCode.ShouldBe(0, first.Output);
        first.Output.ShouldContain("migration scripts applied.");
        second.ExitCode.ShouldBe(0, second.Output);
        second.Output.ShouldContain("The schema is up to date.");
    }

    [Fact]
    public async Task Two_data_directories_live_side_by_side_none_is_shared_and_INT_ends_one_leaving_no_process()
    {
        DataDirectory.NeedsUnix();
        var other = new DataDirectory();
        try
        {
            await using (var first = await HostProcess.StartAsync(data.Root, Ct))
            {
                await using var second = await HostProcess.StartAppHostAsync(other.Root, Ct);
                var (tenant, _) = (await first.ATenantAsync(Ct), await second.ATenantAsync(Ct));

                await IsHealthyAsync(first);
                await IsHealthyAsync(second);
                (await second.For(tenant).Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
                var refused = await Should.ThrowAsync<InvalidOperationException>(() => HostProcess.StartAsync(data.Root, Ct));
                refused.Message.ShouldContain("already in use");
                // As Ctrl-C does.
                (await second.StopAsync("INT", Ct)).ShouldBe(0);
                HostProcess.ProcessesOver(other.Root).ShouldBeEmpty();
                await IsHealthyAsync(first);
                HostProcess.ServersOver(data.Root).Count.ShouldBe(1);
            }
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    private static async Task IsHealthyAsync(HostProcess host)
    {
        using var http = new HttpClient();
        var health = await (await http.GetAsync($"{host.Url}/health", Ct)).ReadAsync(Ct);
        health.Text("status").ShouldBe("Healthy");
        health["checks"]!.Text("postgresql").ShouldBe("Healthy");
        health["checks"]!.Text("redis").ShouldBe("Healthy");
    }
}
