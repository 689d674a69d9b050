import Kernel

extension ErrorRoom {
    /// Errors of documents set as PDF.
    public static let typesetting = ErrorRoom(
        "Typesetting",
        [
            ErrorEntry(
                .typesettingTextTooLong,
                cause: "One run or the whole document is longer than docs/typesetting.md allows.",
                remedy: "Shorten the text, or make several documents.", km: "សូមសរសេរឱ្យខ្លីជាងនេះ។"),
            ErrorEntry(
                .typesettingTooManyPages, cause: "The blocks need more pages than one document may have.",
                remedy: "Make several documents.", km: "សូមបំបែកជាឯកសារច្រើន។"),
            ErrorEntry(
                .typesettingBlock(""),
                cause: "A size, table, QR code or slot does not fit the page; the log says which.",
                remedy: "Correct the layout of the document."),
            ErrorEntry(
                .typesettingSlotName, cause: "Two slots share a name, or a name is empty.",
                remedy: "Name every slot differently."),
            ErrorEntry(
                .typesettingFonts(""), cause: "A font package is missing; the log names the family.",
                remedy: "Run scripts/setup.sh, or install fonts-khmeros and fonts-noto-core."),
            ErrorEntry(
                .typesettingFailed(""),
                cause: "cairo or pango reported an error, such as no memory; the log says which.",
                remedy: "Try again; if it stays, tell the operators."),
        ])
}
