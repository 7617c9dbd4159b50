using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PenguinMails.Shared.Http;

/// <summary>Whether a stream of server-sent events may go on: it must not outlive the session that opened it.</summary>
public sealed class StreamPermit(IServiceScopeFactory scopes, TimeProvider clock)
{
    /// <summary>A second later, and as if the request came anew: a session that has ended since opens nothing.</summary>
    /// <param name="policy">What the endpoint asks of its caller.</param>
    public async Task<bool> MayGoOnAsync(HttpContext http, string policy, CancellationToken ct)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ct.IsCancellationRequested)
        {
            return false;
        }

        await using var services = scopes.CreateAsyncScope();
        var again = new DefaultHttpContext { RequestServices = services.ServiceProvider, Request = { Method = http.Request.Method } };
        again.SetEndpoint(http.GetEndpoint());
        foreach (var (name, value) in http.Request.Headers)
        {
            again.Request.Headers[name] = value;
        }

        if (await again.AuthenticateAsync() is not { Succeeded: true, Principal: { } caller })
        {
            return false;
        }

        again.User = caller;
        return (await services.ServiceProvider.GetRequiredService<IAuthorizationService>().AuthorizeAsync(caller, again, policy)).Succeeded;
    }
}
