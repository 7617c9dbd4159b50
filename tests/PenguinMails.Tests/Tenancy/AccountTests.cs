using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Tenancy.Jobs;

namespace PenguinMails.Tests.Tenancy;

/// <summary>An account from its sign-up to its end.</summary>
public sealed class AccountTests(HostFixture host)
{
    private const string NewPassword = "another-password-2";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_gets_in_before_the_address_is_verified_and_the_mailed_link_verifies_it_once()
    {
        using var http = host.Anonymous();
        var email = await SignUpAsync(http);
        (await LogInAsync(http, email)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var token = Given.TokenOf(await host.MailAsync(email, "Verify", Ct));

        (await VerifyAsync(http, new { Token = token })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await LogInAsync(http, email)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await VerifyAsync(http, new { Token = token })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_code_that_was_guessed_at_five_times_verifies_nothing_any_more()
    {
        using var http = host.Anonymous();
        var email = await SignUpAsync(http);
        var code = await host.CodeAsync(email, Ct);
        foreach (var _ in Enumerable.Range(0, 5))
        {
            (await VerifyAsync(http, new { Email = email, Code = code == "000000" ? "000001" : "000000" })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        }

        (await VerifyAsync(http, new { Email = email, Code = code })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Another_code_is_mailed_on_request_and_the_earlier_no_longer_works()
    {
        using var http = host.Anonymous();
        var email = await SignUpAsync(http);
        var first = await host.MailAsync(email, "Verify", Ct);
        await host.QueryAsync(
            "UPDATE user_tokens SET created = created - interval '2 minutes' WHERE user_id = (SELECT user_id FROM user_credentials WHERE email = $1)", Ct, email);

        (await http.PostAsJsonAsync("auth/verify-email/resend", new { Email = email }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var mails = await Given.EventuallyAsync(
            () => Task.FromResult(host.Mail.Where(mail => mail.To.Mailboxes.Any(to => to.Address == email)).ToList()), mails => mails.Count == 2, Ct);
        (await VerifyAsync(http, new { Token = Given.TokenOf(first) })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await VerifyAsync(http, new { Token = Given.TokenOf(mails.Single(mail => mail.MessageId != first.MessageId)) })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Who_signs_up_again_with_an_unproved_address_does_not_put_a_password_behind_somebody_elses_link()
    {
        using var http = host.Anonymous();
        var email = await SignUpAsync(http);
        var first = await host.MailAsync(email, "Verify", Ct);
        await host.QueryAsync(
            "UPDATE user_tokens SET created = created - interval '2 minutes' WHERE user_id = (SELECT user_id FROM user_credentials WHERE email = $1)", Ct, email);
        await SignUpAsync(http, email, NewPassword);
        await Given.EventuallyAsync(
            () => Task.FromResult(host.Mail.Count(mail => mail.To.Mailboxes.Any(to => to.Address == email))), mails => mails == 2, Ct);

        (await VerifyAsync(http, new { Token = Given.TokenOf(first) })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await LogInAsync(http, email, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(http, email)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whoever_opens_the_mail_of_a_later_sign_up_has_the_password_that_was_given_there()
    {
        using var http = host.Anonymous();
        var email = await SignUpAsync(http, password: "a-strangers-password");
        var first = await host.MailAsync(email, "Verify", Ct);
        await host.QueryAsync(
            "UPDATE user_tokens SET created = created - interval '2 minutes' WHERE user_id = (SELECT user_id FROM user_credentials WHERE email = $1)", Ct, email);
        await SignUpAsync(http, email);
        var second = await Given.EventuallyAsync(
            () => Task.FromResult(host.Mail.SingleOrDefault(mail => mail.To.Mailboxes.Any(to => to.Address == email) && mail.MessageId != first.MessageId)),
            mail => mail is not null, Ct);

        (await VerifyAsync(http, new { Email = email, Code = Given.CodeOf(second!) })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await LogInAsync(http, email)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await LogInAsync(http, email, "a-strangers-password")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await VerifyAsync(http, new { Token = Given.TokenOf(first) })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("ann@tenant.test ")]
    [InlineData("Win at evil.test <ann@tenant.test>")]
    [InlineData("İ@tenant.test")]
    [InlineData("ann@tenant.test\r\nBcc: all@tenant.test")]
    [InlineData("@tenant.test")]
    public async Task Only_a_bare_address_is_an_address(string email)
    {
        var answer = await host.Anonymous().PostAsJsonAsync("auth/sign-up", new { Email = email, Given.Password, Name = "N", CompanyName = "C" }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["email"]);
    }

    [Theory]
    [InlineData("auth/verify-email/resend")]
    [InlineData("auth/forgot-password")]
    public async Task Asking_for_mail_does_not_tell_who_has_an_account(string path)
    {
        var tenant = await host.ATenantAsync(Ct);
        using var http = host.Anonymous();

        var answers = new List<string>();
        foreach (var email in new[] { tenant.Email, "nobody-at-all@tenant.test" })
        {
            var answer = await http.PostAsJsonAsync(path, new { Email = email }, Ct);
            answers.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Ct)}");
        }

        answers.ShouldBe(["202 ", "202 "]);
    }

    [Fact]
    public async Task Signing_up_with_the_address_of_an_account_tells_its_person_by_mail_and_changes_nothing()
    {
        var tenant = await host.ATenantAsync(Ct);
        using var http = host.Anonymous();

        await SignUpAsync(http, tenant.Email, NewPassword);

        await host.MailAsync(tenant.Email, "You already have an account", Ct);
        (await LogInAsync(http, tenant.Email, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(http, tenant.Email)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_the_mailed_link_once_and_every_session_ends()
    {
        var tenant = await host.ATenantAsync(Ct);
        using var http = host.Anonymous();
        await http.PostAsJsonAsync("auth/forgot-password", new { tenant.Email }, Ct);
        var token = Given.TokenOf(await host.MailAsync(tenant.Email, "Choose a new password", Ct));

        // Too short: refused, and the link still works.
        await (await ResetAsync(http, token, "short")).ProblemAsync(HttpStatusCode.BadRequest, Ct);
        (await ResetAsync(http, token, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(http, tenant.Email)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await LogInAsync(http, tenant.Email, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ResetAsync(http, token, "a-third-password-3")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await host.EventsAsync(tenant, "password_changed", Ct)).ShouldBe(1);
    }

    [Fact]
    public async Task A_link_to_reset_opens_a_locked_account_and_an_expired_one_does_nothing()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.QueryAsync("UPDATE user_credentials SET locked_until = now() + interval '1 hour' WHERE user_id = $1", Ct, tenant.UserId);
        using var http = host.Anonymous();
        await http.PostAsJsonAsync("auth/forgot-password", new { tenant.Email }, Ct);
        var token = Given.TokenOf(await host.MailAsync(tenant.Email, "Choose a new password", Ct));
        const string Shift = "UPDATE user_tokens SET expires = expires + $2::interval WHERE user_id = $1 AND purpose = 'reset_password'";

        await host.QueryAsync(Shift, Ct, tenant.UserId, TimeSpan.FromHours(-2));
        (await ResetAsync(http, token, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await host.QueryAsync(Shift, Ct, tenant.UserId, TimeSpan.FromHours(2));
        (await ResetAsync(http, token, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await LogInAsync(http, tenant.Email, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Changing_the_password_asks_for_the_current_one_and_ends_the_other_sessions()
    {
        var tenant = await host.ATenantAsync(Ct);
        using var elsewhere = host.Anonymous();
        await elsewhere.LogInAsync(tenant.Email, Ct);

        var wrong = await ChangeAsync(tenant, "a-wrong-password", NewPassword);
        (await wrong.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["currentPassword"]);
        (await ChangeAsync(tenant, Given.Password, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await elsewhere.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.EventsAsync(tenant, "password_changed", Ct)).ShouldBe(1);
        await host.MailAsync(tenant.Email, "Your password was changed", Ct);
    }

    [Fact]
    public async Task Guesses_at_the_current_password_lock_the_account()
    {
        var tenant = await host.ATenantAsync(Ct);
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await ChangeAsync(tenant, "a-wrong-password", NewPassword);
        }

        (await ChangeAsync(tenant, Given.Password, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_new_address_counts_from_when_its_mail_was_opened()
    {
        var tenant = await host.ATenantAsync(Ct);
        var email = $"{Guid.CreateVersion7():N}@new.test";

        (await tenant.Http.PutAsJsonAsync("account/email", new { Email = email, Given.Password }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var token = Given.TokenOf(await host.MailAsync(email, "Verify your new", Ct));
        await host.MailAsync(tenant.Email, "Your e-mail address is about to change", Ct);
        using var http = host.Anonymous();
        (await LogInAsync(http, email)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.PostAsJsonAsync("auth/change-email", new { Token = token }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await LogInAsync(http, email)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await LogInAsync(http, tenant.Email)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await tenant.GetAsync("tenant-users", Ct))["items"]![0]!.Text("email").ShouldBe(email);
    }

    [Fact]
    public async Task A_new_password_calls_off_a_new_address_that_somebody_asked_for()
    {
        var tenant = await host.ATenantAsync(Ct);
        var email = $"{Guid.CreateVersion7():N}@new.test";
        await tenant.Http.PutAsJsonAsync("account/email", new { Email = email, Given.Password }, Ct);
        var token = Given.TokenOf(await host.MailAsync(email, "Verify your new", Ct));

        (await ChangeAsync(tenant, Given.Password, NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await host.Anonymous().PostAsJsonAsync("auth/change-email", new { Token = token }, Ct)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task An_address_of_another_account_is_not_taken_over()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        (await tenant.Http.PutAsJsonAsync("account/email", new { other.Email, Given.Password }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var token = Given.TokenOf(await host.MailAsync(other.Email, "Verify your new", Ct));

        await (await host.Anonymous().PostAsJsonAsync("auth/change-email", new { Token = token }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);

        (await tenant.GetAsync("account", Ct)).Text("email").ShouldBe(tenant.Email);
        (await other.GetAsync("account", Ct)).Text("email").ShouldBe(other.Email);
    }

    [Fact]
    public async Task The_profile_and_the_preferences_keep_what_is_given_and_refuse_nonsense_by_its_field()
    {
        var tenant = await host.ATenantAsync(Ct);

        var profile = await (await tenant.Http.PutAsJsonAsync("account", new { Name = "Ann Other", GivenName = "Ann", Picture = "https://a.test/p.png" }, Ct)).ReadAsync(Ct);
        var preferences = await (await tenant.Http.PatchAsJsonAsync("user-preferences", new { Theme = "dark", Timezone = "Europe/Berlin" }, Ct)).ReadAsync(Ct);

        profile.Text("name").ShouldBe("Ann Other");
        (await tenant.GetAsync("account", Ct)).Text("picture").ShouldBe("https://a.test/p.png");
        preferences.ToJsonString().ShouldBe((await tenant.GetAsync("user-preferences", Ct)).ToJsonString());
        (preferences.Text("theme"), preferences.Text("timezone"), preferences.Text("language")).ShouldBe(("dark", "Europe/Berlin", "en"));
        (await FieldsAsync(tenant.Http.PutAsJsonAsync("account", new { Name = "", Picture = "javascript:alert(1)" }, Ct))).ShouldBe(["name", "picture"]);
        (await FieldsAsync(tenant.Http.PatchAsJsonAsync("user-preferences", new { Theme = "pink", Language = "?", Timezone = "Mars/Base" }, Ct)))
            .ShouldBe(["language", "theme", "timezone"]);
    }

    [Theory]
    [InlineData("auth/log-in", "{\"email\":\"a\\u0000b@c.test\",\"password\":\"\\u0000\"}")]
    [InlineData("auth/sign-up", "{\"email\":\"a@c.test\",\"password\":\"a-long-password-1\",\"name\":\"N\\u0000\",\"companyName\":\"C\"}")]
    [InlineData("auth/verify-email", "{\"token\":\"\\u0000é😀\"}")]
    [InlineData("auth/refresh", "{\"refreshToken\":\"é\\u0000\"}")]
    [InlineData("auth/log-in", "{\"email\":1,\"password\":[]}")]
    [InlineData("auth/log-in", "{")]
    public async Task Hostile_text_is_the_callers_fault_and_never_the_hosts(string path, string json)
    {
        using var http = host.Anonymous();

        var answer = await http.PostAsync(path, new StringContent(json, System.Text.Encoding.UTF8, "application/json"), Ct);

        ((int)answer.StatusCode).ShouldBeInRange(400, 422, await answer.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task An_account_is_anonymised_thirty_days_after_its_person_asked_for_it()
    {
        var (tenant, member) = await ColleagueAsync();
        await host.QueryAsync("INSERT INTO staff_members (user_id, role_id) VALUES ($1, 4)", Ct, member.UserId);
        var deletion = await member.PostAsync("account/deletion", new { Given.Password }, Ct);
        (await member.Http.GetAsync("account", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (deletion["deleteAfter"]!.GetValue<DateTimeOffset>() - TimeProvider.System.GetUtcNow()).TotalDays.ShouldBeInRange(29.9, 30);
        await host.QueryAsync("UPDATE user_credentials SET delete_after = now() - interval '1 second' WHERE user_id = $1", Ct, member.UserId);

        await DeleteAccountsAsync();

        (await host.QueryAsync("SELECT name, given_name, family_name, email, picture, deleted IS NOT NULL FROM users WHERE id = $1", Ct, member.UserId))
            .ShouldBe(["|||||True"]);
        (await LogInAsync(host.Anonymous(), member.Email)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await tenant.GetAsync("tenant-users", Ct))["items"]!.AsArray().Count.ShouldBe(1);
        (await LeftoversAsync(member)).ShouldBeEmpty();
        (await host.QueryAsync("SELECT role_id FROM staff_members WHERE user_id = $1", Ct, member.UserId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deletion_that_was_called_off_deletes_nothing()
    {
        var (_, member) = await ColleagueAsync();
        await member.PostAsync("account/deletion", new { Given.Password }, Ct);
        await member.Http.LogInAsync(member.Email, Ct);

        (await member.Http.DeleteAsync("account/deletion", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await host.QueryAsync("SELECT delete_after IS NULL FROM user_credentials WHERE user_id = $1", Ct, member.UserId)).ShouldBe(["True"]);
    }

    [Fact]
    public async Task The_only_owner_of_a_tenant_does_not_go_before_it()
    {
        var tenant = await host.ATenantAsync(Ct);

        (await (await tenant.Http.PostAsJsonAsync("account/deletion", new { Given.Password }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct))
            .Text("title").ShouldContain("Some Company");
    }

    private async Task<(TenantClient Tenant, TenantClient Member)> ColleagueAsync()
    {
        var tenant = await host.ATenantAsync(Ct);
        return (tenant, await host.AColleagueAsync(tenant, "member", Ct));
    }

    private async Task DeleteAccountsAsync()
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DeleteAccounts>().RunAsync(Ct);
    }

    // The tables that still know the person's address, but for Hangfire's and the record of what happened.
    private async Task<IReadOnlyList<string>> LeftoversAsync(TenantClient person)
    {
        var tables = await host.QueryAsync("""
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'content', 'olap')
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            """, Ct);
        tables.Count.ShouldBeGreaterThan(40);
        var found = new List<string>();
        foreach (var table in tables)
        {
            found.AddRange(await host.QueryAsync($"SELECT '{table}' FROM {table} t WHERE t::text ILIKE '%' || $1 || '%' LIMIT 1", Ct, person.Email));
        }

        return found;
    }

    private static async Task<IReadOnlyList<string>> FieldsAsync(Task<HttpResponseMessage> answer) =>
        (await (await answer).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields();

    private static async Task<string> SignUpAsync(HttpClient http, string? email = null, string password = Given.Password)
    {
        email ??= $"{Guid.CreateVersion7():N}@tenant.test";
        await (await http.PostAsJsonAsync("auth/sign-up", new { Email = email, Password = password, Name = "N", CompanyName = "C" }, Ct)).ReadAsync(Ct);
        return email;
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string email, string password = Given.Password) =>
        http.PostAsJsonAsync("auth/log-in", new { Email = email, Password = password }, Ct);

    private static Task<HttpResponseMessage> VerifyAsync(HttpClient http, object body) => http.PostAsJsonAsync("auth/verify-email", body, Ct);

    private static Task<HttpResponseMessage> ResetAsync(HttpClient http, string token, string password) =>
        http.PostAsJsonAsync("auth/reset-password", new { Token = token, Password = password }, Ct);

    private static Task<HttpResponseMessage> ChangeAsync(TenantClient tenant, string current, string next) =>
        tenant.Http.PutAsJsonAsync("account/password", new { CurrentPassword = current, NewPassword = next }, Ct);
}
