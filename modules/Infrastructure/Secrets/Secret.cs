namespace PenguinMails.Infrastructure.Secrets;

/// <summary>Whose a secret is, and where no Vault is configured its sealed value.</summary>
internal sealed class Secret
{
    public required string Path { get; init; }

    /// <summary>Null for the platform's own.</summary>
    public Guid? TenantId { get; init; }

    /// <summary>Null: the value is in Vault.</summary>
    public byte[]? Ciphertext { get; private set; }
    public int Version { get; private set; }

    /// <summary>Which of the versions in Vault holds; null: the newest.</summary>
    public int? VaultVersion { get; private set; }

    /// <summary>A value that goes to Vault when the row is saved; null where there is nothing to do.</summary>
    public string? ForVault { get; private set; }

    public void Replace(byte[] ciphertext)
    {
        (Ciphertext, VaultVersion) = (ciphertext, null);
        Version++;
    }

    public void Replace(string valueForVault)
    {
        MoveToVault(valueForVault);
        Version++;
    }

    /// <summary>The same value, under another key.</summary>
    public void Reseal(byte[] ciphertext) => Ciphertext = ciphertext;

    /// <summary>The same value, in another place.</summary>
    public void MoveToVault(string value) => (Ciphertext, ForVault) = (null, value);

    /// <summary>It is there, as this version.</summary>
    public void InVault(int version) => (ForVault, VaultVersion) = (null, version);
}
