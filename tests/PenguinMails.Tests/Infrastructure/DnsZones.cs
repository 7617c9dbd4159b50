using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;

namespace PenguinMails.Tests.Infrastructure;

public enum DnsTrouble
{
    ServFail,
    Refused,

    /// <summary>Never an answer.</summary>
    Silence,

    /// <summary>Over UDP only that the answer is too long for it.</summary>
    Truncation,
}

/// <summary>A real DNS server on loopback, over UDP and TCP, that answers as a resolver would from what tests have told it.</summary>
internal sealed class DnsZones : IDisposable
{
    private const int Ttl = 60;

    private readonly ConcurrentDictionary<(string Name, RecordType Type), string[]> _records = new();
    private readonly ConcurrentDictionary<string, DnsTrouble> _troubles = new();
    private readonly DnsServer _server;

    private DnsZones(IPEndPoint endPoint)
    {
        EndPoint = endPoint;
        _server = new DnsServer(new UdpServerTransport(endPoint), new TcpServerTransport(endPoint));
        _server.QueryReceived += AnswerAsync;
        _server.Start();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Each question as <c>TXT name</c>, in the order they came.</summary>
    public ConcurrentQueue<string> Questions { get; } = [];

    public static DnsZones Start()
    {
        while (true)
        {
            using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            var endPoint = (IPEndPoint)udp.Client.LocalEndPoint!;
            udp.Close();
            try
            {
                return new DnsZones(endPoint);
            }
            catch (SocketException)
            {
                // Somebody has the same port over TCP.
            }
        }
    }

    /// <summary>Publishes records, each as <c>www.@ A 192.0.2.1</c> where the at sign is the domain; of one name and type all at once.</summary>
    public void Publish(string domain, params string[] lines)
    {
        foreach (var group in lines.Select(line => line.Split(' ', 3)).GroupBy(parts => (parts[0], parts[1])))
        {
            Set(group.Key.Item1.Replace("@", domain), group.Key.Item2, [.. group.Select(parts => parts[2].Replace("@", domain))]);
        }
    }

    /// <summary>What a name holds of a type from now on; nothing takes it away.</summary>
    public void Set(string name, string type, params string[] values)
    {
        var key = (name.ToLowerInvariant(), Enum.Parse<RecordType>(type, ignoreCase: true));
        if (values.Length == 0)
        {
            _records.TryRemove(key, out _);
        }
        else
        {
            _records[key] = values;
        }
    }

    /// <summary>What becomes of every question for this name; null: it is answered.</summary>
    public void Trouble(string name, DnsTrouble? trouble)
    {
        _troubles.TryRemove(name, out _);
        if (trouble is { } kind)
        {
            _troubles[name] = kind;
        }
    }

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
    }

    private Task AnswerAsync(object sender, QueryReceivedEventArgs received)
    {
        var query = (DnsMessage)received.Query;
        var question = query.Questions[0];
        var name = question.Name.ToString().TrimEnd('.').ToLowerInvariant();
        Questions.Enqueue($"{question.RecordType.ToString().ToUpperInvariant()} {name}");
        DnsTrouble? trouble = _troubles.TryGetValue(name, out var known) ? known : null;
        var response = query.CreateResponseInstance();
        response.IsRecursionAllowed = true;
        response.IsTruncated = trouble == DnsTrouble.Truncation && received.TransportProtocol == TransportProtocol.Udp;
        response.ReturnCode = trouble switch
        {
            DnsTrouble.ServFail => ReturnCode.ServerFailure,
            DnsTrouble.Refused => ReturnCode.Refused,
            _ => Exists(name) ? ReturnCode.NoError : ReturnCode.NxDomain,
        };
        response.AnswerRecords.AddRange(trouble is DnsTrouble.ServFail or DnsTrouble.Refused || response.IsTruncated ? [] : Records(name, question.RecordType));
        received.Response = trouble == DnsTrouble.Silence ? null : response;
        return Task.CompletedTask;
    }

    // A name exists when something is there or below.
    private bool Exists(string name) => _records.Keys.Any(key => key.Name == name || key.Name.EndsWith($".{name}", StringComparison.Ordinal));

    private IEnumerable<DnsRecordBase> Records(string name, RecordType type)
    {
        if (type != RecordType.CName && _records.TryGetValue((name, RecordType.CName), out var aliases))
        {
            return [.. Records(name, RecordType.CName), .. Records(aliases[0], type)];
        }

        return _records.TryGetValue((name, type), out var values) ? values.Select(value => Record(DomainName.Parse(name), type, value)) : [];
    }

    private static DnsRecordBase Record(DomainName name, RecordType type, string value) => type switch
    {
        RecordType.Txt => new TxtRecord(name, Ttl, value.Chunk(255).Select(part => new string(part))),
        RecordType.Mx => new MxRecord(name, Ttl, ushort.Parse(value.Split(' ')[0]), value.Split(' ')[1] is "." ? DomainName.Root : DomainName.Parse(value.Split(' ')[1])),
        RecordType.CName => new CNameRecord(name, Ttl, DomainName.Parse(value)),
        RecordType.A => new ARecord(name, Ttl, IPAddress.Parse(value)),
        RecordType.Aaaa => new AaaaRecord(name, Ttl, IPAddress.Parse(value)),
        _ => throw new NotSupportedException($"No record of type {type}."),
    };
}
