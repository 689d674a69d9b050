import Kernel

extension ErrorRoom {
    /// Errors of typed text, numbers and dates.
    public static let khmerText = ErrorRoom(
        "KhmerText",
        [
            ErrorEntry(
                .textEmpty, cause: "Nothing but spaces was entered.", remedy: "Fill in the field.",
                km: "សូមបំពេញចន្លោះនេះ។"),
            ErrorEntry(
                .textTooLong(limit: 100), cause: "More characters than the field takes; the text names the limit.",
                remedy: "Shorten the text.", km: "សូមសរសេរឱ្យខ្លីជាងនេះ។"),
            ErrorEntry(
                .textControlCharacter, cause: "A control character came with the text, often by copying.",
                remedy: "Type the text again instead of pasting it.", km: "សូមវាយបញ្ចូលម្តងទៀត ដោយមិនចម្លងពីកន្លែងផ្សេង។"),
            ErrorEntry(
                .textBidiControl, cause: "A mark that turns the writing direction came with the text.",
                remedy: "Type the text again instead of pasting it.", km: "សូមវាយបញ្ចូលម្តងទៀត ដោយមិនចម្លងពីកន្លែងផ្សេង។"),
            ErrorEntry(
                .textUnusableCharacter, cause: "A character that Unicode has not assigned, or that no name holds.",
                remedy: "Type the text again.", km: "សូមវាយបញ្ចូលម្តងទៀត។"),
            ErrorEntry(
                .digitsMixed, cause: "One number holds Khmer and Latin digits.", remedy: "Use one kind of digits.",
                km: "សូមប្រើលេខតែមួយប្រភេទ។"),
            ErrorEntry(
                .identifierMalformed, cause: "The identifier has other characters than digits, or is too long.",
                remedy: "Check the number on the paper and type it again.",
                km: "សូមពិនិត្យលេខនៅលើឯកសារ ហើយវាយបញ្ចូលម្តងទៀត។"),
            ErrorEntry(
                .dateMalformed, cause: "There is no such day, or the form is another.",
                remedy: "Write day.month.year, such as 19.03.2026.", km: "សូមសរសេរ ថ្ងៃ.ខែ.ឆ្នាំ ដូចជា ១៩.០៣.២០២៦។"),
        ])
}
