using System.Linq.Expressions;

namespace PenguinMails.Tenancy.Features.Companies;

/// <param name="WorkspaceName">A slug, unique on the platform.</param>
internal sealed record CompanyResponse(
    Guid Id, string Name, string WorkspaceName, string Status, string? LogoUrl, string? PostalAddress, DateTimeOffset Created)
{
    public static readonly Expression<Func<Company, CompanyResponse>> Of = company => new CompanyResponse(
        company.Id, company.Name, company.WorkspaceName, company.Status, company.LogoUrl, company.PostalAddress, company.Created);
}
