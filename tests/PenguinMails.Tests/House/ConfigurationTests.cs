using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Host;

namespace PenguinMails.Tests.House;

/// <summary>
/// The reference of settings says what the options classes say. With PENGUINMAILS_WRITE_REFERENCE set it is written instead of compared.
/// </summary>
public sealed partial class ConfigurationTests(HostFixture host)
{
    private const string Head = """
        # Settings

        Every setting that an options class binds, with the name it has as an environment variable. A test fails while this file says something else
        than the classes; `PENGUINMAILS_WRITE_REFERENCE=1 dotnet test` writes it anew. What is read before there are options, connection strings for
        example, is in the README.

        """;

    private readonly Dictionary<Assembly, Dictionary<string, XElement>> _documents = [];

    [Fact]
    public void The_reference_is_what_the_options_classes_say()
    {
        var options = Modules.Assemblies.Append(typeof(Modules).Assembly).SelectMany(assembly => assembly.GetTypes())
            .Where(IsBound).OrderBy(SectionOf, StringComparer.Ordinal).ToList();
        options.Count.ShouldBeGreaterThan(15);
        options.Where(type => SectionOf(type) is null).Select(type => type.Name).ShouldBeEmpty("Options say their section: by a constant, or at the beginning of their summary.");

        var text = Head + string.Concat(options.Select(Describe));

        var file = Path.Combine(ModuleTests.Root, "modules", "Host", "configuration.md");
        if (Environment.GetEnvironmentVariable("PENGUINMAILS_WRITE_REFERENCE") is not null)
        {
            File.WriteAllText(file, text);
        }

        File.ReadAllText(file).ShouldBe(text, "modules/Host/configuration.md is stale: run this test with PENGUINMAILS_WRITE_REFERENCE=1.");
    }

    // What is bound is validated. The key ring's are read before there are any.
    private bool IsBound(Type type) => type.Name == "KeyRingOptions"
        || (type is { IsClass: true, ContainsGenericParameters: false } && type.Name.EndsWith("Options", StringComparison.Ordinal)
            && host.Services.GetServices(typeof(IValidateOptions<>).MakeGenericType(type)).Any());

    private string Describe(Type type)
    {
        var section = SectionOf(type)!;
        var defaults = Activator.CreateInstance(type)!;
        var lines = new StringBuilder($"\n## {section.Replace("__", ":")}\n\n");
        if (Rest(SummaryOf(type.Assembly, $"T:{NameOf(type)}")) is { Length: > 0 } rest)
        {
            lines.Append($"{rest}\n\n");
        }

        lines.Append("| setting | kind | default | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            lines.Append($"| `{section}__{property.Name}` | {KindOf(property)} | {DefaultOf(property.GetValue(defaults))} | "
                + $"{SummaryOf(type.Assembly, $"P:{NameOf(type)}.{property.Name}")} |\n");
        }

        return lines.ToString();
    }

    // By a constant, or as the summary begins: "Section <c>Mail</c>".
    private string? SectionOf(Type type)
    {
        var summary = Section().Match(SummaryOf(type.Assembly, $"T:{NameOf(type)}"));
        var section = type.GetField("Section")?.GetRawConstantValue() as string ?? (summary.Success ? summary.Groups[1].Value : null);
        return section?.Replace(":", "__");
    }

    private static string Rest(string summary)
    {
        // Why it is no record is its reader's in the code alone.
        var rest = NoRecord().Replace(Section().Replace(summary, ""), "").TrimStart('.', ':', ';', ',', ' ').TrimEnd();
        return rest.Length == 0 ? "" : char.ToUpperInvariant(rest[0]) + rest[1..];
    }

    private static string KindOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var kind = type == typeof(bool) ? "true or false"
            : type.IsEnum ? string.Join(", ", Enum.GetNames(type))
            : type.IsArray ? "list: `__0`, `__1` ..."
            : type.IsGenericType ? "by name: `__<name>`"
            : type == typeof(Uri) ? "address"
            : type == typeof(TimeSpan) ? "time"
            : type.IsPrimitive || type == typeof(decimal) ? "number"
            : type == typeof(string) ? "text"
            : "several: `__<name>`";
        return property.GetCustomAttribute<RangeAttribute>() is { } range ? $"{kind}, {Text(range.Minimum)} to {Text(range.Maximum)}" : kind;
    }

    private static string DefaultOf(object? value) => value switch
    {
        null or "" => "",
        string or Uri => $"`{value}`",
        bool isOn => isOn ? "true" : "false",
        System.Collections.IEnumerable => "",
        _ when value.GetType() is { IsPrimitive: true } or { IsEnum: true } || value is decimal => Text(value),
        _ => "",
    };

    // The most that a number can be is no limit worth reading.
    private static string Text(object number) => number is int.MaxValue or long.MaxValue ? "any" : Convert.ToString(number, CultureInfo.InvariantCulture)!;

    private string SummaryOf(Assembly assembly, string member)
    {
        if (!_documents.TryGetValue(assembly, out var document))
        {
            document = _documents[assembly] = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
                .ToDictionary(element => element.Attribute("name")!.Value);
        }

        var summary = document.GetValueOrDefault(member);
        var text = summary?.Element("inheritdoc")?.Attribute("cref") is { } other
            ? SummaryOf(assembly, other.Value)
            : string.Concat(summary?.Element("summary")?.Nodes().Select(TextOf) ?? []);
        return Blanks().Replace(text, " ").Trim();
    }

    private static string TextOf(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        _ => "",
    };

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    [GeneratedRegex("^Section `([A-Za-z:]+)`")]
    private static partial Regex Section();

    [GeneratedRegex(@"A class,[^.]*\.")]
    private static partial Regex NoRecord();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
