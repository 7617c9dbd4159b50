using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Secrets;

/// <summary>A secret could not be read or kept, for a reason of its store. Neither a value nor a token is in its words.</summary>
internal sealed class SecretStoreException(string message, Exception? inner = null)
    : ServiceAwayException("The secret store does not answer.", message, inner);
