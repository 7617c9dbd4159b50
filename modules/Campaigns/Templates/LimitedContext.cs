using System.Text;
using Fluid;
using Fluid.Ast;
using Fluid.Ast.BinaryExpressions;
using Fluid.Values;

namespace PenguinMails.Campaigns.Templates;

/// <summary>A template that passed its check could not be filled with these values: it asked for too much.</summary>
internal sealed class TemplateFaultException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>No values would help: the template itself is not what may be sent.</summary>
    public bool IsOfTemplate { get; init; }
}

/// <summary>One rendering and what it may still do. Counted rather than timed: a busy host must not refuse what an idle one sends.</summary>
internal sealed class LimitedContext(TemplateOptions options) : TemplateContext(options)
{
    private const long MostWork = 20_000_000;

    // What is done with a value may take its length times another's.
    private const int LongestValue = 64 * 1024;

    private long _work;

    /// <summary>Counts characters that were read or made.</summary>
    /// <exception cref="TemplateFaultException">It was too much.</exception>
    public void Count(long characters)
    {
        if ((_work += characters) > MostWork)
        {
            throw new TemplateFaultException("The template does more work than a message may take.");
        }
    }

    /// <summary>Counts a value that a filter reads or makes; one that is too long is too much.</summary>
    public void CountValue(int length) => Count(length > LongestValue ? MostWork + 1 : length);
}

/// <summary>Looks for a text in another, and counts it.</summary>
internal sealed class CountedContains(Expression left, Expression right) : BinaryExpression(left, right)
{
    public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
    {
        var (text, part) = (await Left.EvaluateAsync(context), await Right.EvaluateAsync(context));
        ((LimitedContext)context).Count((long)LiquidFilters.LengthOf(text) * LiquidFilters.LengthOf(part));
        return await new ContainsBinaryExpression(new LiteralExpression(text), new LiteralExpression(part)).EvaluateAsync(context);
    }
}

/// <summary>A text that does not grow above a size.</summary>
internal sealed class LimitedWriter(LimitedContext context) : StringWriter
{
    /// <summary>In characters.</summary>
    public const int MostLength = 1024 * 1024;

    public override void Write(char value)
    {
        Grow(1);
        base.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Grow(count);
        base.Write(buffer, index, count);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Grow(buffer.Length);
        base.Write(buffer);
    }

    public override void Write(string? value)
    {
        Grow(value?.Length ?? 0);
        base.Write(value);
    }

    public override void Write(StringBuilder? value)
    {
        Grow(value?.Length ?? 0);
        base.Write(value);
    }

    private void Grow(int characters)
    {
        if (GetStringBuilder().Length + characters > MostLength)
        {
            throw new TemplateFaultException($"The message is longer than {MostLength} characters.");
        }

        context.Count(characters);
    }
}
