using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy;

/// <summary>Tenants, their people and companies, and how they log in.</summary>
public sealed class TenancyModule : Module
{
    public override void Register(IHostApplicationBuilder builder)
    {
        builder.AddModuleDb<TenancyDb>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddScoped<AccessTokens>();
        builder.Services.AddSingleton<IPasswordHasher<UserCredential>, PasswordHasher<UserCredential>>();
        builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(AccessPolicies.Viewer, policy => policy.RequireClaim(ScopeClaims.Tenant)
                .RequireRole(Membership.Viewer, Membership.Member, Membership.Admin, Membership.Owner))
            .AddPolicy(AccessPolicies.Member, policy => policy.RequireClaim(ScopeClaims.Tenant)
                .RequireRole(Membership.Member, Membership.Admin, Membership.Owner))
            .AddPolicy(AccessPolicies.Admin, policy => policy.RequireClaim(ScopeClaims.Tenant)
                .RequireRole(Membership.Admin, Membership.Owner));
    }
}
