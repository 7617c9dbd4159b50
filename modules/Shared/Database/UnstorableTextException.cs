using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace PenguinMails.Shared.Database;

/// <summary>
/// A text holds U+0000, which PostgreSQL does not store. It is refused before it gets there: where Npgsql (10.0.3) prepares a statement
/// by itself and the server refuses a parameter of that run, the connection's next command fails, which is somebody else's.
/// </summary>
public sealed class UnstorableTextException() : Exception("A text holds U+0000, which cannot be stored.")
{
    internal static void ThrowIfAny(DbParameterCollection parameters)
    {
        foreach (DbParameter parameter in parameters)
        {
            var isUnstorable = parameter.Value switch
            {
                string json when parameter is NpgsqlParameter { NpgsqlDbType: NpgsqlDbType.Jsonb } => json.Contains("\\u0000", StringComparison.Ordinal),
                string text => text.Contains('\0'),
                IEnumerable<string?> texts => texts.Any(text => text?.Contains('\0') == true),
                _ => false,
            };
            if (isUnstorable)
            {
                throw new UnstorableTextException();
            }
        }
    }
}
