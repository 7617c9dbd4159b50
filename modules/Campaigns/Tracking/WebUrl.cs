namespace PenguinMails.Campaigns.Tracking;

/// <summary>What a link may lead to.</summary>
internal static class WebUrl
{
    public static bool IsOne(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Host.Length > 0;

    /// <summary>As it can stand in a header; as it was written where that can.</summary>
    public static string ForHeader(string text)
    {
        if (text.All(letter => letter is > ' ' and < '\x7f'))
        {
            return text;
        }

        var url = new Uri(text);
        return new UriBuilder(url) { Host = url.IdnHost }.Uri.AbsoluteUri;
    }
}
