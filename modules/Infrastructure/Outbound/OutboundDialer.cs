using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Outbound;

/// <summary>A connected socket, or one sentence on why there is none.</summary>
internal sealed record Dialled(Socket? Socket, string? Problem);

/// <summary>
/// Connects to hosts that tenants name, and only to public addresses: a tenant must not reach what the platform can. It
/// connects to the very address it judged, so a name that changes its answer gains nothing.
/// </summary>
internal sealed class OutboundDialer(IOptions<OutboundOptions> options)
{
    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(network => IPNetwork.Parse(network))];

    /// <summary>Asks for a name's addresses, once for each connection.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    public async Task<Dialled> ConnectAsync(string host, int port, CancellationToken ct)
    {
        IPAddress[] addresses;
        try
        {
            // The dot that ends an absolute name would hide an address from being read as one.
            var name = host.TrimEnd('.');
            addresses = IPAddress.TryParse(name, out var literal) ? [literal] : await Resolve(name, ct);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return new Dialled(null, $"The name {host} could not be resolved: {exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}.");
        }

        // What is judged is what is dialled, in its own family.
        var permitted = addresses.Select(address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).Where(IsPermitted).ToList();
        return permitted.Count == 0
            ? new Dialled(null, $"{host} is not on the public internet, and only servers there may be used.")
            : await ConnectAsync(permitted, host, port, ct);
    }

    private bool IsPermitted(IPAddress address) => PublicAddress.Is(address)
        || _allowed.Any(network => network.Contains(address) || network.Contains(PublicAddress.Reached(address)));

    private static async Task<Dialled> ConnectAsync(List<IPAddress> addresses, string host, int port, CancellationToken ct)
    {
        var problem = "";
        foreach (var address in addresses)
        {
            // Without NoDelay, Nagle and delayed acknowledgements hold each command of SMTP back for 40 ms.
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), ct);
                return new Dialled(socket, null);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                problem = $"Nothing could be reached at {host}:{port}: {exception.Message}.";
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        return new Dialled(null, problem);
    }
}
