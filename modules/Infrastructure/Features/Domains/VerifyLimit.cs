using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>Checks that are asked for, by domain.</summary>
internal sealed class VerifyLimit() : CallLimit(10, TimeSpan.FromMinutes(1), segments: 6);
