using MimeKit;

namespace PenguinMails.Campaigns.Sending;

/// <summary>A body as it leaves: encoded once, while it is signed, measured, kept and sent.</summary>
internal sealed class EncodedBody : MimeEntity
{
    /// <summary>As SMTP has it, and as DKIM hashes it.</summary>
    public static readonly FormatOptions Wire = MakeWire();

    private readonly byte[] _content;

    /// <param name="body">Is encoded for 7 bits, which no server on its way has to change, and disposed of.</param>
    public EncodedBody(MimeEntity body) : base(body.ContentType)
    {
        using var encoded = body;
        encoded.Prepare(EncodingConstraint.SevenBit);
        using var content = new MemoryStream(4096);
        encoded.WriteTo(Wire, content, contentOnly: true);
        _content = content.ToArray();
    }

    /// <summary>It is as it has to be.</summary>
    public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
    {
    }

    public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
    {
        base.WriteTo(options, stream, contentOnly, cancellationToken);
        stream.Write(_content);
    }

    public override async Task WriteToAsync(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
    {
        await base.WriteToAsync(options, stream, contentOnly, cancellationToken);
        await stream.WriteAsync(_content, cancellationToken);
    }

    private static FormatOptions MakeWire()
    {
        var options = FormatOptions.Default.Clone();
        (options.NewLineFormat, options.EnsureNewLine) = (NewLineFormat.Dos, true);
        return options;
    }
}
