using System.Xml.Linq;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Host;
using PenguinMails.Shared.Jobs;
using Module = PenguinMails.Shared.Module;

namespace PenguinMails.Tests.House;

/// <summary>What a module is, what it knows and what it shows.</summary>
public sealed class ModuleTests(HostFixture host)
{
    internal static readonly string Root = FindRoot();

    private static readonly IReadOnlyList<string> InOrder = [.. Modules.InOrder.Select(NameOf)];

    public static TheoryData<string> Names() => [.. InOrder];

    [Fact]
    public void Every_folder_under_modules_is_in_the_order()
    {
        var folders = Directory.GetDirectories(Path.Combine(Root, "modules")).Select(Path.GetFileName).Except(["Host", "Shared"]);

        folders.ShouldBe(InOrder, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_module_refers_only_to_Shared_and_the_modules_before_it(string module)
    {
        var project = XDocument.Load(Path.Combine(Root, "modules", module, $"PenguinMails.{module}.csproj"));
        var references = project.Descendants("ProjectReference").Select(reference => (string?)reference.Attribute("Include")).ToList();

        var allowed = InOrder.TakeWhile(name => name != module).Append("Shared").Select(name => $"../{name}/PenguinMails.{name}.csproj");
        references.ShouldContain("../Shared/PenguinMails.Shared.csproj");
        references.ShouldBeSubsetOf(allowed);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_module_shows_only_itself_and_its_contracts(string module)
    {
        var shown = Modules.InOrder.Single(one => NameOf(one) == module).Assembly.GetExportedTypes();

        shown.Where(type => type.Namespace != $"PenguinMails.{module}.Contracts").Select(type => type.FullName)
            .ShouldBe([$"PenguinMails.{module}.{module}Module"]);
    }

    [Fact]
    public void Each_request_of_a_contract_has_one_handler()
    {
        var types = Modules.Assemblies.SelectMany(assembly => assembly.GetTypes()).ToList();
        var requests = types.Where(type => type.IsAssignableTo(typeof(IBaseRequest))).ToList();
        var handled = types.Where(type => !type.IsAbstract).SelectMany(type => type.GetInterfaces())
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() is { } generic
                && (generic == typeof(IRequestHandler<>) || generic == typeof(IRequestHandler<,>)))
            .Select(type => type.GetGenericArguments()[0]);

        requests.ShouldNotBeEmpty();
        requests.ShouldAllBe(request => request.Namespace!.EndsWith(".Contracts", StringComparison.Ordinal));
        handled.Order(Comparer<Type>.Create((one, other) => string.CompareOrdinal(one.FullName, other.FullName)))
            .ShouldBe(requests.OrderBy(request => request.FullName, StringComparer.Ordinal));
    }

    [Fact]
    public void Each_recurring_job_has_an_id_of_its_own_and_can_be_made()
    {
        var jobs = Modules.InOrder.SelectMany(module => module.Jobs).ToList();
        using var scope = host.Services.CreateScope();

        jobs.ShouldNotBeEmpty();
        jobs.Select(job => job.Id).ShouldBeUnique();
        foreach (var job in jobs)
        {
            job.Job.IsAssignableTo(typeof(IRecurringJob)).ShouldBeTrue(job.Id);
            scope.ServiceProvider.GetRequiredService(job.Job).ShouldBeOfType(job.Job);
            job.Job.GetMethod(nameof(IRecurringJob.RunAsync), [typeof(CancellationToken)]).ShouldNotBeNull(job.Id);
        }
    }

    [Fact]
    public void Every_class_that_is_a_recurring_job_is_on_its_modules_list()
    {
        var jobs = Modules.Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsAssignableTo(typeof(IRecurringJob)) && !type.IsAbstract && !type.IsInterface).ToList();

        jobs.ShouldNotBeEmpty();
        jobs.Except(Modules.InOrder.SelectMany(module => module.Jobs.Where(job => job.Job.Assembly == module.Assembly)).Select(job => job.Job))
            .ShouldBeEmpty();
    }

    private static string NameOf(Module module) => module.Assembly.GetName().Name!["PenguinMails.".Length..];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PenguinMails.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("PenguinMails.sln is in no folder above the tests.");
        }

        return folder.FullName;
    }
}
