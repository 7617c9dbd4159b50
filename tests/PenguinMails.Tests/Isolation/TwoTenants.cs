using Npgsql;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Isolation;

/// <summary>Tenants A and B, each with a user and a row in every table that knows whose its rows are.</summary>
public sealed class TwoTenants(HostFixture host) : IAsyncLifetime
{
    /// <summary>The administrator's, whom no policy binds.</summary>
    internal NpgsqlConnection Administrator { get; private set; } = null!;

    internal IReadOnlyList<Table> Tables { get; private set; } = [];

    /// <summary>The tables whose rows are somebody's.</summary>
    internal IEnumerable<Table> Owned => Tables.Where(table => table.Owner is not null);

    internal RowMaker A { get; private set; } = null!;

    internal RowMaker B { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        Administrator = await host.AdministratorAsync(ct);
        Tables = await TableReader.ReadAsync(Administrator, ct);
        // At once: a job that looks for tenants without a subscription sees them with theirs, or not at all.
        await using var transaction = await Administrator.BeginTransactionAsync(ct);
        A = await FillAsync(ct);
        B = await FillAsync(ct);
        await transaction.CommitAsync(ct);
    }

    public ValueTask DisposeAsync() => Administrator.DisposeAsync();

    /// <summary>A connection of the host's role that acts for A.</summary>
    internal Task<NpgsqlConnection> AsAAsync(CancellationToken ct) => AsAppAsync(A.TenantId.ToString(), A.UserId.ToString(), ct);

    /// <summary>A connection of the host's role with these settings, or with none at all.</summary>
    internal async Task<NpgsqlConnection> AsAppAsync(string? tenantId, string? userId, CancellationToken ct)
    {
        var options = new NpgsqlConnectionStringBuilder(host.Connections.For(DatabaseRoles.App)) { Pooling = false };
        var connection = new NpgsqlConnection(options.ConnectionString);
        await connection.OpenAsync(ct);
        if (tenantId is not null)
        {
            await connection.ExecuteAsync(
                $"SELECT set_config('app.current_tenant_id', '{tenantId}', false), set_config('app.current_user_id', '{userId}', false)", ct);
        }

        return connection;
    }

    private async Task<RowMaker> FillAsync(CancellationToken ct)
    {
        var rows = new RowMaker(Administrator, Tables.ToDictionary(table => table.Name), Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var table in Owned)
        {
            await rows.RowAsync(table, ct);
            // The default tags are there already.
            if (table.MayLackTenant && table.Name != "tags")
            {
                await RowMaker.InsertAsync(Administrator, table, await rows.DraftAsync(table, ofNobody: true, ct), ct);
            }
        }

        return rows;
    }
}
