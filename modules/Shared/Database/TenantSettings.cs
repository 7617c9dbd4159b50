using Npgsql;
using NpgsqlTypes;

namespace PenguinMails.Shared.Database;

/// <summary>The two settings that the policies read, local to the transaction.</summary>
internal static class TenantSettings
{
    public const string Prefix =
        "SELECT set_config('app.current_tenant_id', @scope_tenant, true), set_config('app.current_user_id', @scope_user, true);\n";

    /// <summary>The same, and tells the commands of SaveChanges from all others.</summary>
    public const string SavePrefix = "/* save */ " + Prefix;

    public static void AddParameters(NpgsqlCommand command, TenantScope scope)
    {
        command.Parameters.Add(new NpgsqlParameter("scope_tenant", NpgsqlDbType.Text) { Value = scope.TenantId?.ToString() ?? "" });
        command.Parameters.Add(new NpgsqlParameter("scope_user", NpgsqlDbType.Text) { Value = scope.UserId?.ToString() ?? "" });
    }
}
