using PenguinMails.Benchmarks;

// dotnet run -c Release --project tests/PenguinMails.Benchmarks -- import [rows] | search [most leads] | rls
var size = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000;
await using var place = await Place.OpenAsync();
var results = args.FirstOrDefault() switch
{
    "import" => await ImportBenchmark.RunAsync(place, size),
    "search" => await SearchBenchmark.RunAsync(place, size),
    "rls" => await ReadBenchmark.RunAsync(place),
    _ => throw new ArgumentException("Say what to measure: import [rows], search [most leads] or rls."),
};
return Result.Print(results);
