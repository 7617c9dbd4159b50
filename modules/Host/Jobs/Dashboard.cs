using Hangfire;
using Hangfire.Dashboard;
using MediatR;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Host.Jobs;

/// <summary>Hangfire's dashboard, for staff who manage jobs.</summary>
internal static class Dashboard
{
    /// <summary>Takes the access token from the dashboard's cookie, for the dashboard alone; from there on it is a request like any other.</summary>
    public static void UseJobDashboardCookie(this WebApplication app) => app.Use((http, next) =>
    {
        if (http.Request.Path.StartsWithSegments(JobDashboard.Path) && http.Request.Headers.Authorization.Count == 0
            && http.Request.Cookies[JobDashboard.Cookie] is { } token)
        {
            http.Request.Headers.Authorization = $"Bearer {token}";
        }

        return next(http);
    });

    public static void MapJobDashboard(this WebApplication app) => app
        .MapHangfireDashboard(JobDashboard.Path, new DashboardOptions
        {
            Authorization = [],
            AsyncAuthorization = [new Audit()],
            AppPath = null,
            DisplayStorageConnectionString = false,
        })
        .RequireAuthorization(Permissions.JobsManage);

    // Everybody who gets here may: it is only where each change passes.
    private sealed class Audit : IDashboardAsyncAuthorizationFilter
    {
        public async Task<bool> AuthorizeAsync(DashboardContext context)
        {
            var http = context.GetHttpContext();
            // The pages ask for their numbers by POST too.
            if (!HttpMethods.IsGet(http.Request.Method) && http.Request.Path != "/stats")
            {
                await http.RequestServices.GetRequiredService<ISender>().Send(
                    new RecordAudit("jobs.dashboard", "job", http.Request.Path), http.RequestAborted);
            }

            return true;
        }
    }
}
