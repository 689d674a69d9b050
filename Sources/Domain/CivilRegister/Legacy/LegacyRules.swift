import Kernel
import KhmerText
import PopulationRegister

/// What is not asked of an entry of an old book: the book was kept by the rules of its time.
enum LegacyRules {
    private static let spared: Set<String> = [
        "event.facility", "event.notice_date", "event.late_reason", "event.reason",
    ]
    private static let sparedRoles = ["informant.", "witness1.", "witness2.", "court."]

    /// Whether a field may be missing that a new declaration must fill in. Parents may where a child is born or found;
    /// where they are what the event is about they must be there.
    static func isSpared(_ field: String, of kind: VitalEventKind) -> Bool {
        if kind.entersPerson, field.hasPrefix("mother.") || field.hasPrefix("father.") { return true }
        return spared.contains(field) || sparedRoles.contains { field.hasPrefix($0) }
    }

    /// How the parts of an entry's place in a book are compared: digits of either script, one case, no outer blanks.
    static func canonical(_ text: String) -> String {
        let kept = (KhmerDigits.toASCII(text) ?? text).uppercased()
        return kept.split(separator: " ").joined(separator: " ")
    }
}

/// An event that was registered before this program knew it: in a paper book, or by another system.
public struct LegacyEntry: Sendable {
    public let kind: VitalEventKind
    /// The commune whose office keeps the book, six digits.
    public let office: String
    /// The fields of the event's form as they stand there, `legacy.book`, `legacy.page` and `legacy.number` among them.
    public let values: [String: String]
    /// The code of the child of a birth who is in the population register already.
    public let child: String?
    /// A registration number of this program's form that the event keeps.
    public let number: String?
    /// Parties of a marriage without a code of whom somebody has said that they are others than those who look like them.
    public let settled: Set<ParticipantRole>

    public init(
        _ kind: VitalEventKind, office: String, values: [String: String], child: String? = nil, number: String? = nil,
        settled: Set<ParticipantRole> = []
    ) {
        self.kind = kind
        self.office = office
        self.values = values
        self.child = child.flatMap { $0.isEmpty ? nil : $0 }
        self.number = number.flatMap { $0.isEmpty ? nil : $0 }
        self.settled = settled
    }
}

extension RumdulError {
    /// The same entry of a book, or the same number, was entered before.
    public static let civilLegacyTaken = RumdulError(
        "civil.legacy_taken", .conflict, km: "ធាតុនៃសៀវភៅនេះ ឬលេខចុះបញ្ជីនេះ ត្រូវបានបញ្ចូលរួចហើយ។",
        en: "This entry of the book, or this registration number, was entered before.")

    /// An import of a file that was not finished, begun again without saying so.
    public static let civilImportUnfinished = RumdulError(
        "civil.import_unfinished", .conflict, km: "ការនាំចូលឯកសារនេះមិនទាន់ចប់ទេ។ សូមប្រើ --resume ដើម្បីបន្ត។",
        en: "The import of this file was not finished. Use --resume to go on.")

    /// A file that cannot be imported as a whole: its header names columns that do not exist, or misses some.
    public static func civilImportHeader(_ fields: [FieldError]) -> RumdulError {
        RumdulError(
            "civil.import_header", .invalid, km: "ចំណងជើងនៃឯកសារមិនត្រឹមត្រូវទេ។",
            en: "The header of the file is not right."
        ).with(fields: fields)
    }
}
