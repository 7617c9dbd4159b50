using Fluid;

namespace PenguinMails.Campaigns.Templates;

/// <summary>A text in the form it is rendered from.</summary>
internal sealed record ParsedTemplate(IFluidTemplate Liquid, Spintax Spintax)
{
    /// <summary>How many alternatives each group has.</summary>
    public IReadOnlyList<int> Groups => Spintax.Groups;

    public IReadOnlyList<string> GroupNames { get; } = [.. Enumerable.Range(0, Spintax.Groups.Count).Select(group => $"{Spintax.Variable}{group}")];
}
