using Hangfire.PostgreSql;
using Npgsql;
using PenguinMails.Shared.Database;

namespace PenguinMails.Host.Jobs;

/// <summary>Hangfire's own tables: made by the migrator as the owner, since the host's role may make none.</summary>
internal static class HangfireSchema
{
    public const string Name = "hangfire";

    public static async Task InstallAsync(NpgsqlConnection connection)
    {
        PostgreSqlObjectsInstaller.Install(connection, Name);
        await using var grant = new NpgsqlCommand($"""
            GRANT USAGE ON SCHEMA {Name} TO {DatabaseRoles.App};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {Name} TO {DatabaseRoles.App};
            GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {Name} TO {DatabaseRoles.App};
            """, connection);
        await grant.ExecuteNonQueryAsync();
    }
}
