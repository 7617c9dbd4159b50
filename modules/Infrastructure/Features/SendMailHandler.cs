using MediatR;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Mail;

namespace PenguinMails.Infrastructure.Features;

internal sealed class SendMailHandler(Outlets outlets) : IRequestHandler<SendMail, SendOutcome>
{
    public async Task<SendOutcome> Handle(SendMail request, CancellationToken ct)
    {
        await using var outlet = await outlets.OpenAsync(request.EmailAccountId, request.SmtpIpAddressId, ct);
        if (await outlet.ReadyAsync(ct) is { } problem)
        {
            return new SendOutcome(SendResult.Unreachable, problem);
        }

        outlet.Sign(request.Message);
        return await outlet.SendAsync(request.Message, ct);
    }
}
