using MediatR;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

internal sealed class RequireFeatureHandler(PlanAnswers answers) : IRequestHandler<RequireFeature, PlanRefusal?>
{
    public Task<PlanRefusal?> Handle(RequireFeature request, CancellationToken ct) => answers.OfAsync(request.Feature, ct);
}
