using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;

namespace PenguinMails.Tests.Infrastructure;

public sealed class DkimRotationTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_is_signed_with_the_old_key_until_the_new_one_is_published()
    {
        var scene = await DomainScene.VerifiedAsync(host, Ct);
        var mailbox = await scene.AMailboxAsync(Ct);
        await SignedAsync(scene, mailbox, "pm");

        Keys(await scene.RotateAsync(Ct)).ShouldBe(["pm verified verification", "pm2 pending nothing"]);
        // Not published yet: the domain stays verified, and mail is signed as before.
        var waiting = await scene.VerifyAsync(Ct);
        waiting.Text("verificationStatus").ShouldBe("verified");
        Keys(waiting).ShouldBe(["pm verified verification", "pm2 failed nothing"]);
        await SignedAsync(scene, mailbox, "pm");
        await RefusedAsync(scene, "under way");

        await scene.PublishAsync(Ct);
        var switched = await scene.AnHourLaterAsync(Ct);
        Keys(switched).ShouldBe(["pm2 verified verification", "pm verified nothing"]);
        switched["dnsRecords"]!.AsArray().Single(record => (string?)record!["selector"] == "pm")!.Text("note").ShouldStartWith("retired, keep until 20");
        await SignedAsync(scene, mailbox, "pm2");
        await RefusedAsync(scene, "next rotation can begin");
    }

    [Fact]
    public async Task The_retired_key_goes_after_a_week_and_its_selector_comes_round_with_another_key()
    {
        var scene = await DomainScene.VerifiedAsync(host, Ct);
        var mailbox = await scene.AMailboxAsync(Ct);
        var first = DomainScene.RecordOf(await scene.StateAsync(Ct), "dkim").Text("value");
        await SignedAsync(scene, mailbox, "pm");
        await TurnAsync(scene);
        (await SecretsAsync(scene)).ShouldBe([$"mail/dkim/{scene.Name}/pm", $"mail/dkim/{scene.Name}/pm2"]);

        Keys(await AWeekLaterAsync(scene)).ShouldBe(["pm2 verified verification"]);
        (await SecretsAsync(scene)).ShouldBe([$"mail/dkim/{scene.Name}/pm2"]);
        await SignedAsync(scene, mailbox, "pm2");

        await TurnAsync(scene);
        await AWeekLaterAsync(scene);
        DomainScene.RecordOf(await scene.StateAsync(Ct), "dkim").Text("value").ShouldNotBe(first);
        // Whoever still had the first key of this selector at hand would sign with that.
        await SignedAsync(scene, mailbox, "pm");
    }

    // A rotation from beginning to end.
    private static async Task TurnAsync(DomainScene scene)
    {
        await scene.RotateAsync(Ct);
        await scene.PublishAsync(Ct);
        await scene.VerifyAsync(Ct);
    }

    private static async Task<JsonNode> AWeekLaterAsync(DomainScene scene)
    {
        await scene.Host.QueryAsync("UPDATE domains SET retired_dkim_until = now() WHERE id = $1", Ct, scene.Id);
        return await scene.VerifyAsync(Ct);
    }

    private static IEnumerable<string> Keys(JsonNode domain) => domain["dnsRecords"]!.AsArray().Where(record => record!.Text("purpose") == "dkim")
        .Select(record => $"{record!.Text("selector")} {record!.Text("status")} {record!.Text("neededFor")}");

    private static Task<IReadOnlyList<string>> SecretsAsync(DomainScene scene) =>
        scene.Host.QueryAsync("SELECT path FROM secrets WHERE tenant_id = $1 ORDER BY path", Ct, scene.Tenant.TenantId);

    private static async Task RefusedAsync(DomainScene scene, string reason)
    {
        var answer = await scene.Tenant.Http.PostAsJsonAsync($"domains/{scene.Id}/dkim/rotate", new { }, Ct);
        (await answer.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain(reason);
    }

    // The signature is by this selector, and holds with the key that is shown for it.
    private static async Task SignedAsync(DomainScene scene, JsonNode mailbox, string selector)
    {
        var domain = await scene.StateAsync(Ct);
        var message = await scene.SendAsync(mailbox, Ct);
        var header = message.Headers[message.Headers.IndexOf(HeaderId.DkimSignature)];
        header.Value.ShouldContain($" s={selector};");
        (await new DkimVerifier(new Published(domain)).VerifyAsync(message, header, Ct)).ShouldBeTrue(header.Value);
    }

    private sealed class Published(JsonNode shown) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken ct = default) =>
            GetPublicKey(shown["dnsRecords"]!.AsArray().Single(record => record!.Text("host") == $"{selector}._domainkey.{domain}")!.Text("value"));

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken ct = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, ct));
    }
}
