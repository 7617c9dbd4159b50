using System.Linq.Expressions;

namespace PenguinMails.Campaigns.Features.Tags;

/// <param name="Value">What it is known by.</param>
/// <param name="Name">How it is shown; null: as its value.</param>
/// <param name="IsDefault">The platform's: for use, not to be changed.</param>
internal sealed record TagResponse(long Id, string Value, string? Name, string? Description, bool IsDefault, DateTimeOffset? Created)
{
    public static readonly Expression<Func<Tag, TagResponse>> Of =
        tag => new TagResponse(tag.Id, tag.Value, tag.Name, tag.Description, tag.IsDefault, tag.Created);

    public static readonly Func<Tag, TagResponse> From = Of.Compile();
}
