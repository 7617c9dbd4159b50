using System.Text;
using PartKind = PenguinMails.Campaigns.Templates.Spintax.PartKind;
using Part = PenguinMails.Campaigns.Templates.Spintax.Part;

namespace PenguinMails.Campaigns.Templates;

/// <summary>Reads alternatives out of a text, without recursion.</summary>
internal sealed class SpintaxReader(string text, int deepest)
{
    // A brace that is open yet: the alternatives so far, of which the last is being read. The bottom one is the text itself.
    private sealed class Open
    {
        public List<List<Part>> Options { get; } = [[]];
    }

    private readonly Stack<Open> _open = new([new Open()]);
    private readonly StringBuilder _text = new();
    private int _refusedAt = -1;

    public List<Part> Parts => _open.Peek().Options[0];

    /// <returns>Where a group is nested too deep; -1 when all was read.</returns>
    public int Read()
    {
        foreach (var token in LiquidScanner.Scan(text))
        {
            if (token.Kind != LiquidKind.Text)
            {
                Add(new Part(PartKind.Liquid, text[token.Start..token.End]));
                continue;
            }

            for (var at = token.Start; at < token.End; at++)
            {
                at += Read(at, token.End) ? 1 : 0;
            }
        }

        while (_open.Count > 1)
        {
            Unwind(_open.Pop(), "");
        }

        Flush();
        return _refusedAt;
    }

    // Whether two characters were read.
    private bool Read(int at, int end)
    {
        switch (text[at])
        {
            case '\\' when at + 1 < end && text[at + 1] == '{':
                Add(new Part(PartKind.Brace, "{"));
                return true;
            case '\\' when at + 1 < end && text[at + 1] is '|' or '}':
                _text.Append(text[at + 1]);
                return true;
            case '{' when _open.Count > deepest:
                _refusedAt = _refusedAt < 0 ? at : _refusedAt;
                return false;
            case '{':
                Flush();
                _open.Push(new Open());
                return false;
            case '|' when _open.Count > 1:
                Flush();
                _open.Peek().Options.Add([]);
                return false;
            case '}' when _open.Count > 1:
                Close();
                return false;
            default:
                _text.Append(text[at]);
                return false;
        }
    }

    private void Close()
    {
        Flush();
        var group = _open.Pop();
        if (group.Options.Count == 1)
        {
            Unwind(group, "}");
        }
        else
        {
            Add(new Part(PartKind.Group, "", group.Options));
        }
    }

    // It was only text: its braces and bars are part of what is around it.
    private void Unwind(Open brace, string closing)
    {
        Flush(brace);
        var around = _open.Peek().Options[^1];
        around.Add(new Part(PartKind.Text, "{"));
        for (var option = 0; option < brace.Options.Count; option++)
        {
            around.AddRange(option == 0 ? [] : [new Part(PartKind.Text, "|")]);
            around.AddRange(brace.Options[option]);
        }

        around.Add(new Part(PartKind.Text, closing));
    }

    private void Add(Part part)
    {
        Flush();
        _open.Peek().Options[^1].Add(part);
    }

    private void Flush() => Flush(_open.Peek());

    private void Flush(Open into)
    {
        if (_text.Length > 0)
        {
            into.Options[^1].Add(new Part(PartKind.Text, _text.ToString()));
            _text.Clear();
        }
    }
}
