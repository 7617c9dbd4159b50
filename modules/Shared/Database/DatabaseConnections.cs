using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace PenguinMails.Shared.Database;

/// <summary>
/// Connection strings by role, made from the one named <c>penguinmails</c>. That one may log in as an administrator (it then
/// can migrate, and the passwords of the two log-in roles follow from its own unless they are configured), or as
/// <c>penguinmails_app</c> itself, which then needs <c>Database:PlatformPassword</c>.
/// </summary>
public sealed class DatabaseConnections
{
    private readonly NpgsqlConnectionStringBuilder _given;
    private readonly IConfiguration _configuration;

    /// <exception cref="InvalidOperationException">There is no connection string <c>penguinmails</c>.</exception>
    public DatabaseConnections(IConfiguration configuration)
    {
        var text = configuration.GetConnectionString("penguinmails");
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new InvalidOperationException("ConnectionStrings:penguinmails is not set.");
        }

        _given = new NpgsqlConnectionStringBuilder(text);
        _given.Database ??= "penguinmails";
        _configuration = configuration;
    }

    /// <summary>As given: the administrator that migrates.</summary>
    public string Administrator => _given.ConnectionString;

    /// <summary>True where the given log-in may make roles and migrate.</summary>
    public bool CanMigrate => _given.Username is not (DatabaseRoles.App or DatabaseRoles.Platform);

    /// <summary>The connection string of a log-in role.</summary>
    /// <param name="role"><see cref="DatabaseRoles.App"/> or <see cref="DatabaseRoles.Platform"/>.</param>
    /// <param name="tier">
    /// oltp, content, queue or olap: a tier may have a server of its own, <c>Database:Tiers:olap</c> say; else it has the one
    /// database. Where that string does not log in as the role itself, the role's password is the same as everywhere.
    /// </param>
    public string For(string role, string? tier = null)
    {
        var own = OwnOf(tier);
        var options = own ?? new NpgsqlConnectionStringBuilder(_given.ConnectionString);
        options.Password = own?.Username == role ? own.Password : PasswordOf(role);
        options.Username = role;
        options.ApplicationName = role;
        // The scope is local to each transaction: there is nothing to reset when a connection goes back to the pool.
        options.NoResetOnClose = true;
        return options.ConnectionString;
    }

    /// <summary>The password of a log-in role: configured, given, or derived from the administrator's.</summary>
    public string PasswordOf(string role)
    {
        var configured = _configuration[role == DatabaseRoles.App ? "Database:AppPassword" : "Database:PlatformPassword"];
        if (!string.IsNullOrEmpty(configured))
        {
            return configured;
        }

        if (_given.Username == role)
        {
            return _given.Password ?? "";
        }

        if (!CanMigrate || string.IsNullOrEmpty(_given.Password))
        {
            throw new InvalidOperationException(
                $"The password of {role} cannot be derived: set Database:AppPassword and Database:PlatformPassword.");
        }

        return Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(_given.Password), Encoding.UTF8.GetBytes(role)));
    }

    private NpgsqlConnectionStringBuilder? OwnOf(string? tier)
    {
        var text = tier is null ? null : _configuration[$"Database:Tiers:{tier}"];
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var own = new NpgsqlConnectionStringBuilder(text);
        own.Database ??= _given.Database;
        return own;
    }
}
