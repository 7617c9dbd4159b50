using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet;
using Garnet.server;
using Garnet.server.Auth.Settings;
using Tsavorite.core;

namespace PenguinMails.Host.Embedded;

/// <summary>Garnet inside the host's process: answers as Redis, forgets when the host stops.</summary>
internal sealed class EmbeddedRedis : IDisposable
{
    private readonly GarnetServer _server;

    private EmbeddedRedis(GarnetServer server, string connectionString) => (_server, ConnectionString) = (server, connectionString);

    /// <summary>As StackExchange.Redis reads it.</summary>
    internal string ConnectionString { get; }

    internal static EmbeddedRedis Start(string dataRoot)
    {
        // Any user of the machine can reach the port.
        var password = RandomNumberGenerator.GetHexString(48, lowercase: true);
        for (var attempt = 1; ; attempt++)
        {
            var port = LoopbackPort.Free();
            var server = new GarnetServer(Options(port, password, Path.Combine(dataRoot, "redis")));
            try
            {
                server.Start();
                return new EmbeddedRedis(server, $"127.0.0.1:{port},password={password}");
            }
            catch (SocketException) when (attempt < 5)
            {
                server.Dispose();
            }
        }
    }

    public void Dispose() => _server.Dispose();

    private static GarnetServerOptions Options(int port, string password, string directory) => new()
    {
        EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
        AuthSettings = new PasswordAuthenticationSettings(password),
        EnableLua = true,
        LuaOptions = new LuaOptions(),
        LogMemorySize = "64m",
        PageSize = "1m",
        IndexMemorySize = "8m",
        CheckpointDir = directory,
        DeviceFactoryCreator = new LocalStorageNamedDeviceFactoryCreator(deviceType: DeviceType.RandomAccess),
        QuietMode = true,
    };
}
