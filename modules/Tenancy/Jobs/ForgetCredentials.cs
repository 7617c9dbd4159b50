using Npgsql;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Tenancy.Jobs;

/// <summary>Deletes the sessions and mailed tokens that ended a month ago.</summary>
internal sealed class ForgetCredentials(PlatformDatabase platform, TimeProvider clock) : IRecurringJob
{
    public const string Id = "tenancy.forget-credentials";

    public Task RunAsync(CancellationToken ct) => platform.ColumnAsync<int>(
        Id, "SELECT 1 FROM forget_expired_credentials($1)", ct, new NpgsqlParameter { Value = clock.GetUtcNow() });
}
