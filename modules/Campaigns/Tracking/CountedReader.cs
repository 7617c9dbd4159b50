namespace PenguinMails.Campaigns.Tracking;

/// <summary>Hands a text out letter by letter, so that it is known how far whoever reads it has come.</summary>
internal sealed class CountedReader(string text) : TextReader
{
    public int Position { get; private set; }

    public override int Peek() => Position < text.Length ? text[Position] : -1;

    public override int Read() => Position < text.Length ? text[Position++] : -1;

    public override int Read(char[] buffer, int index, int count)
    {
        if (count == 0 || Position == text.Length)
        {
            return 0;
        }

        buffer[index] = text[Position++];
        return 1;
    }
}
