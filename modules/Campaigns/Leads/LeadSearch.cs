using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Leads;

/// <summary>A lead in a collection.</summary>
internal sealed record LeadItem(
    Guid Id, string Email, string? Name, string? FirstName, string? LastName, string? Company, LeadStatus Status, int Score, DateTimeOffset Created);

/// <summary>
/// Finds leads by what an index knows below the policies: the bytes of plain columns, for little else is leakproof. Words within
/// a name are therefore not searched for.
/// </summary>
internal sealed class LeadSearch(CampaignsDb db)
{
    // No index knows what is in the custom fields: so many leads are looked through for one page, which may then be a short one.
    private const int MostLookedThrough = 100_000;

    // Sorts behind every other character, and is none itself.
    private const string Last = "\U0010FFFF";

    private sealed record Found(LeadItem Item, string EmailKey, string NameKey, string CompanyKey);

    /// <summary>The leads of the filter, unordered.</summary>
    public async Task<IQueryable<Lead>> FindAsync(LeadFilter filter, CancellationToken ct)
    {
        var leads = await FindIndexedAsync(filter, ct);
        return filter.Attribute is { } attribute ? leads.Where(HasAttribute(attribute)) : leads;
    }

    /// <summary>One page of them. A short one is the last only where there is no cursor.</summary>
    public async Task<Page<LeadItem>> PageAsync(LeadFilter filter, LeadOrder order, LeadCursor? after, int limit, CancellationToken ct)
    {
        var ordered = await OrderedAsync(filter, order, after, ct);
        var matching = filter.Attribute is { } attribute ? ordered.Take(MostLookedThrough).Where(HasAttribute(attribute)) : ordered;
        var found = await Shown(matching.Take(limit + 1)).ToListAsync(ct);
        var end = found.Count > limit ? found[limit - 1]
            : filter.Attribute is null ? null
            : await Shown(ordered.Skip(MostLookedThrough - 1).Take(1)).SingleOrDefaultAsync(ct);
        return new Page<LeadItem>([.. found.Take(limit).Select(row => row.Item)], end is null ? null : CursorAt(end, order).Encode());
    }

    /// <summary>What an index finds of the filter, in order and from the cursor on; custom fields are left to whoever reads it.</summary>
    internal async Task<IQueryable<Lead>> OrderedAsync(LeadFilter filter, LeadOrder order, LeadCursor? after, CancellationToken ct) =>
        Ordered(await FindIndexedAsync(filter, ct), order, after);

    private async Task<IQueryable<Lead>> FindIndexedAsync(LeadFilter filter, CancellationToken ct)
    {
        var leads = db.Leads.AsNoTracking();
        leads = filter.Email is { } email ? Begins(leads, nameof(Lead.EmailKey), email) : leads;
        leads = filter.Name is { } name ? Begins(leads, nameof(Lead.NameKey), name) : leads;
        leads = filter.Company is { } company ? Begins(leads, nameof(Lead.CompanyKey), company) : leads;
        if (filter.Status is { } status)
        {
            var parsed = SnakeCase.Parse<LeadStatus>(status);
            leads = leads.Where(lead => lead.Status == parsed);
        }

        if (filter.ListId is { } listId)
        {
            leads = leads.Where(lead => db.ListMembers.Any(member => member.ListId == listId && member.LeadId == lead.Id));
        }

        if (filter.Tag is { } value)
        {
            var tags = await TagsAsync(value, ct);
            leads = leads.Where(lead => db.LeadTags.Any(tag => tags.Contains(tag.TagId) && tag.LeadId == lead.Id));
        }

        return leads;
    }

    /// <summary>The tags of this value: the tenant's own and a default one may have the same.</summary>
    public Task<List<long>> TagsAsync(string value, CancellationToken ct) =>
        db.Database.SqlQuery<long>($"SELECT id FROM tags WHERE lower(value) = lower({value}) ORDER BY tenant_id NULLS LAST").ToListAsync(ct);

    private static IQueryable<Lead> Begins(IQueryable<Lead> leads, string column, string prefix) => leads.Where(lead =>
        EF.Property<string>(lead, column).CompareTo(CampaignsDb.Lower(prefix)) >= 0
        && EF.Property<string>(lead, column).CompareTo(CampaignsDb.Lower(prefix) + Last) < 0);

    private static Expression<Func<Lead, bool>> HasAttribute(string attribute)
    {
        var json = LeadFilter.JsonOf(attribute);
        return lead => EF.Functions.JsonContains(lead.Attributes, json);
    }

    private static IQueryable<Lead> Ordered(IQueryable<Lead> leads, LeadOrder order, LeadCursor? after) => order.Sort switch
    {
        LeadSort.Email => ByText(leads, nameof(Lead.EmailKey), order, after),
        LeadSort.Name => ByText(leads, nameof(Lead.NameKey), order, after),
        LeadSort.Company => ByText(leads, nameof(Lead.CompanyKey), order, after),
        LeadSort.Score => ByScore(leads, order, after),
        _ => ByCreated(leads, order, after),
    };

    private static IQueryable<Lead> ByCreated(IQueryable<Lead> leads, LeadOrder order, LeadCursor? after)
    {
        if (after is not null)
        {
            leads = order.IsDescending ? leads.Where(lead => lead.Id < after.Id) : leads.Where(lead => lead.Id > after.Id);
        }

        return order.IsDescending ? leads.OrderByDescending(lead => lead.Id) : leads.OrderBy(lead => lead.Id);
    }

    // A comparison of rows is one step into the index; the same said with OR is a walk through it.
    private static IQueryable<Lead> ByText(IQueryable<Lead> leads, string column, LeadOrder order, LeadCursor? after)
    {
        if (after is not null)
        {
            leads = order.IsDescending
                ? leads.Where(lead => EF.Functions.LessThan(ValueTuple.Create(EF.Property<string>(lead, column), lead.Id), ValueTuple.Create(after.Key, after.Id)))
                : leads.Where(lead => EF.Functions.GreaterThan(ValueTuple.Create(EF.Property<string>(lead, column), lead.Id), ValueTuple.Create(after.Key, after.Id)));
        }

        return order.IsDescending
            ? leads.OrderByDescending(lead => EF.Property<string>(lead, column)).ThenByDescending(lead => lead.Id)
            : leads.OrderBy(lead => EF.Property<string>(lead, column)).ThenBy(lead => lead.Id);
    }

    private static IQueryable<Lead> ByScore(IQueryable<Lead> leads, LeadOrder order, LeadCursor? after)
    {
        if (after is not null)
        {
            var score = int.Parse(after.Key, System.Globalization.CultureInfo.InvariantCulture);
            leads = order.IsDescending
                ? leads.Where(lead => EF.Functions.LessThan(ValueTuple.Create(lead.Score, lead.Id), ValueTuple.Create(score, after.Id)))
                : leads.Where(lead => EF.Functions.GreaterThan(ValueTuple.Create(lead.Score, lead.Id), ValueTuple.Create(score, after.Id)));
        }

        return order.IsDescending
            ? leads.OrderByDescending(lead => lead.Score).ThenByDescending(lead => lead.Id)
            : leads.OrderBy(lead => lead.Score).ThenBy(lead => lead.Id);
    }

    private static IQueryable<Found> Shown(IQueryable<Lead> leads) => leads.Select(lead => new Found(
        new LeadItem(lead.Id, lead.Email, lead.Name, lead.FirstName, lead.LastName, lead.Company, lead.Status, lead.Score, lead.Created),
        lead.EmailKey, lead.NameKey, lead.CompanyKey));

    private static LeadCursor CursorAt(Found row, LeadOrder order) => new(order, row.Item.Id, order.Sort switch
    {
        LeadSort.Email => row.EmailKey,
        LeadSort.Name => row.NameKey,
        LeadSort.Company => row.CompanyKey,
        LeadSort.Score => row.Item.Score.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => "",
    });
}
