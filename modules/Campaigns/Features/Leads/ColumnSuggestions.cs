using PenguinMails.Campaigns.Leads;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>Guesses what the columns of a file are, from their names and first values.</summary>
internal static class ColumnSuggestions
{
    // As people and their programs call them, letters only; in the languages of the field.
    private static readonly Dictionary<string, string[]> Words = new()
    {
        ["email"] = ["email", "mail", "emailaddress", "mailaddress", "workemail", "businessemail", "contactemail", "courriel", "correo", "emailadresse"],
        ["first_name"] = ["firstname", "first", "givenname", "forename", "prenom", "vorname", "nombre"],
        ["last_name"] = ["lastname", "last", "surname", "familyname", "nachname", "apellido", "apellidos"],
        ["name"] = ["name", "fullname", "contact", "contactname", "person", "personname"],
        ["company"] = ["company", "companyname", "organization", "organisation", "account", "accountname", "employer", "business", "firma", "empresa", "societe"],
    };

    public static IReadOnlyList<PreviewImport.Column> For(IReadOnlyList<string> header, IReadOnlyList<string[]> rows)
    {
        var taken = new HashSet<string>();
        var columns = new PreviewImport.Column[header.Count];
        // What is certain goes first, whatever its place.
        foreach (var (index, guess) in header.Index().Select(cell => (cell.Index, Guess: Guess(cell.Item.Trim(), rows.Select(row => row.ElementAtOrDefault(cell.Index)))))
            .OrderByDescending(cell => cell.Guess.Confidence))
        {
            var isFree = guess.Target is not null && taken.Add(guess.Target);
            columns[index] = new PreviewImport.Column(header[index], isFree ? guess.Target : null, isFree ? guess.Confidence : 0);
        }

        return columns;
    }

    private static (string? Target, double Confidence) Guess(string name, IEnumerable<string?> values)
    {
        if (LeadColumns.Known(name) is { } known)
        {
            return (known, 1);
        }

        var letters = string.Concat(name.Normalize(System.Text.NormalizationForm.FormD).Where(char.IsAsciiLetter)).ToLowerInvariant();
        var filled = values.Where(value => !string.IsNullOrWhiteSpace(value)).ToList();
        return Words.FirstOrDefault(field => field.Value.Contains(letters)).Key is { } field ? (field, 0.9)
            : filled.Count > 0 && filled.TrueForAll(value => EmailAddress.Normalise(value!.Trim()) is not null) ? ("email", 0.7)
            : name.Length > 0 ? (LeadColumns.CustomFor(name), 0.3)
            : (null, 0);
    }
}
