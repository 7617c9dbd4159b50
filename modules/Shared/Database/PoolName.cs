namespace PenguinMails.Shared.Database;

/// <summary>Names a pool as table <c>connection_pool_config</c> does.</summary>
/// <param name="Tier">oltp, content, queue or olap.</param>
/// <param name="Name">Such as <c>primary_pool</c>.</param>
public sealed record PoolName(string Tier, string Name)
{
    /// <summary>What requests work with, and whoever asks for a pool that is not active.</summary>
    public static readonly PoolName Primary = new("oltp", "primary_pool");

    /// <summary>Hangfire's own: it asks much and shortly.</summary>
    public static readonly PoolName Queue = new("queue", "queue_pool");

    /// <summary>What no request started: sending, and jobs over tenants.</summary>
    public static readonly PoolName Worker = new("queue", "worker_pool");

    /// <summary>Such as <c>oltp/primary_pool</c>: what the server and the meters know the pool by.</summary>
    public override string ToString() => $"{Tier}/{Name}";
}
