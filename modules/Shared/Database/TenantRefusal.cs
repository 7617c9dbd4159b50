using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>PostgreSQL's refusals to touch what is another tenant's.</summary>
public static class TenantRefusal
{
    // What PostgreSQL calls the functions that refuse, whatever its language: the codes alone say less.
    private const string PolicyCheck = "ExecWithCheckOptions";
    private const string ForeignKeyCheck = "ri_ReportViolation";

    /// <summary>The refusal that an exception comes from; null where it comes from something else.</summary>
    public static PostgresException? Of(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is PostgresException postgres && (IsOfPolicy(postgres) || IsOfTenantKey(postgres)))
            {
                return postgres;
            }
        }

        return null;
    }

    /// <summary>Whether row-level security refused a row that is not the tenant's.</summary>
    public static bool IsOfPolicy(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.InsufficientPrivilege, Routine: PolicyCheck };

    // Keys between tenants' rows are named by PostgreSQL, <table>_tenant_id_<column>_fkey; the key to the tenant itself is not one.
    private static bool IsOfTenantKey(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.ForeignKeyViolation, Routine: ForeignKeyCheck, ConstraintName: { } key }
        && key.Contains("_tenant_id_", StringComparison.Ordinal) && !key.EndsWith("_tenant_id_fkey", StringComparison.Ordinal);
}
