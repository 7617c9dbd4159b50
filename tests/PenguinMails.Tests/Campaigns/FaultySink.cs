using System.Collections.Concurrent;
using System.Net;
using MimeKit;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Campaigns;

/// <summary>An SMTP server of the test's own that asks for a password and whose faults can be changed while it runs.</summary>
internal sealed class FaultySink : IAsyncDisposable
{
    public static readonly SmtpLogin Login = new("someone", "smtp-password-1");

    private readonly MailSink _sink;

    public FaultySink(int port = 0, IPAddress? address = null) => _sink = MailSink.Start(new MailSinkOptions
    {
        Address = address ?? IPAddress.Loopback,
        Port = port,
        Login = Login,
        OnSender = _ => OnSender?.Invoke(),
        OnRecipient = _ => OnRecipient?.Invoke(),
        OnData = _ => OnData?.Invoke(),
        OnMessage = async (_, bytes, ct) =>
        {
            using var stream = new MemoryStream();
            foreach (var segment in bytes)
            {
                await stream.WriteAsync(segment, ct);
            }

            stream.Position = 0;
            Taken.Enqueue(await MimeMessage.LoadAsync(stream, ct));
            return OnMessage is null ? SmtpReply.Ok : await OnMessage();
        },
    });

    public Func<SmtpReply?>? OnSender { get; set; }
    public Func<SmtpReply?>? OnRecipient { get; set; }
    public Func<SmtpReply?>? OnData { get; set; }
    public Func<Task<SmtpReply>>? OnMessage { get; set; }

    /// <summary>Each message whose final dot came in, whatever was answered then.</summary>
    public ConcurrentQueue<MimeMessage> Taken { get; } = [];

    public int Port => _sink.Port;

    /// <summary>How a mailbox names it.</summary>
    public object Settings => new { Host = IPAddress.Loopback.ToString(), Port, Username = Login.User, Login.Password, Security = "none" };

    public ValueTask DisposeAsync() => _sink.DisposeAsync();
}
