using PenguinMails.Host.Demo;

namespace PenguinMails.Tests.Processes;

public sealed class DemoAccountTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_there_after_the_start_and_may_be_changed_as_any_account()
    {
        using var api = new DemoClient(host.Url);
        await DemoAccount.EnsureAsync(api, host.Services, Ct);
        var demo = host.Anonymous();
        await demo.LogInAsync(DemoAccount.Email, Ct, DemoAccount.Password);

        await host.QueryAsync("UPDATE user_credentials SET password_hash = 'another' WHERE email = $1", Ct, DemoAccount.Email);

        await DemoAccount.EnsureAsync(api, host.Services, Ct);
        (await host.QueryAsync("SELECT password_hash FROM user_credentials WHERE email = $1", Ct, DemoAccount.Email)).ShouldBe(["another"]);
    }
}
