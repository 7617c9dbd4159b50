using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>Saves that may meet a row that is there already.</summary>
public static class UniqueSave
{
    /// <summary>Saves; where a unique value is taken, nothing is.</summary>
    /// <returns>Null when saved, else the name of the constraint or index that says what is taken.</returns>
    public static async Task<string?> SaveUniqueAsync(this ModuleDb db, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
            return null;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } taken)
        {
            return taken.ConstraintName ?? "";
        }
    }
}
