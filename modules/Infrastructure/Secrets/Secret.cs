namespace PenguinMails.Infrastructure.Secrets;

internal sealed class Secret
{
    public required string Path { get; init; }

    /// <summary>Null for the platform's own.</summary>
    public Guid? TenantId { get; init; }
    public required byte[] Ciphertext { get; set; }
    public int Version { get; private set; } = 1;

    public void Replace(byte[] ciphertext)
    {
        Ciphertext = ciphertext;
        Version++;
    }
}
