using System.Net;
using Npgsql;

namespace PenguinMails.Tests.Campaigns;

/// <summary>Keeps a tenant's imports from being merged: holds the lock that a merge takes first.</summary>
internal sealed class Hold : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private Hold(NpgsqlConnection connection) => _connection = connection;

    public static async Task<Hold> OnAsync(HostFixture host, TenantClient tenant, CancellationToken ct)
    {
        var connection = await host.AdministratorAsync(ct);
        await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock(hashtextextended('lead_imports:{tenant.TenantId}', 0))", connection);
        await command.ExecuteNonQueryAsync(ct);
        return new Hold(connection);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection.State == System.Data.ConnectionState.Open)
        {
            await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", _connection);
            await command.ExecuteNonQueryAsync();
        }

        await _connection.DisposeAsync();
    }
}

/// <summary>A body that is written bit by bit, while its request is under way.</summary>
internal sealed class SlowContent(string beginning) : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task WriteAsync(string text)
    {
        var stream = await _stream.Task;
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
        await stream.FlushAsync();
    }

    public void End() => _end.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(beginning));
        await stream.FlushAsync();
        _stream.SetResult(stream);
        await _end.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
