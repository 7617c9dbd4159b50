using System.Globalization;
using PenguinMails.Benchmarks;
using PenguinMails.Host.Embedded.Mail;

// dotnet run -c Release --project tests/PenguinMails.Benchmarks -- import [rows] | search [most leads] | rls
//     | send [messages] | send-queue [most queued] | send-fair [most queued] | table [--quick] | quick
switch (args)
{
    // Parts of the others, which run apart.
    case ["sink"]:
        await using (var sink = MailSink.Start(new MailSinkOptions { OnMessage = (_, _, _) => ValueTask.FromResult(SmtpReply.Ok) }))
        {
            Console.WriteLine(sink.Port);
            await Task.Delay(Timeout.Infinite);
        }

        return 0;
    case ["bare", var port, var messages, var keyFile]:
        await BareSend.RunAsync(Number(port), Number(messages), keyFile);
        return 0;
    case ["bare-page", var database, var tenant]:
        await PageBenchmark.ServeAsync(database, Guid.Parse(tenant));
        return 0;

    // All that is promised, for the README.
    case ["table"]:
        return Result.PrintTable(await Table.RunAsync(isQuick: false));
    case ["table", "--quick"] or ["quick"]:
        return Result.PrintTable(await Table.RunAsync(isQuick: true));
}

await using var place = await Place.OpenAsync();
return Result.Print(args.FirstOrDefault() switch
{
    "import" => await ImportBenchmark.RunAsync(place, SizeOr(1_000_000)),
    "search" => await SearchBenchmark.RunAsync(place, SizeOr(1_000_000)),
    "rls" => await ReadBenchmark.RunAsync(place),
    "send" => await SendBenchmark.RunAsync(place, SizeOr(20_000)),
    "send-queue" => await SendBenchmark.QueueAsync(place, SizeOr(1_000_000)),
    "send-fair" => await SendBenchmark.FairAsync(place, SizeOr(1_000_000)),
    _ => throw new ArgumentException("Say what to measure: table [--quick], import [rows], search [most leads], rls, send [messages], send-queue [queued] or send-fair [queued]."),
});

int SizeOr(int usual) => args.Length > 1 ? Number(args[1]) : usual;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
