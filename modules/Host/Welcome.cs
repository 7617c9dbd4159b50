using PenguinMails.Host.Demo;

namespace PenguinMails.Host;

/// <summary>What somebody who has just started the host wants to know.</summary>
internal static class Welcome
{
    public static async Task PrintAsync(PenguinMailsHost host, TextWriter output, CancellationToken ct)
    {
        if (!host.IsDevelopment)
        {
            return;
        }

        using var api = new DemoClient(host.Url);
        await DemoAccount.EnsureAsync(api, host.Services, ct);
        await output.WriteLineAsync($"""

            PenguinMails listens on {host.Url}
              API reference  {host.Url}/scalar
              demo login     {DemoAccount.Email} / {DemoAccount.Password}
              jobs           {host.Url}/jobs, for staff who manage jobs
              mail           {(host.KeepsOutbox ? $"{host.Url}/outbox" : "at the configured outgoing server")}
            Ctrl-C stops it.
            """);
    }
}
