using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Ast;

namespace PenguinMails.Campaigns.Templates;

/// <summary>Liquid as PenguinMails allows it: a known set of variables, a missing value is empty.</summary>
internal static class LiquidTemplates
{
    /// <summary>What a template may name, beside <c>custom.*</c>. Each also has a camelCase alias.</summary>
    public static readonly IReadOnlyList<string> Variables =
        ["first_name", "last_name", "name", "email", "company", "sender_name", "sender_email", "unsubscribe_url"];

    private const int MostParsed = 2000;

    private static readonly FluidParser Parser = new();
    private static readonly TemplateOptions Options = new() { MaxSteps = 10_000, MaxRecursion = 20 };
    private static readonly HashSet<string> Known = [.. Variables, .. Variables.Select(Camel), "custom"];
    private static readonly ConcurrentDictionary<string, IFluidTemplate> Parsed = new();

    /// <summary>What is wrong with the text; null when it can be sent.</summary>
    public static string? Check(string text)
    {
        if (!Parser.TryParse(text, out var template, out var error))
        {
            return $"Not valid Liquid: {error}";
        }

        var names = new VariableNames();
        names.VisitTemplate(template);
        var unknown = names.Found.Except(Known).ToList();
        return unknown.Count == 0
            ? null
            : $"Unknown variable {string.Join(", ", unknown.Select(name => $"'{name}' in line {LineOf(text, name)}"))}: "
                + $"known are {string.Join(", ", Variables)} and custom.something.";
    }

    /// <summary>Renders HTML: the values are escaped.</summary>
    public static ValueTask<string> RenderHtmlAsync(string text, MergeFields fields) => RenderAsync(text, fields, HtmlEncoder.Default);

    /// <summary>Renders plain text, a subject for example.</summary>
    public static ValueTask<string> RenderTextAsync(string text, MergeFields fields) => RenderAsync(text, fields, NullEncoder.Default);

    private static ValueTask<string> RenderAsync(string text, MergeFields fields, TextEncoder encoder)
    {
        // Templates are few and sent many times; the bound only keeps a long life from adding them all up.
        if (Parsed.Count > MostParsed)
        {
            Parsed.Clear();
        }

        var template = Parsed.GetOrAdd(text, static source => Parser.Parse(source));
        var context = new TemplateContext(Options);
        foreach (var (name, value) in fields.Values)
        {
            context.SetValue(name, value);
            context.SetValue(Camel(name), value);
        }

        context.SetValue("custom", fields.Custom);
        return template.RenderAsync(context, encoder);
    }

    private static string Camel(string name) => string.Concat(name.Split('_').Select((part, index) =>
        index == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));

    private static int LineOf(string text, string name) =>
        text[..Regex.Match(text, $@"(?<![\w.]){Regex.Escape(name)}(?!\w)").Index].Count(letter => letter == '\n') + 1;

    private sealed class VariableNames : AstVisitor
    {
        private readonly HashSet<string> _own = [];

        public HashSet<string> Found { get; } = [];

        protected override Expression VisitMemberExpression(MemberExpression expression)
        {
            if (expression.Segments is [IdentifierSegment { Identifier: var name }, ..] && !_own.Contains(name))
            {
                Found.Add(name);
            }

            return base.VisitMemberExpression(expression);
        }

        protected override Statement VisitAssignStatement(AssignStatement statement)
        {
            _own.Add(statement.Identifier);
            return base.VisitAssignStatement(statement);
        }

        protected override Statement VisitCaptureStatement(CaptureStatement statement)
        {
            _own.Add(statement.Identifier);
            return base.VisitCaptureStatement(statement);
        }

        protected override Statement VisitForStatement(ForStatement statement)
        {
            _own.UnionWith([statement.Identifier, "forloop"]);
            return base.VisitForStatement(statement);
        }
    }
}
