using System.Collections.Frozen;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Domains of providers that anybody has a mailbox at: two of their users have nothing to do with each other.</summary>
internal static class SharedMailDomains
{
    private static readonly FrozenSet<string> Known = new[]
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "live.com", "msn.com", "yahoo.com",
        "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.co.in", "yahoo.co.jp", "ymail.com", "rocketmail.com", "aol.com", "icloud.com", "me.com", "mac.com",
        "gmx.com", "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "proton.me", "protonmail.com", "pm.me", "tuta.com",
        "tutanota.com", "fastmail.com", "hey.com", "zoho.com", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "qq.com", "163.com", "126.com",
        "naver.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it", "seznam.cz", "wp.pl",
        "o2.pl", "onet.pl", "interia.pl", "bluewin.ch", "ziggo.nl", "kpnmail.nl", "telenet.be", "skynet.be", "comcast.net", "verizon.net", "att.net",
        "sbcglobal.net", "cox.net", "btinternet.com", "sky.com", "virginmedia.com", "shaw.ca", "rogers.com", "bigpond.com", "uol.com.br", "terra.com.br",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Holds(string domain) => Known.Contains(domain);
}
