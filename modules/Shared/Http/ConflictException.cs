namespace PenguinMails.Shared.Http;

/// <summary>What was asked for does not go together with how things stand, as some service outside says: 409.</summary>
/// <param name="title">For people.</param>
public sealed class ConflictException(string title, Exception? inner = null) : Exception(title, inner);
