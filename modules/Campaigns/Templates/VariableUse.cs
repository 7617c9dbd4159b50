using System.Globalization;
using Fluid.Ast;

namespace PenguinMails.Campaigns.Templates;

/// <summary>What a parsed text names and how much it does at most.</summary>
internal sealed class VariableUse : AstVisitor
{
    private const int LongestLoop = 100;

    private readonly HashSet<string> _own;
    private readonly HashSet<Expression> _withDefault = [];
    private long _times = 1;

    private VariableUse(IEnumerable<string> own) => _own = [.. own];

    /// <summary>Names that the text itself does not make.</summary>
    public HashSet<string> Names { get; } = [];

    /// <summary>Values that are written: a variable, or <c>custom.something</c>; with true where none of them has a default.</summary>
    public Dictionary<string, bool> Values { get; } = [];

    public long Steps { get; private set; }

    public string? Refusal { get; private set; }

    public static VariableUse Of(ParsedTemplate parsed)
    {
        var use = new VariableUse(parsed.GroupNames);
        use.VisitTemplate(parsed.Liquid);
        return use;
    }

    public override Statement Visit(Statement statement)
    {
        Steps += statement is null ? 0 : _times;
        return base.Visit(statement);
    }

    // A visitor passes by what is within expressions that are not Fluid's own.
    public override Expression Visit(Expression expression)
    {
        if (expression is not CountedContains contains)
        {
            return base.Visit(expression);
        }

        Visit(contains.Left);
        Visit(contains.Right);
        return expression;
    }

    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        if (filterExpression.Name == "default" || _withDefault.Contains(filterExpression))
        {
            _withDefault.Add(filterExpression.Input);
        }

        return base.VisitFilterExpression(filterExpression);
    }

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        if (memberExpression.Segments is [IdentifierSegment { Identifier: { } name }, ..] && !_own.Contains(name))
        {
            Names.Add(name);
            var value = name == "custom" && memberExpression.Segments is [_, IdentifierSegment field, ..]
                ? $"custom.{field.Identifier}"
                : LiquidTemplates.Known(name) ?? name;
            Values[value] = Values.GetValueOrDefault(value) || !_withDefault.Contains(memberExpression);
        }

        foreach (var indexer in memberExpression.Segments.OfType<IndexerSegment>())
        {
            Visit(indexer.Expression);
        }

        return base.VisitMemberExpression(memberExpression);
    }

    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        Visit(assignStatement.Value);
        _own.Add(assignStatement.Identifier);
        return assignStatement;
    }

    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        _own.UnionWith([forStatement.Identifier, "forloop"]);
        if (LengthOf(forStatement.Source as RangeExpression) is not { } length)
        {
            Refusal ??= $"A loop runs over a range of at most {LongestLoop} whole numbers, (1..3) for example.";
            return forStatement;
        }

        var times = _times;
        _times *= Math.Max(length, 1);
        Steps += _times;
        base.VisitForStatement(forStatement);
        _times = times;
        return forStatement;
    }

    protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
    {
        Refusal ??= LengthOf(rangeExpression) is null ? $"A range has at most {LongestLoop} whole numbers, (1..3) for example." : null;
        return base.VisitRangeExpression(rangeExpression);
    }

    private static int? LengthOf(RangeExpression? range) =>
        range is { From: LiteralExpression from, To: LiteralExpression to }
        && int.TryParse(from.Value.ToStringValue(), CultureInfo.InvariantCulture, out var first)
        && int.TryParse(to.Value.ToStringValue(), CultureInfo.InvariantCulture, out var last)
        && (long)last - first < LongestLoop
            ? (int)Math.Max(0, (long)last - first + 1)
            : null;
}
