// The build without Aspire: one process, the host, which starts its own stores. Verbs pass through: `-- migrate`, `-- demo`.
using PenguinMails.Host;

var line = string.Join(' ', args).Replace('=', ' ');
if (line.Contains("--publisher", StringComparison.OrdinalIgnoreCase)
    || line.Contains("--operation publish", StringComparison.OrdinalIgnoreCase))
{
    await Console.Error.WriteLineAsync("Publishing needs the Aspire build: run again with -p:Aspire=true.");
    return 1;
}

// The launch profile's address is the Aspire dashboard's. The host has its own, and moves aside when that is taken.
if (Environment.GetEnvironmentVariable("DOTNET_LAUNCH_PROFILE") is not null)
{
    Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
}

return await HostProgram.RunAsync(args);
