import Kernel

/// The gate for text that people type: bounded, without control characters, and without marks that make it look like
/// another text.
public enum TextInput {
    /// The most Unicode scalars of a name, as typed.
    public static let nameLimit = 100

    /// How many lines a text may have.
    public enum Lines: Sendable {
        /// One line; a line end or tab is refused.
        case single
        /// Several lines, ended by LF or CR LF; tabs are allowed.
        case many
    }

    /// A single-line text in display form.
    ///
    /// - Parameter limit: the most Unicode scalars as typed.
    /// - Throws: `text.empty`, `text.too_long`, `text.control_character`, `text.bidi_control`,
    ///   `text.unusable_character`.
    public static func clean(_ entered: String, limit: Int = nameLimit) throws(RumdulError) -> String {
        try KhmerText(entered, limit: limit).display
    }

    /// A text of several lines: each line in display form, joined by LF, blank lines at both ends gone.
    ///
    /// - Parameter limit: the most Unicode scalars as typed.
    /// - Throws: as `clean(_:limit:)`.
    public static func cleanLines(_ entered: String, limit: Int) throws(RumdulError) -> String {
        try check(entered, limit: limit, lines: .many)
        var lines = entered.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { KhmerText.display(of: String($0)) }[...]
        while lines.first?.isEmpty == true { lines.removeFirst() }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard !lines.isEmpty else { throw .textEmpty }
        return lines.joined(separator: "\n")
    }

    /// Checks a text as typed without changing it. An empty text passes.
    ///
    /// - Throws: `text.too_long`, `text.control_character`, `text.bidi_control`, `text.unusable_character`.
    public static func check(_ entered: String, limit: Int, lines: Lines) throws(RumdulError) {
        // A scalar takes at most four bytes: this stops a huge text before it is walked.
        guard entered.utf8.count / 4 <= limit else { throw .textTooLong(limit: limit) }
        var count = 0
        for scalar in entered.unicodeScalars {
            count += 1
            guard count <= limit else { throw .textTooLong(limit: limit) }
            try check(scalar, lines: lines)
        }
    }

    private static func check(_ scalar: Unicode.Scalar, lines: Lines) throws(RumdulError) {
        switch scalar.value {
        case 0x20...0x7E, 0x1780...0x17DD, 0x17E0...0x17E9:
            return
        case 0x09, 0x0A, 0x0D:
            guard case .many = lines else { throw .textControlCharacter }
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069:
            throw .textBidiControl
        case 0xAD, 0x200B...0x200D, 0x2060, 0xFEFF:
            return
        case 0xFFFC, 0xFFFD:
            throw .textUnusableCharacter
        default:
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: throw .textControlCharacter
            case .format, .privateUse, .unassigned, .surrogate: throw .textUnusableCharacter
            default: return
            }
        }
    }
}
