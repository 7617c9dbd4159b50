using System.Buffers.Text;
using System.Linq.Expressions;
using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace PenguinMails.Shared.Http;

/// <summary>One page of a collection, newest first.</summary>
/// <param name="Items">At most the asked number.</param>
/// <param name="NextCursor">Opaque; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>What a collection is asked for with.</summary>
public interface IPageRequest
{
    /// <summary>Rows a page, 1 to 200; 50 where absent.</summary>
    int? Limit { get; }

    /// <summary>A page's <c>nextCursor</c>.</summary>
    string? Cursor { get; }
}

/// <summary>A collection without filters.</summary>
public sealed record PageRequest : IPageRequest
{
    [QueryParam]
    public int? Limit { get; init; }

    [QueryParam]
    public string? Cursor { get; init; }
}

/// <summary>The bounds of a page.</summary>
public abstract class PageValidator<T> : Validator<T> where T : IPageRequest
{
    protected PageValidator()
    {
        RuleFor(page => page.Limit).InclusiveBetween(1, 200);
        RuleFor(page => page.Cursor).Must(cursor => cursor is null || Paging.TryDecode(cursor, out _))
            .WithMessage("'cursor' must be the nextCursor of a page.");
    }
}

/// <summary>Validates <see cref="PageRequest"/>.</summary>
public sealed class PageRequestValidator : PageValidator<PageRequest>;

/// <summary>Keyset paging over version 7 ids, which sort by time: a page costs the same wherever it lies.</summary>
public static class Paging
{
    /// <summary>Runs the query for one page, newest first.</summary>
    /// <param name="source">Unordered rows of entities.</param>
    /// <param name="request">A validated request.</param>
    /// <param name="key">The row's version 7 id.</param>
    /// <param name="project">What a row becomes.</param>
    public static async Task<Page<TItem>> ToPageAsync<TRow, TItem>(
        this IQueryable<TRow> source, IPageRequest request, Expression<Func<TRow, Guid>> key,
        Expression<Func<TRow, TItem>> project, Func<TItem, Guid> itemKey, CancellationToken ct)
    {
        if (request.Cursor is { } cursor && TryDecode(cursor, out var last))
        {
            var before = Expression.LessThan(key.Body, Expression.Constant(last));
            source = source.Where(Expression.Lambda<Func<TRow, bool>>(before, key.Parameters));
        }

        return await source.OrderByDescending(key).Select(project).CutPageAsync(request, itemKey, ct);
    }

    /// <summary>Runs a query that is ordered, and already begins after the cursor, for one page.</summary>
    /// <param name="rows">Not limited yet: one row more than the page tells whether there is another.</param>
    /// <param name="request">A validated request.</param>
    /// <param name="itemKey">The row's id, which becomes the cursor.</param>
    public static async Task<Page<TItem>> CutPageAsync<TItem>(
        this IQueryable<TItem> rows, IPageRequest request, Func<TItem, Guid> itemKey, CancellationToken ct)
    {
        var limit = request.Limit ?? 50;
        var items = await rows.Take(limit + 1).ToListAsync(ct);
        if (items.Count <= limit)
        {
            return new Page<TItem>(items, null);
        }

        items.RemoveAt(limit);
        return new Page<TItem>(items, Base64Url.EncodeToString(itemKey(items[^1]).ToByteArray(bigEndian: true)));
    }

    /// <summary>The id in a cursor; false for what is not one.</summary>
    public static bool TryDecode(string cursor, out Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        var decoded = Base64Url.IsValid(cursor, out var length) && length == 16 && Base64Url.TryDecodeFromChars(cursor, bytes, out _);
        id = decoded ? new Guid(bytes, bigEndian: true) : default;
        return decoded;
    }
}
