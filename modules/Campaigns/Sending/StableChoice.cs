using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PenguinMails.Campaigns.Sending;

/// <summary>
/// What is chosen for a lead: the same each time, on every host and version, and evenly over many leads. SHA-256 over the ids named
/// (16 bytes each, big endian), of which the first 8 bytes count.
/// </summary>
internal static class StableChoice
{
    /// <summary>The variant of a step that a lead gets, by weight: of lead and step.</summary>
    /// <param name="variants">Of the step, in any order.</param>
    /// <returns>Null: the step's own template, where no variant has a weight.</returns>
    public static StepVariant? VariantOf(Guid leadId, Guid stepId, IEnumerable<StepVariant> variants)
    {
        var ordered = variants.Where(variant => variant.Weight > 0).OrderBy(variant => variant.Id).ToList();
        var place = ordered.Count == 0 ? 0 : (long)(Hash(leadId, stepId) % (ulong)ordered.Sum(variant => variant.Weight));
        foreach (var variant in ordered)
        {
            if (place < variant.Weight)
            {
                return variant;
            }

            place -= variant.Weight;
        }

        return null;
    }

    /// <summary>The mailbox that a lead of a campaign is written to from: of lead and mailbox. When one goes, only its own leads move.</summary>
    /// <param name="pool">In any order.</param>
    /// <returns>Null where there is none.</returns>
    public static Guid? MailboxOf(Guid leadId, IEnumerable<Guid> pool) => pool
        .OrderByDescending(mailbox => Hash(leadId, mailbox)).ThenBy(mailbox => mailbox).Select(mailbox => (Guid?)mailbox).FirstOrDefault();

    private static ulong Hash(Guid first, Guid second)
    {
        Span<byte> bytes = stackalloc byte[32];
        first.TryWriteBytes(bytes, bigEndian: true, out _);
        second.TryWriteBytes(bytes[16..], bigEndian: true, out _);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
