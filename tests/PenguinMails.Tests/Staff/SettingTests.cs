using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Staff;

public sealed class SettingTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_setting_is_set_read_replaced_and_removed_and_modules_see_each_at_once()
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);
        var (key, category) = (NewKey(), $"c{Guid.CreateVersion7():N}");
        (await SettingAsync(key)).ShouldBeNull();

        var set = await PutAsync(admin, key, new { Value = 7, ValueType = "integer", Description = "How many", Category = category });
        (set.Text("key"), set.Number("value"), set.Text("valueType"), set["isSensitive"]!.GetValue<bool>()).ShouldBe((key, 7, "integer", false));
        (await SettingAsync(key))!.As<int>().ShouldBe(7);
        (await admin.GetAsync($"staff/config/{key}", Ct)).ToJsonString().ShouldBe(set.ToJsonString());
        (await admin.GetAsync($"staff/config?category={category}", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!.ToJsonString().ShouldBe(set.ToJsonString());

        await PutAsync(admin, key, new { Value = new { A = new[] { 1, 2 } }, ValueType = "json" });
        (await SettingAsync(key))!.As<Dictionary<string, int[]>>()["a"].ShouldBe([1, 2]);

        (await admin.Http.DeleteAsync($"staff/config/{key}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await SettingAsync(key)).ShouldBeNull();
        await (await admin.Http.DeleteAsync($"staff/config/{key}", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        await (await admin.Http.GetAsync($"staff/config/{key}", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        (await host.QueryAsync("SELECT action, metadata ->> 'old', metadata ->> 'new' FROM audit_log WHERE resource_id = $1 AND action LIKE 'config.%' ORDER BY created", Ct, key))
            .ShouldBe(["config.set||7", """config.set|7|{"a":[1,2]}""", "config.remove||"]);
    }

    [Theory]
    [InlineData("string", "7")]
    [InlineData("integer", "1.5")]
    [InlineData("integer", "\"7\"")]
    [InlineData("number", "true")]
    [InlineData("boolean", "0")]
    [InlineData("json", "null")]
    public async Task A_value_of_another_type_is_refused(string type, string value)
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);

        var answer = await admin.Http.PutAsJsonAsync($"staff/config/{NewKey()}", new { Value = JsonNode.Parse(value), ValueType = type }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["value"]);
    }

    [Fact]
    public async Task The_database_refuses_a_value_of_another_type_too() =>
        (await Should.ThrowAsync<Npgsql.PostgresException>(() => host.QueryAsync(
            "INSERT INTO system_config (key, value, value_type) VALUES ($1, '\"x\"', 'integer')", Ct, NewKey()))).SqlState.ShouldBe("23514");

    [Fact]
    public async Task A_sensitive_value_is_nowhere_in_clear_but_for_who_may_reveal_it_and_that_is_recorded()
    {
        var (admin, super) = (await host.AStaffMemberAsync(role: 2, Ct), await host.AStaffMemberAsync(role: 1, Ct));
        var (key, secret) = (NewKey(), $"s3cret-{Guid.CreateVersion7():N}");

        var answers = new List<string>
        {
            (await PutAsync(admin, key, new { Value = secret, ValueType = "string", IsSensitive = true })).ToJsonString(),
            // Replaced: it stays sensitive unless told otherwise.
            (await PutAsync(admin, key, new { Value = secret + "2", ValueType = "string" })).ToJsonString(),
            (await admin.GetAsync("staff/config", Ct)).ToJsonString(),
            (await admin.GetAsync($"staff/config/{key}", Ct)).ToJsonString(),
            await (await admin.Http.GetAsync($"staff/config/{key}?reveal=true", Ct)).Content.ReadAsStringAsync(Ct),
        };
        answers.ShouldAllBe(answer => !answer.Contains(secret));
        (await admin.GetAsync($"staff/config/{key}", Ct)).Text("value").ShouldBe("••••");
        await (await admin.Http.GetAsync($"staff/config/{key}?reveal=true", Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct);

        (await super.GetAsync($"staff/config/{key}?reveal=true", Ct)).Text("value").ShouldBe(secret + "2");
        (await host.QueryAsync("SELECT action FROM audit_log WHERE actor_user_id = $1 AND action LIKE 'config.%'", Ct, super.UserId)).ShouldBe(["config.reveal"]);
        (await host.QueryAsync("SELECT resource_id FROM security_events WHERE user_id = $1 AND event_type = 'config_sensitive_read'", Ct, super.UserId)).ShouldBe([key]);

        (await SettingAsync(key)).ShouldBeNull();
        (await SettingAsync(key, sensitive: true))!.As<string>().ShouldBe(secret + "2");
        (await SettingAsync(key, sensitive: true))!.ToString().ShouldNotContain(secret);
        await NowhereInTablesAsync(secret);

        // Removing the mark needs a new value, so it reveals nothing.
        await PutAsync(admin, key, new { Value = "open", ValueType = "string", IsSensitive = false });
        (await SettingAsync(key))!.As<string>().ShouldBe("open");
        await NowhereInTablesAsync(secret);
    }

    [Fact]
    public async Task Another_host_sees_a_changed_setting_and_a_changed_flag()
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);
        await using var process = await HostProcess.BesideAsync(host, Ct);
        var there = process.For(admin);
        var (key, flag) = (NewKey(), $"f{Guid.CreateVersion7():N}");
        await PutAsync(admin, key, new { Value = 1, ValueType = "integer" });
        await admin.PostAsync("staff/feature-flags", new { Key = flag, IsEnabled = true, RolloutPercentage = 0 }, Ct);
        // Remembered here, and changed there.
        (await SettingAsync(key))!.As<int>().ShouldBe(1);
        (await IsOnAsync(flag, admin.TenantId)).ShouldBeFalse();

        await PutAsync(there, key, new { Value = 2, ValueType = "integer" });
        await (await there.Http.PutAsJsonAsync($"staff/feature-flags/{flag}", new { IsEnabled = true, RolloutPercentage = 100 }, Ct)).ReadAsync(Ct);

        await Given.EventuallyAsync(async () => (await SettingAsync(key))!.As<int>(), value => value == 2, Ct);
        await Given.EventuallyAsync(() => IsOnAsync(flag, admin.TenantId), isOn => isOn, Ct);
    }

    private async Task NowhereInTablesAsync(string secret)
    {
        foreach (var table in new[] { "system_config", "audit_log", "security_events", "system_notifications", "hangfire.job" })
        {
            (await host.QueryAsync($"SELECT t::text FROM {table} t WHERE t::text LIKE '%' || $1 || '%'", Ct, secret)).ShouldBeEmpty(table);
        }
    }

    private async Task<Setting?> SettingAsync(string key, bool sensitive = false)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ISender>().Send(new GetSetting(key) { IncludeSensitive = sensitive }, Ct);
    }

    private async Task<bool> IsOnAsync(string key, Guid tenantId)
    {
        await using var scope = host.ScopeOf(tenantId);
        return await scope.ServiceProvider.GetRequiredService<ISender>().Send(new IsFeatureEnabled(key), Ct);
    }

    private static string NewKey() => $"test.{Guid.CreateVersion7():N}";

    private static async Task<JsonNode> PutAsync(TenantClient staff, string key, object body) =>
        await (await staff.Http.PutAsJsonAsync($"staff/config/{key}", body, Ct)).ReadAsync(Ct);
}
