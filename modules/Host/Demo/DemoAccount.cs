using MediatR;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Host.Demo;

/// <summary>The tenant that a newcomer finds in Development.</summary>
internal static class DemoAccount
{
    public const string Email = "demo@penguinmails.test";
    public const string Password = "waddle-waddle-1";

    /// <summary>Signs it up where it is missing, and logs in.</summary>
    public static async Task LogInAsync(DemoClient api, IServiceProvider services, CancellationToken ct)
    {
        await EnsureAsync(api, services, ct);
        var grant = await api.PostAsync("auth/log-in", new { Email, Password }, ct);
        api.UseToken(grant["accessToken"]!.GetValue<string>());
    }

    /// <summary>
    /// Signs it up where it is missing, and takes its address for verified. One that is there may have another password by now, or two
    /// factors.
    /// </summary>
    public static async Task EnsureAsync(DemoClient api, IServiceProvider services, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var modules = scope.ServiceProvider.GetRequiredService<ISender>();
        if (!await modules.Send(new VerifyAddress(Email), ct))
        {
            await api.PostAsync("auth/sign-up", new
            {
                Email,
                Password,
                Name = "Pingu Demo",
                CompanyName = "Demo Fishery",
                PostalAddress = "1 Ice Shelf, 9999 Antarctica",
            }, ct);
            await modules.Send(new VerifyAddress(Email), ct);
        }
    }
}
