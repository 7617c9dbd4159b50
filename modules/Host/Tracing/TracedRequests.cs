using System.Diagnostics;
using MediatR;
using PenguinMails.Shared;

namespace PenguinMails.Host.Tracing;

/// <summary>A span for each request from one module to another.</summary>
internal sealed class TracedRequests<TRequest, TResponse>(TenantScope scope) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public async Task<TResponse> Handle(TRequest request, RequestHandlerDelegate<TResponse> next, CancellationToken cancellationToken)
    {
        using var span = Telemetry.Begin(typeof(TRequest).Name, scope.TenantId);
        try
        {
            return await next(cancellationToken);
        }
        catch
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
