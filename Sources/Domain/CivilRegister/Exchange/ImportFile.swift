import Kernel
import ReferenceData

/// What the lines of a file are.
public enum ImportKind: String, Sendable, CaseIterable {
    /// People without events, each with a code that was given out before.
    case person
    // In the order in which files that hang together come in: whom an event needs stands before it.
    case birth, foundling, foetalDeath, marriage, judicialSeparation, divorce, annulment
    case recognition, legitimation, adoption, nameChange, sexCorrection, nationalityChange
    case presumedDeath, death

    /// The kind of event; `nil` for people.
    public var event: VitalEventKind? { VitalEventKind(rawValue: rawValue) }

    /// The columns that a file may have, in the order of an export.
    public var columns: [String] {
        guard let event else { return PersonColumns.all }
        let fields = EventForm.of(event).fields.map(\.id)
        let own = event.entersPerson ? ["child.person"] : event == .marriage ? ["spouse1.new", "spouse2.new"] : []
        return ["number", "office"] + own + fields
    }
}

/// One reason why a line was refused.
public struct ImportRefusal: Sendable, Hashable {
    /// The line of the file, from 1 (the header).
    public let line: Int
    /// The column; empty when it is about the whole line.
    public let column: String
    /// A stable code.
    public let code: String
    /// Why, without anything of the line.
    public let text: LocalizedText

    public init(line: Int, column: String = "", code: String, text: LocalizedText) {
        self.line = line
        self.column = column
        self.code = code
        self.text = text
    }
}

/// The header of a file, and what a line says under it.
public struct ImportHeader: Sendable {
    /// A line may be 64 KiB long, a field 4,000 bytes, a header 160 columns.
    public static let limits = CSVLimits(lineBytes: 64 << 10, fields: 160, fieldBytes: 4_000)
    /// Lines of one file.
    public static let mostLines = 10_000_000

    public let kind: ImportKind
    public let columns: [String]

    /// Throws `civil.import_header` with each column that is unknown, named twice, or missing.
    public init(_ columns: [String], kind: ImportKind) throws(RumdulError) {
        let known = Set(kind.columns)
        var seen: Set<String> = []
        var errors: [FieldError] = []
        for column in columns {
            if !known.contains(column) {
                errors.append(
                    FieldError(
                        String(column.prefix(60)), LocalizedText(km: "មិនស្គាល់ជួរឈរនេះទេ។", en: "This column is not known.")))
            } else if !seen.insert(column).inserted {
                errors.append(
                    FieldError(column, LocalizedText(km: "ជួរឈរនេះមានពីរដង។", en: "This column stands twice in the header."))
                )
            }
        }
        for column in kind.event == nil ? ["code", "sex"] : ["event.date"] where !seen.contains(column) {
            errors.append(FieldError(column, LocalizedText(km: "ខ្វះជួរឈរនេះ។", en: "This column is missing.")))
        }
        guard errors.isEmpty else { throw .civilImportHeader(errors) }
        self.kind = kind
        self.columns = columns
    }

    /// The values of a line by column, empty ones left out. Cells that a spreadsheet would take for a formula are refused
    /// by their column.
    func values(_ fields: [String]) throws(RumdulError) -> [String: String] {
        var values: [String: String] = [:]
        var errors: [FieldError] = []
        for (column, cell) in zip(columns, fields) where !cell.isEmpty {
            // An export puts an apostrophe before what a spreadsheet would take for a formula.
            let isGuarded = cell.utf8.first == UInt8(ascii: "'") && Self.isFormula(String(cell.dropFirst()))
            let text = isGuarded ? String(cell.dropFirst()) : cell
            if !isGuarded, Self.isFormula(text) {
                errors.append(
                    FieldError(
                        column, LocalizedText(km: "ក្រឡានេះមើលទៅដូចរូបមន្ត។", en: "This cell looks like a formula.")))
            }
            values[column] = text
        }
        guard errors.isEmpty else { throw .civilInvalid(errors) }
        return values
    }

    /// `=` and `@` begin formulas; so do `+` and `-` unless a number follows.
    static func isFormula(_ text: String) -> Bool {
        switch text.utf8.first {
        case UInt8(ascii: "="), UInt8(ascii: "@"): true
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            !text.utf8.dropFirst().allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: " ") }
        default: false
        }
    }
}

/// A line of CSV as it is written: quoted where needed, and never a formula for a spreadsheet.
public enum CSVText {
    /// - Parameter isGuarded: whether cells that begin like a formula get an apostrophe.
    public static func line(_ cells: [String], isGuarded: Bool = true) -> String {
        cells.map { cell in
            let text = isGuarded && ImportHeader.isFormula(cell) ? "'" + cell : cell
            let isPlain = text.utf8.allSatisfy { $0 != 34 && $0 != 44 && $0 != 10 && $0 != 13 }
            return isPlain
                ? text
                : "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }.joined(separator: ",") + "\n"
    }
}
