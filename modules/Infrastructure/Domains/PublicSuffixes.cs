using System.Collections.Frozen;

namespace PenguinMails.Infrastructure.Domains;

/// <summary>Names below which anybody registers (<c>com</c>, <c>co.uk</c>, <c>github.io</c>): nobody sends from one of them.</summary>
internal static class PublicSuffixes
{
    private static readonly FrozenSet<string> Rules = Load();

    /// <summary>By the algorithm of publicsuffix.org/list: a top-level name without a rule is a suffix.</summary>
    /// <param name="name">As <see cref="DomainName.Normalise"/> leaves it.</param>
    public static bool Contain(string name)
    {
        var parent = name.IndexOf('.') is var dot and >= 0 ? name[(dot + 1)..] : null;
        return parent is null || (!Rules.Contains($"!{name}") && (Rules.Contains(name) || Rules.Contains($"*.{parent}")));
    }

    /// <summary>The name that was registered, one label below a public suffix: <c>example.co.uk</c> of <c>mail.example.co.uk</c>.</summary>
    /// <param name="name">As <see cref="DomainName.Normalise"/> leaves it.</param>
    public static string Registrable(string name)
    {
        var parent = name[(name.IndexOf('.') + 1)..];
        return Contain(parent) ? name : Registrable(parent);
    }

    private static FrozenSet<string> Load()
    {
        using var list = new StreamReader(typeof(PublicSuffixes).Assembly.GetManifestResourceStream("public_suffix_list.dat")!);
        return list.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith("//", StringComparison.Ordinal)).ToFrozenSet();
    }
}
