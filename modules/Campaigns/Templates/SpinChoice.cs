using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PenguinMails.Campaigns.Templates;

/// <summary>The texts of a message; each chooses for itself.</summary>
internal enum MessagePart
{
    Subject,
    Html,
    Text,
}

/// <summary>
/// Which alternatives a lead gets in a step: the same each time, on every host and version. SHA-256 over the lead's id, the step's
/// (16 bytes each, big endian), the part and the group's number (4 bytes each); its first 8 bytes, modulo the alternatives.
/// </summary>
internal readonly record struct SpinChoice(Guid LeadId, Guid StepId, MessagePart Part)
{
    public int Of(int group, int alternatives)
    {
        Span<byte> bytes = stackalloc byte[40];
        LeadId.TryWriteBytes(bytes, bigEndian: true, out _);
        StepId.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes[32..], (int)Part);
        BinaryPrimitives.WriteInt32BigEndian(bytes[36..], group);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return (int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)alternatives);
    }
}
