namespace PenguinMails.Campaigns;

/// <summary>A message with variables: Liquid and spintax in the subject, the HTML body and, where there is one, the text body.</summary>
internal sealed class Template
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required string Name { get; set; }
    public required string Subject { get; set; }
    public required string Content { get; set; }

    /// <summary>The text part; made from the HTML where null.</summary>
    public string? TextContent { get; set; }
    public bool IsStarred { get; private set; }

    /// <summary>1 for a new one; each change of what is sent counts it up.</summary>
    public int Version { get; private set; } = 1;
    public DateTimeOffset? Created { get; private set; }
    public DateTimeOffset? Updated { get; private set; }

    /// <summary>Changes what is sent.</summary>
    /// <returns>What it was before, to be kept; null where nothing changes.</returns>
    public TemplateVersion? Rewrite(string subject, string content, string? textContent, Guid? by)
    {
        if ((subject, content, textContent) == (Subject, Content, TextContent))
        {
            return null;
        }

        var former = TemplateVersion.Of(this, by);
        (Subject, Content, TextContent) = (subject, content, textContent);
        Version++;
        return former;
    }
}

/// <summary>What a template was before a change (table <c>template_versions</c>).</summary>
internal sealed class TemplateVersion
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid TemplateId { get; init; }
    public required int Version { get; init; }
    public required string Subject { get; init; }
    public required string Content { get; init; }
    public string? TextContent { get; init; }

    /// <summary>When another version took its place.</summary>
    public DateTimeOffset Created { get; private set; }

    /// <summary>Who put another in its place; null for a program or one who is gone.</summary>
    public Guid? CreatedBy { get; init; }

    public static TemplateVersion Of(Template template, Guid? by) => new()
    {
        Id = Guid.CreateVersion7(),
        TenantId = template.TenantId,
        TemplateId = template.Id,
        Version = template.Version,
        Subject = template.Subject,
        Content = template.Content,
        TextContent = template.TextContent,
        CreatedBy = by,
    };
}
