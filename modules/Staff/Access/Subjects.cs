namespace PenguinMails.Staff.Access;

/// <summary>What <see cref="Shared.ChangeFeed"/> is told of: any change of one forgets them all, for they change seldom.</summary>
internal static class Subjects
{
    public static readonly Guid FeatureFlags = new("0199c3a0-7f1a-7000-8000-000000000001");

    public static readonly Guid Settings = new("0199c3a0-7f1a-7000-8000-000000000002");
}
