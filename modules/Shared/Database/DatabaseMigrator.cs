using System.Reflection;
using EvolveDb;
using EvolveDb.Dialect;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>Makes the database, its roles and its schema. Running it again changes nothing; two at once wait for each other.</summary>
public sealed class DatabaseMigrator(DatabaseConnections connections, ILogger<DatabaseMigrator> log)
{
    // Any constant will do, so long as every version of the host uses it.
    private const long MigrationLock = 0x50454E47;

    private const string Rule = "An applied migration is never edited or removed: restore it and add a new one.";

    /// <summary>Applies what is missing of the SQL in these assemblies, as the owner role.</summary>
    /// <returns>How many scripts were applied.</returns>
    /// <exception cref="MigrationRefusedException">A script that was applied before has been edited or is gone.</exception>
    public async Task<int> MigrateAsync(IReadOnlyList<Assembly> assemblies, Func<NpgsqlConnection, Task> asOwner, CancellationToken ct)
    {
        await PrepareServerAsync(ct);
        // Not pooled: it keeps an advisory lock and a role for its whole session.
        var options = new NpgsqlConnectionStringBuilder(connections.Administrator) { Pooling = false };
        await using var connection = new NpgsqlConnection(options.ConnectionString);
        await connection.OpenAsync(ct);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({MigrationLock})", ct);
        await ExecuteAsync(connection, OwnershipScript(connection.Database), ct);
        await ExecuteAsync(connection, $"SET ROLE {DatabaseRoles.Owner}", ct);
        await RefuseWhereGoneAsync(connection, assemblies, ct);
        var applied = Apply(connection, assemblies);
        await asOwner(connection);
        return applied;
    }

    // Evolve compares the scripts that there are; it does not miss one.
    private static async Task RefuseWhereGoneAsync(NpgsqlConnection connection, IReadOnlyList<Assembly> assemblies, CancellationToken ct)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('public.schema_migrations') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(ct))!)
        {
            return;
        }

        var known = assemblies.SelectMany(assembly => assembly.GetManifestResourceNames()).ToArray();
        await using var gone = new NpgsqlCommand(
            "SELECT name FROM public.schema_migrations WHERE name LIKE 'V%.sql' AND success AND name <> ALL ($1) LIMIT 1", connection)
        {
            Parameters = { new NpgsqlParameter { Value = known } },
        };
        if (await gone.ExecuteScalarAsync(ct) is string name)
        {
            throw new MigrationRefusedException($"The applied migration {name} is gone. {Rule}");
        }
    }

    private int Apply(NpgsqlConnection connection, IReadOnlyList<Assembly> assemblies)
    {
        var evolve = new Evolve(connection, message => log.LogDebug("{Migrator}", message), DBMS.PostgreSQL)
        {
            EmbeddedResourceAssemblies = assemblies,
            Schemas = ["public"],
            MetadataTableName = "schema_migrations",
            IsEraseDisabled = true,
            // The advisory lock above is held for the whole session, roles included.
            EnableClusterMode = false,
        };
        try
        {
            evolve.Migrate();
        }
        catch (EvolveValidationException exception)
        {
            throw new MigrationRefusedException(
                $"{exception.Message} {Rule}", exception);
        }

        return evolve.NbMigration;
    }

    // Roles belong to the whole server, so migrators of two databases must not make them at once.
    private async Task PrepareServerAsync(CancellationToken ct)
    {
        var database = new NpgsqlConnectionStringBuilder(connections.Administrator).Database!;
        var maintenance = new NpgsqlConnectionStringBuilder(connections.Administrator) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(maintenance.ConnectionString);
        await connection.OpenAsync(ct);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({MigrationLock})", ct);
        await ExecuteAsync(connection, RoleScript(), ct);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection)
        {
            Parameters = { new NpgsqlParameter { Value = database } },
        };
        if (await exists.ExecuteScalarAsync(ct) is null)
        {
            await ExecuteAsync(connection, $"CREATE DATABASE {Quote(database)} ENCODING 'UTF8' TEMPLATE template0", ct);
        }
    }

    private string RoleScript() => $"""
        {CreateRole(DatabaseRoles.Owner, "NOLOGIN")}
        {CreateRole(DatabaseRoles.App, "LOGIN NOINHERIT")}
        {CreateRole(DatabaseRoles.Platform, "LOGIN")}
        ALTER ROLE {DatabaseRoles.App} PASSWORD {Literal(connections.PasswordOf(DatabaseRoles.App))};
        ALTER ROLE {DatabaseRoles.Platform} PASSWORD {Literal(connections.PasswordOf(DatabaseRoles.Platform))};
        GRANT {DatabaseRoles.Owner} TO CURRENT_USER;
        GRANT pg_read_all_stats TO {DatabaseRoles.Owner}, {DatabaseRoles.Platform};
        """;

    private static string OwnershipScript(string database) => $"""
        GRANT CREATE ON DATABASE {Quote(database)} TO {DatabaseRoles.Owner};
        ALTER SCHEMA public OWNER TO {DatabaseRoles.Owner};
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        """;

    private static string CreateRole(string name, string options) => $"""
        DO $$ BEGIN
            CREATE ROLE {name} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE {options};
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$;
        """;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"")}\"";

    private static string Literal(string value) => $"'{value.Replace("'", "''")}'";
}

/// <summary>The database's history and the scripts of this version do not agree.</summary>
public sealed class MigrationRefusedException(string message, Exception? inner = null) : Exception(message, inner);
