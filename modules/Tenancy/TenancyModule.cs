using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;
using PenguinMails.Tenancy.Features.People;
using PenguinMails.Tenancy.Jobs;
using PenguinMails.Tenancy.Limits;

namespace PenguinMails.Tenancy;

/// <summary>Tenants, their people and companies, and how people and programs prove who they are.</summary>
public sealed class TenancyModule : Module
{
    public override IReadOnlyList<RecurringJob> Jobs =>
    [
        RecurringJob.Of<DeleteAccounts>(DeleteAccounts.Id, "30 3 * * *", JobQueues.Maintenance),
        RecurringJob.Of<PurgeTenants>(PurgeTenants.Id, "0 4 * * *", JobQueues.Maintenance),
        RecurringJob.Of<ForgetCredentials>(ForgetCredentials.Id, "50 3 * * *", JobQueues.Maintenance),
    ];

    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<TenancyDb>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddMemoryCache();
        AddAccounts(builder.Services);
        AddAccess(builder.Services);
        builder.Services.AddOptions<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<SlidingWindow>();
        builder.Services.AddSingleton<RateLimiting>();
        foreach (var job in Jobs)
        {
            builder.Services.AddScoped(job.Job);
        }
    }

    public override void Use(IApplicationBuilder app) => app.UseMiddleware<RateLimiting>();

    private static void AddAccounts(IServiceCollection services)
    {
        services.AddOptions<AccountOptions>().BindConfiguration(AccountOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        // How often a password is hashed: Identity's 100,000 times unless the configuration says more, or less for tests.
        services.AddOptions<PasswordHasherOptions>().BindConfiguration("Passwords");
        services.AddSingleton<IPasswordHasher<UserCredential>, PasswordHasher<UserCredential>>();
        services.AddSingleton<IPasswordValidator<UserCredential>, PasswordValidator<UserCredential>>();
        services.AddScoped<AccountStore>();
        services.AddScoped<AccountManager>();
        services.AddScoped<AccountMail>();
        services.AddScoped<OneTimeTokens>();
        services.AddScoped<Ownership>();
        services.AddScoped<Seats>();
        services.AddScoped<SecurityActs>();
    }

    private static void AddAccess(IServiceCollection services)
    {
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<ChangeFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<ChangeFeed>());
        services.AddSingleton<LiveCredentials>();
        services.AddSingleton<KeyScopes>();
        services.AddScoped<Sessions>();
        services.AddScoped<GivenAccess>();
        services.AddAuthentication(CredentialHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, CredentialHandler>(CredentialHandler.SchemeName, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(AccessPolicies.Viewer, policy => InTenant(policy, Membership.Viewer))
            .AddPolicy(AccessPolicies.Member, policy => InTenant(policy, Membership.Member))
            .AddPolicy(AccessPolicies.Admin, policy => InTenant(policy, Membership.Admin))
            .AddPolicy(AccessPolicies.Person, policy => policy.RequireClaim(AccessClaims.Session))
            .AddPolicy(AccessPolicies.TenantPerson, policy => InTenant(policy, Membership.Viewer).RequireClaim(AccessClaims.Session))
            .AddPolicy(AccessPolicies.MemberPerson, policy => InTenant(policy, Membership.Member).RequireClaim(AccessClaims.Session))
            .AddPolicy(AccessPolicies.AdminPerson, policy => InTenant(policy, Membership.Admin).RequireClaim(AccessClaims.Session))
            .AddPolicy(AccessPolicies.OwnerPerson, policy => InTenant(policy, Membership.Owner).RequireClaim(AccessClaims.Session));
    }

    // A role includes the weaker ones.
    private static AuthorizationPolicyBuilder InTenant(AuthorizationPolicyBuilder policy, string weakest) => policy
        .RequireClaim(ScopeClaims.Tenant)
        .RequireRole(Membership.AllRoles.TakeWhile(role => role != weakest).Append(weakest))
        .RequireAssertion(context => context.Resource is HttpContext http && KeyScopes.Admit(http));
}
