using PenguinMails.Infrastructure.Addresses;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>Who receives a message, as numbers are kept by it.</summary>
public static class Receivers
{
    /// <summary>By the domain's name alone, without asking DNS: google, microsoft, yahoo, apple or other.</summary>
    /// <param name="domain">Of the recipient's address, in ASCII.</param>
    public static string NameOf(string domain) => ReceivingProviders.ByName(domain).Name();
}
