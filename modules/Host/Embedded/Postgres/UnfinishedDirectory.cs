namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>
/// Where something is put together before it is moved to its name, so that a directory by that name is always whole. Each
/// has a name of its own: what a killed host had started may still be at work in the last one.
/// </summary>
internal static class UnfinishedDirectory
{
    // A prefix, because the pattern "name.*" would match "name" itself too.
    private const string Prefix = "unfinished-";

    internal static DirectoryInfo Create(string parent) =>
        Directory.CreateDirectory(Path.Combine(parent, $"{Prefix}{Guid.CreateVersion7():N}"));

    /// <summary>Removes what killed hosts left. For the holder of the lock on the parent only.</summary>
    internal static void Sweep(string parent)
    {
        foreach (var abandoned in Directory.GetDirectories(parent, Prefix + "*"))
        {
            try
            {
                Directory.Delete(abandoned, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Still being written to: next time.
            }
        }
    }
}
