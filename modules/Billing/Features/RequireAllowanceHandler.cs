using MediatR;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class RequireAllowanceHandler(PlanAnswers answers) : IRequestHandler<RequireAllowance, Allowance>
{
    public Task<Allowance> Handle(RequireAllowance request, CancellationToken ct) => answers.OfAsync(request.Limit, ct);
}
