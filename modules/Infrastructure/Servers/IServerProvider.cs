namespace PenguinMails.Infrastructure.Servers;

internal enum ServerProviderKind
{
    Hostwinds,
    Simulated,
}

/// <summary>A server as its provider shows it.</summary>
/// <param name="Id">The provider's own.</param>
/// <param name="Name">As it was ordered: <see cref="VpsInstance.Name"/> where it is one of ours.</param>
/// <param name="Addresses">Public ones, the main one first; none before it is built.</param>
/// <param name="IsReady">Built and running.</param>
/// <param name="Created">The first day that is paid for; null where the provider does not say.</param>
/// <param name="Problem">For people: what is wrong with it; null where nothing is.</param>
internal sealed record ProviderServer(
    string Id, string Name, IReadOnlyList<string> Addresses, bool IsReady, DateTimeOffset? Created, string? Problem);

/// <summary>Who rents servers out.</summary>
internal interface IServerProvider
{
    ServerProviderKind Kind { get; }

    /// <summary>Whether servers of this region can be ordered.</summary>
    bool HasRegion(string region);

    /// <summary>All servers of the account, ours or not.</summary>
    /// <exception cref="ServerProviderException">Nothing is known.</exception>
    Task<IReadOnlyList<ProviderServer>> ListAsync(CancellationToken ct);

    /// <summary>Orders one. It is never asked twice by itself: an answer that was lost must not make two servers.</summary>
    /// <returns>Its id, where the provider tells it already.</returns>
    /// <exception cref="ServerProviderException">It is refused, or whether it was done is not known.</exception>
    Task<string?> CreateAsync(VpsInstance server, CancellationToken ct);

    /// <summary>Gives a server back, for good.</summary>
    /// <exception cref="ServerProviderException">It is refused, or whether it was done is not known.</exception>
    Task DeleteAsync(string instanceId, CancellationToken ct);
}

/// <summary>A provider did not do what it was asked for.</summary>
/// <param name="message">A sentence for staff, without credentials.</param>
internal sealed class ServerProviderException(string message, bool isUndone, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>It is certain that nothing was done; else it may have been.</summary>
    public bool IsUndone => isUndone;
}
