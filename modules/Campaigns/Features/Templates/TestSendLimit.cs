using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>Section <c>TestSends</c>.</summary>
internal sealed record TestSendOptions
{
    /// <summary>Test messages an hour that one person, or a tenant's programs together, may send.</summary>
    [Range(1, 10_000)]
    public int PerHour { get; init; } = 20;
}

/// <summary>Test messages by person. The mailbox's day bounds those of all hosts.</summary>
internal sealed class TestSendLimit(IOptions<TestSendOptions> options) : CallLimit(options.Value.PerHour, TimeSpan.FromHours(1), segments: 12);
