using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Tenancy;

public sealed class SignUpTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_sign_ups_with_one_address_make_one_account_and_are_answered_alike()
    {
        var email = $"{Guid.CreateVersion7():N}@tenant.test";

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            using var http = host.Anonymous();
            var answer = await http.PostAsJsonAsync("auth/sign-up", new
            {
                Email = number % 2 == 0 ? email : email.ToUpperInvariant(), Given.Password, Name = "N", CompanyName = $"Company of {email}",
            }, Ct);
            return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}";
        }));

        answers.Distinct().ShouldHaveSingleItem().ShouldStartWith("202 ");
        (await host.QueryAsync("""
            SELECT (SELECT count(*) FROM users WHERE lower(email) = $1), (SELECT count(*) FROM user_credentials WHERE email = $1),
                   (SELECT count(*) FROM tenants WHERE name = 'Company of ' || $1), (SELECT count(*) FROM companies WHERE name = 'Company of ' || $1)
            """, Ct, email)).ShouldBe(["1|1|1|1"]);
    }

    [Theory]
    [InlineData("not an address", "a-long-password-1", "email")]
    [InlineData("", "a-long-password-1", "email")]
    [InlineData("a@tenant.test", "short", "password")]
    public async Task Refuses_bad_input_by_its_field(string email, string password, string field)
    {
        using var http = host.Anonymous();

        var answer = await http.PostAsJsonAsync("auth/sign-up", new { Email = email, Password = password, Name = "N", CompanyName = "C" }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field]);
    }
}
