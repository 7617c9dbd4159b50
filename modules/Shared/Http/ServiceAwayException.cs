namespace PenguinMails.Shared.Http;

/// <summary>Something that the platform needs does not answer, or not as it should: 503, and worth another try.</summary>
/// <param name="title">For the caller; names nothing of the platform's inside.</param>
/// <param name="message">For the log.</param>
public class ServiceAwayException(string title, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the caller reads.</summary>
    public string Title => title;

    /// <summary>When to try again; in the header Retry-After.</summary>
    public TimeSpan RetryAfter => TimeSpan.FromSeconds(30);
}
