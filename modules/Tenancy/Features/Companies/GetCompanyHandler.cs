using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

internal sealed class GetCompanyHandler(TenancyDb db) : IRequestHandler<GetCompany, CompanyDetails?>
{
    public Task<CompanyDetails?> Handle(GetCompany request, CancellationToken ct) => db.Companies
        .Where(company => company.Id == request.CompanyId)
        .Select(company => new CompanyDetails(company.Id, company.Name, company.PostalAddress))
        .SingleOrDefaultAsync(ct);
}
