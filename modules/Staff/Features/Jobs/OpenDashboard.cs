using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Staff.Features.Jobs;

/// <summary>
/// POST /staff/jobs/dashboard-session: lets the caller's browser open the dashboard, until the access token ends. Each request there
/// asks again whether session and permission hold.
/// </summary>
internal static class OpenDashboard
{
    internal sealed class Endpoint : EndpointWithoutRequest<NoContent>
    {
        public override void Configure()
        {
            Post("/staff/jobs/dashboard-session");
            Policies(Contracts.Permissions.JobsManage);
        }

        public override Task<NoContent> ExecuteAsync(CancellationToken ct)
        {
            var token = HttpContext.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();
            HttpContext.Response.Cookies.Append(JobDashboard.Cookie, token, new CookieOptions
            {
                Path = JobDashboard.Path,
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = HttpContext.Request.IsHttps,
                IsEssential = true,
            });
            return Task.FromResult(TypedResults.NoContent());
        }
    }
}
