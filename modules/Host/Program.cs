return await PenguinMails.Host.HostProgram.RunAsync(args);
