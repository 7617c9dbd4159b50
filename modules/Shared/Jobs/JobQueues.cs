namespace PenguinMails.Shared.Jobs;

/// <summary>Hangfire's queues, by purpose: what waits in one does not keep the others waiting longer than a worker takes.</summary>
public static class JobQueues
{
    /// <summary>What has no queue of its own.</summary>
    public const string Default = "default";

    /// <summary>The platform's mail to people, who wait for it. It has workers of its own.</summary>
    public const string Mail = "mail";

    /// <summary>The events' chain and what is found in them.</summary>
    public const string Security = "security";

    /// <summary>Domains, pools, addresses and servers.</summary>
    public const string Infrastructure = "infrastructure";

    /// <summary>What may wait: retention, purges and partitions.</summary>
    public const string Maintenance = "maintenance";
}
