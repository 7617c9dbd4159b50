using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Text;
using PenguinMails.Infrastructure.Mail;

namespace PenguinMails.Benchmarks;

/// <summary>The least that sending signed mail takes with MailKit: connections with NoDelay that never end, and messages of the same size.</summary>
internal static class BareSend
{
    /// <summary>In a process of its own, as the engine is.</summary>
    /// <returns>Messages a second.</returns>
    public static async Task<double> RunApartAsync(int port, int messages, string key)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key);
        await using var bare = await Child.StartAsync("bare", port.ToString(CultureInfo.InvariantCulture), messages.ToString(CultureInfo.InvariantCulture), file);
        return double.Parse(bare.Answer, CultureInfo.InvariantCulture);
    }

    public static async Task RunAsync(int port, int messages, string keyFile)
    {
        var dkim = new RsaDkimSigner(await File.ReadAllTextAsync(keyFile), "sender.example", "pm", TimeProvider.System);
        File.Delete(keyFile);
        await SendAsync(port, SendBenchmark.WarmUp, dkim);
        var watch = Stopwatch.StartNew();
        await SendAsync(port, messages, dkim);
        Console.WriteLine((messages / watch.Elapsed.TotalSeconds).ToString(CultureInfo.InvariantCulture));
    }

    private static Task SendAsync(int port, int messages, RsaDkimSigner dkim)
    {
        var left = messages;
        return Task.WhenAll(Enumerable.Range(0, SendBenchmark.Mailboxes * SendBenchmark.ConnectionsPerMailbox).Select(_ => Task.Run(async () =>
        {
            using var client = new SmtpClient();
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            await client.ConnectAsync(socket, "127.0.0.1", port, SecureSocketOptions.None);
            for (var number = Interlocked.Decrement(ref left); number >= 0; number = Interlocked.Decrement(ref left))
            {
                using var message = Message(number);
                dkim.Sign(message);
                await client.SendAsync(message);
            }

            await client.DisconnectAsync(true);
        })));
    }

    private static MimeMessage Message(int number)
    {
        const string text = "I saw that Company in City is growing. We help companies such as yours to write to people who want to hear from them. ";
        var message = new MimeMessage
        {
            Subject = "Hello there",
            Body = new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = $"Hi there,\n\n{text}\n\nWould this be of interest?\n\nUnsubscribe: https://example.com/u/{new string('x', 180)}\n" },
                new TextPart(TextFormat.Html)
                {
                    Text = $"<p>Hi there,</p><p>{text}</p><p>Would <a href=\"https://example.com/more\">this</a> be of interest?</p><p>Sender</p>"
                        + $"<p style=\"color:#777;font-size:12px\">Company, Street 1<br><a href=\"https://example.com/u/{new string('x', 180)}\">Unsubscribe</a></p>",
                },
            },
        };
        message.From.Add(new MailboxAddress("Sender", "m1@sender.example"));
        message.To.Add(new MailboxAddress(null, $"lead{number}@company.example"));
        message.Headers.Add(HeaderId.ListUnsubscribe, $"<https://example.com/u/{new string('x', 180)}>");
        message.Headers.Add(HeaderId.ListUnsubscribePost, "List-Unsubscribe=One-Click");
        return message;
    }
}
