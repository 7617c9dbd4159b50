using System.Threading.Channels;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Security.CrossTenant;

/// <summary>
/// Looks whether an id that was not found is another tenant's: whoever tries such ids is not merely mistyping. Apart from the
/// request, whose answer must not take longer for an id that exists, one at a time, and in a flood not each.
/// </summary>
internal sealed class StrangeIds(PlatformDatabase platform, IServiceScopeFactory scopes, ILogger<StrangeIds> log) : BackgroundService
{
    private readonly Channel<(SecurityAct Act, Guid Id)> _asked = Channel.CreateBounded<(SecurityAct, Guid)>(
        new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Takes note of the ids in a request's route, and returns at once.</summary>
    public void LookInto(SecurityAct act, IEnumerable<object?> routeValues)
    {
        foreach (var value in routeValues)
        {
            if (Guid.TryParse(value as string, out var id))
            {
                _asked.Writer.TryWrite((act, id));
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (act, id) in _asked.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await LookAsync(act, id, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The next one may be looked into all the same.
                log.LogWarning(exception, "Whether {Id} is another tenant's is not known.", id);
            }
        }
    }

    private async Task LookAsync(SecurityAct act, Guid id, CancellationToken ct)
    {
        var tables = await platform.ColumnAsync<string>(
            "security.strange-ids", "SELECT found FROM find_strange_row($1, $2, $3) AS found WHERE found IS NOT NULL", ct,
            new NpgsqlParameter { Value = id }, new NpgsqlParameter { Value = act.TenantId },
            new NpgsqlParameter { Value = (object?)act.UserId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        foreach (var table in tables)
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IPublisher>().Publish(
                act with { Failure = "the row is another tenant's", ResourceType = table, ResourceId = id.ToString() }, CancellationToken.None);
        }
    }
}
