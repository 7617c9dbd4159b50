using System.Net;
using Garnet;
using Garnet.server;
using Tsavorite.core;

namespace PenguinMails.Tests.Processes;

/// <summary>A Redis of the test's own, which it can take away.</summary>
internal static class OwnRedis
{
    public static GarnetServer Start(int port)
    {
        var server = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            EnableLua = true,
            LuaOptions = new LuaOptions(),
            LogMemorySize = "64m",
            PageSize = "1m",
            IndexMemorySize = "8m",
            DeviceFactoryCreator = new LocalStorageNamedDeviceFactoryCreator(deviceType: DeviceType.RandomAccess),
            QuietMode = true,
        });
        server.Start();
        return server;
    }
}
