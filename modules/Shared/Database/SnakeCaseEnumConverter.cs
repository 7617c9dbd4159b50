using System.Text.Json;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace PenguinMails.Shared.Database;

/// <summary>Stores an enum as the seed spells it: <c>InDoubt</c> as <c>in_doubt</c>.</summary>
public sealed class SnakeCaseEnumConverter<T>() : ValueConverter<T, string>(
    value => SnakeCase.Of(value),
    text => SnakeCase.Parse<T>(text))
    where T : struct, Enum;

/// <summary>The spelling of enum values in the database and over HTTP.</summary>
public static class SnakeCase
{
    /// <summary><c>InDoubt</c> as <c>in_doubt</c>.</summary>
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>The value that is spelled so.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static T Parse<T>(string text) where T : struct, Enum => Enum.Parse<T>(text.Replace("_", "", StringComparison.Ordinal), true);

    /// <summary>Whether a value is spelled so.</summary>
    public static bool Knows<T>(string text) where T : struct, Enum => Enum.GetValues<T>().Any(value => Of(value) == text);
}
