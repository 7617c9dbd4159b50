using MediatR;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>What staff hear of servers. A server's last error is in its row, and in a notification that ends with it.</summary>
internal sealed class ServerNotices(ISender modules)
{
    private const string Category = "server";

    /// <summary>Notes what keeps a server from going on, or that nothing does any more; the caller saves.</summary>
    public async Task NoteAsync(VpsInstance server, string? problem, SyncReport report, CancellationToken ct)
    {
        var key = $"server:{server.Id}";
        if (problem is not null)
        {
            report.Problems.Add(new(server.Id, problem));
            await modules.Send(new RaiseNotification(
                Category, "A server needs attention", $"{server.Name} ({SnakeCase.Of(server.Status)}): {problem}", "warning", key, TenantId: null), ct);
        }
        else if (server.LastError is not null)
        {
            await modules.Send(new SettleNotification(key, TenantId: null, "The server goes on."), ct);
        }

        server.Note(problem);
    }

    public Task ProviderFailedAsync(ServerProviderKind provider, string fault, CancellationToken ct) => modules.Send(
        new RaiseNotification(Category, "A server provider fails", fault, "warning", $"servers:{SnakeCase.Of(provider)}", TenantId: null)
        {
            AutoResolveAfter = TimeSpan.FromMinutes(15),
        }, ct);
}
