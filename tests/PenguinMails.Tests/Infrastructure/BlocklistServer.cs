using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>A DNS server on the loopback that is authoritative for every blocklist.</summary>
internal sealed class BlocklistServer : IDisposable
{
    private readonly DnsServer _server;

    public BlocklistServer()
    {
        EndPoint = FreeEndPoint();
        _server = new DnsServer(new UdpServerTransport(EndPoint));
        _server.QueryReceived += (_, query) =>
        {
            Answer(query);
            return Task.CompletedTask;
        };
        _server.Start();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>By whole name, such as <c>2.0.0.127.zen.spamhaus.org</c>; what is not there does not exist.</summary>
    public ConcurrentDictionary<string, string[]> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names that the server fails for.</summary>
    public ConcurrentDictionary<string, ReturnCode> Faults { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>A list of addresses that works.</summary>
    public void List(string zone, string code = "127.0.0.2") => Names[$"2.0.0.127.{zone}"] = [code];

    public void Dispose()
    {
        try
        {
            _server.Stop();
        }
        catch (AggregateException stopped) when (stopped.InnerExceptions.All(inner => inner is TaskCanceledException))
        {
            // It had hardly begun to listen.
        }

        (_server as IDisposable)?.Dispose();
    }

    private void Answer(QueryReceivedEventArgs query)
    {
        if (query.Query is not DnsMessage { Questions: [var question] } message)
        {
            return;
        }

        var name = question.Name.ToString().TrimEnd('.');
        Asked.Enqueue(name);
        var response = message.CreateResponseInstance();
        response.ReturnCode = Faults.TryGetValue(name, out var fault) ? fault
            : Names.ContainsKey(name) ? ReturnCode.NoError
            : ReturnCode.NxDomain;
        if (fault == ReturnCode.NoError && Names.TryGetValue(name, out var codes))
        {
            response.AnswerRecords.AddRange(codes.Select(code => new ARecord(question.Name, 60, IPAddress.Parse(code))));
        }

        query.Response = response;
    }

    private static IPEndPoint FreeEndPoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
