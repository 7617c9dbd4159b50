using System.ComponentModel.DataAnnotations;
using PenguinMails.Infrastructure.Secrets.Vault;

namespace PenguinMails.Tests.Infrastructure;

public sealed class VaultOptionsTests
{
    private const string Address = "https://vault.example.com:8200";

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(Address, "hvs.canary", null, null)]
    [InlineData(Address, null, "role", "canary")]
    public void Are_valid(string? address, string? token, string? role, string? secret) => Faults(address, token, role, secret).ShouldBeEmpty();

    [Theory]
    [InlineData(Address, null, null, null)]
    [InlineData(Address, null, "role", null)]
    [InlineData(Address, "hvs.canary", "role", "canary")]
    [InlineData(Address, "hvs.canary", null, "canary")]
    [InlineData(Address, "hvs.canary\n", null, null)]
    [InlineData("vault.example.com", "hvs.canary", null, null)]
    [InlineData("ftp://vault.example.com", "hvs.canary", null, null)]
    [InlineData("https://user:canary@vault.example.com", "hvs.canary", null, null)]
    public void Are_refused_in_a_sentence_without_the_secret(string? address, string? token, string? role, string? secret)
    {
        var fault = Faults(address, token, role, secret).ShouldHaveSingleItem();

        fault.ErrorMessage!.ShouldStartWith("Vault");
        fault.ErrorMessage.ShouldNotContain("canary");
    }

    [Fact]
    public void Print_nothing() => Options(Address, "hvs.canary", null, null).ToString()!.ShouldNotContain("canary");

    private static List<ValidationResult> Faults(string? address, string? token, string? role, string? secret)
    {
        var (options, faults) = (Options(address, token, role, secret), new List<ValidationResult>());
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        return faults;
    }

    private static VaultOptions Options(string? address, string? token, string? role, string? secret) => new()
    {
        Address = address is null ? null : new Uri(address, UriKind.RelativeOrAbsolute), Token = token, RoleId = role, SecretId = secret,
    };
}
