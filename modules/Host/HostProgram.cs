using PenguinMails.Host.Demo;
using PenguinMails.Host.Embedded;
using PenguinMails.Shared.Database;

namespace PenguinMails.Host;

/// <summary>The host's verbs: none serves, <c>migrate</c> applies the schema, <c>demo</c> runs a campaign end to end.</summary>
public static class HostProgram
{
    /// <summary>Runs one verb to its end.</summary>
    /// <returns>0; 1 when it failed for a reason that has been printed; 2 for an unknown verb.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var verb = args is [var first, ..] && !first.StartsWith('-') ? first : "serve";
        var rest = args.Where(argument => argument != verb).ToArray();
        try
        {
            return verb switch
            {
                "serve" => await ServeAsync(rest),
                "migrate" => await MigrateAsync(rest),
                "demo" => await DemoAsync(rest),
                _ => Usage(verb),
            };
        }
        catch (Exception exception) when (exception is EmbeddedStoreException or MigrationRefusedException or HttpRequestException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static async Task<int> ServeAsync(string[] args)
    {
        await using var host = await PenguinMailsHost.StartAsync(args, CancellationToken.None);
        await Welcome.PrintAsync(host, Console.Out, CancellationToken.None);
        await host.WaitForShutdownAsync();
        return 0;
    }

    private static async Task<int> MigrateAsync(string[] args)
    {
        await using var host = await PenguinMailsHost.BuildAsync(args, databaseOnly: true, CancellationToken.None);
        var applied = await host.MigrateAsync(CancellationToken.None);
        Console.WriteLine(applied == 0 ? "The schema is up to date." : $"{applied} migration scripts applied.");
        return 0;
    }

    private static async Task<int> DemoAsync(string[] args)
    {
        await using var host = await PenguinMailsHost.StartAsync(args, CancellationToken.None);
        return await DemoRun.RunAsync(host, Console.Out, CancellationToken.None);
    }

    private static int Usage(string verb)
    {
        Console.Error.WriteLine($"Unknown verb '{verb}'. Verbs: serve (the default), migrate, demo.");
        return 2;
    }
}
