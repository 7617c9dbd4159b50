namespace PenguinMails.Infrastructure.Domains;

/// <summary>Tags of a DKIM or DMARC record, <c>v=DKIM1; p=...</c> (RFC 6376, 3.2), whose values may be folded.</summary>
internal sealed class TagList
{
    private readonly List<(string Name, string Value)> _tags;

    private TagList(List<(string Name, string Value)> tags) => _tags = tags;

    /// <summary>The value of a tag without white space; null where there is none.</summary>
    public string? this[string name] => _tags.Where(tag => tag.Name == name).Select(tag => tag.Value).FirstOrDefault();

    /// <summary>The parts of a value that is a list, which colons separate; null where there is no such tag.</summary>
    public string[]? List(string name) => this[name]?.Split(':');

    /// <summary>Whether the version comes first, and is this one.</summary>
    public bool Begins(string version) => _tags is [("v", var value), ..] && value == version;

    /// <summary>Parts that are no tag are left out.</summary>
    /// <param name="anyCase">Whether names may be in capitals, as DMARC's may and DKIM's may not.</param>
    public static TagList Parse(string text, bool anyCase = false) => new([.. text.Split(';')
        .Select(part => part.Split('=', 2))
        .Where(pair => pair.Length == 2)
        .Select(pair => (anyCase ? pair[0].Trim().ToLowerInvariant() : pair[0].Trim(), string.Concat(pair[1].Where(letter => !char.IsWhiteSpace(letter)))))]);
}
