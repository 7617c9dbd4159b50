using PenguinMails.Infrastructure.Servers;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Builds, follows and gives back servers.</summary>
internal sealed class ServerChecks(ServerUpkeep upkeep) : IRecurringJob
{
    public Task RunAsync(CancellationToken ct) => upkeep.RunAsync(ct);
}
