using System.Numerics;
using System.Text;

namespace PenguinMails.Campaigns.Templates;

/// <summary>
/// Alternatives in a text, <c>{a|b|c}</c>: nested, <c>\|</c> <c>\{</c> <c>\}</c> escape, braces without a bar stay, Liquid is left
/// alone. They become Liquid cases, so that a text is parsed once whatever is chosen, and no value is ever read for alternatives.
/// </summary>
internal sealed class Spintax
{
    /// <summary>The Liquid variable of a group is this and the group's number.</summary>
    public const string Variable = "_spin_";

    private const int Deepest = 20;

    private readonly List<Part> _parts;

    private Spintax(List<Part> parts)
    {
        _parts = parts;
        Number(parts);
    }

    /// <summary>How many alternatives each group has, in the order of their opening braces.</summary>
    public List<int> Groups { get; } = [];

    /// <summary>How many different texts there are.</summary>
    public BigInteger Count => CountOf(_parts);

    /// <returns>Null where alternatives are nested too deep; <paramref name="refusedAt"/> says where.</returns>
    public static Spintax? Parse(string text, out int refusedAt)
    {
        var reader = new SpintaxReader(text, Deepest);
        return (refusedAt = reader.Read()) >= 0 ? null : new Spintax(reader.Parts);
    }

    /// <param name="everything">All alternatives one after the other, for a check of each.</param>
    public string ToLiquid(bool everything = false)
    {
        var liquid = new StringBuilder();
        Write(_parts, liquid, everything);
        return liquid.ToString();
    }

    /// <summary>Whether each block of Liquid that begins in an alternative ends in it, and none of it belongs to a block outside.</summary>
    public bool IsWhole => _parts.All(part => part.Options is null || part.Options.All(IsWholeOption));

    private void Number(List<Part> parts)
    {
        foreach (var part in parts.Where(part => part.Options is not null))
        {
            part.Group = Groups.Count;
            Groups.Add(part.Options!.Count);
            part.Options.ForEach(Number);
        }
    }

    private static bool IsWholeOption(List<Part> option)
    {
        var depth = 0;
        foreach (var part in option)
        {
            depth += part.Kind == PartKind.Liquid ? LiquidTags.StepOf(part.Text) : 0;
            // An else without its if would be taken for one of the alternatives' own.
            if (depth < 0 || (depth == 0 && part.Kind == PartKind.Liquid && LiquidTags.IsBranch(part.Text)) || part.Options?.All(IsWholeOption) == false)
            {
                return false;
            }
        }

        return depth == 0;
    }

    private static BigInteger CountOf(List<Part> parts) => parts.Where(part => part.Options is not null).Aggregate(
        BigInteger.One, (product, part) => product * part.Options!.Aggregate(BigInteger.Zero, (sum, option) => sum + CountOf(option)));

    private static void Write(List<Part> parts, StringBuilder liquid, bool everything)
    {
        foreach (var part in parts)
        {
            // A brace that is only text must not make Liquid of what follows it.
            if (part.Kind != PartKind.Text && liquid.Length > 0 && liquid[^1] == '{')
            {
                liquid.Length--;
                liquid.Append("{{ '{' }}");
            }

            switch (part.Kind)
            {
                case PartKind.Brace:
                    liquid.Append("{{ '{' }}");
                    break;
                case PartKind.Group when everything:
                    part.Options!.ForEach(option => Write(option, liquid, everything));
                    break;
                case PartKind.Group:
                    WriteGroup(part, liquid);
                    break;
                default:
                    liquid.Append(part.Text);
                    break;
            }
        }
    }

    private static void WriteGroup(Part group, StringBuilder liquid)
    {
        liquid.Append($"{{% case {Variable}{group.Group} %}}");
        for (var option = 0; option < group.Options!.Count; option++)
        {
            liquid.Append($"{{% when {option} %}}");
            Write(group.Options[option], liquid, everything: false);
        }

        liquid.Append("{% endcase %}");
    }

    internal enum PartKind
    {
        Text,
        Liquid,
        Group,

        /// <summary>An escaped opening brace.</summary>
        Brace,
    }

    internal sealed record Part(PartKind Kind, string Text, List<List<Part>>? Options = null)
    {
        /// <summary>A group's number.</summary>
        public int Group { get; set; }
    }
}
