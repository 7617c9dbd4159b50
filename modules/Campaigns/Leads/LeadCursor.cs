using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Campaigns.Leads;

/// <summary>What leads are ordered by; each order has an index that begins with the tenant.</summary>
internal enum LeadSort
{
    /// <summary>By their version 7 ids, which sort by time.</summary>
    Created,
    Email,
    Name,
    Company,
    Score,
}

/// <summary>An order and its direction, as <c>sort</c> spells it: <c>-created</c>.</summary>
internal sealed record LeadOrder(LeadSort Sort, bool IsDescending)
{
    public override string ToString() => (IsDescending ? "-" : "") + Sort.ToString().ToLowerInvariant();

    public static LeadOrder? Parse(string text) =>
        Enum.GetValues<LeadSort>().SelectMany(sort => new[] { new LeadOrder(sort, false), new LeadOrder(sort, true) })
            .FirstOrDefault(order => order.ToString() == text);
}

/// <summary>Where a page ended: the last lead's id and what it was ordered by. It is good for the same order only.</summary>
internal sealed record LeadCursor(LeadOrder Order, Guid Id, string Key)
{
    private const int SumBytes = 6;

    public string Encode()
    {
        byte[] content = Encoding.UTF8.GetBytes($"{Order}\n{Id:N}\n{Key}");
        return Base64Url.EncodeToString([.. Sum(content), .. content]);
    }

    /// <returns>Null for what was never the nextCursor of a page in this order.</returns>
    public static LeadCursor? Decode(string text, LeadOrder order)
    {
        if (!Base64Url.IsValid(text) || Base64Url.DecodeFromChars(text) is not { Length: > SumBytes } bytes
            || !bytes.AsSpan(0, SumBytes).SequenceEqual(Sum(bytes[SumBytes..])))
        {
            return null;
        }

        return Encoding.UTF8.GetString(bytes, SumBytes, bytes.Length - SumBytes).Split('\n', 3) is [var given, var id, var key] && given == order.ToString()
            ? new LeadCursor(order, Guid.Parse(id), key)
            : null;
    }

    private static byte[] Sum(byte[] content) => SHA256.HashData(content)[..SumBytes];
}
