using System.Security.Cryptography;

namespace PenguinMails.Host.Embedded.Postgres;

internal static class SecretFile
{
    internal static string ReadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            // Written beside and moved, so that a killed host leaves a whole secret or none.
            Write(path + ".new", RandomNumberGenerator.GetHexString(48, lowercase: true));
            File.Move(path + ".new", path, overwrite: true);
        }

        return File.ReadAllText(path).Trim();
    }

    /// <summary>Writes a file that only its owner can read.</summary>
    internal static void Write(string path, string secret)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(secret);
    }
}
