using System.Text;
using Fluid;

namespace PenguinMails.Campaigns.Templates;

/// <summary>A template that passed its check could not be filled with these values: it asked for too much.</summary>
internal sealed class TemplateFaultException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>One rendering and what it may still do. Counted rather than timed: a busy host must not refuse what an idle one sends.</summary>
internal sealed class LimitedContext(TemplateOptions options) : TemplateContext(options)
{
    private const long MostWork = 20_000_000;

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
