using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Host.Embedded;

internal static class LoopbackPort
{
    /// <summary>A port nobody listens on now; whoever uses it must still be ready to lose it.</summary>
    internal static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
