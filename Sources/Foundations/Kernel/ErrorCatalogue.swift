/// What the documentation says about one error: `docs/errors.md` and the pages under `/errors` are made from it.
public struct ErrorEntry: Sendable {
    /// The stable code. A code that ends in `.*` stands for all codes that begin so.
    public let code: String
    public let kind: ErrorKind
    /// The HTTP status where it is not the one of the kind.
    public let status: Int?
    /// What the person reads.
    public let text: LocalizedText
    /// How it comes about, in English.
    public let cause: String
    /// What to do, in English.
    public let remedy: String
    /// What to do, in Khmer, where a person sees the error on a page, on the phone or at a counter.
    public let khmerRemedy: String?

    /// The entry of a declared error, with the error's own texts.
    public init(_ error: RumdulError, status: Int? = nil, cause: String, remedy: String, km: String? = nil) {
        self.init(
            error.code, error.kind, status: status, text: error.message, cause: cause, remedy: remedy, km: km)
    }

    /// The entry of an error that is declared elsewhere.
    public init(
        _ code: String, _ kind: ErrorKind, status: Int? = nil, text: LocalizedText, cause: String, remedy: String,
        km: String? = nil
    ) {
        self.code = code
        self.kind = kind
        self.status = status
        self.text = text
        self.cause = cause
        self.remedy = remedy
        khmerRemedy = km
    }
}

/// The errors of one room. Each room declares its own: `extension ErrorRoom { public static let ledger = ... }`.
public struct ErrorRoom: Sendable {
    /// The room's name, as a heading.
    public let name: String
    public let entries: [ErrorEntry]

    public init(_ name: String, _ entries: [ErrorEntry]) {
        self.name = name
        self.entries = entries
    }
}

/// The errors of several rooms.
public struct ErrorCatalogue: Sendable {
    public let rooms: [ErrorRoom]
    private let entries: [String: ErrorEntry]

    /// Of entries with the same code the first counts.
    public init(_ rooms: [ErrorRoom]) {
        self.rooms = rooms
        entries = Dictionary(rooms.flatMap(\.entries).map { ($0.code, $0) }) { first, _ in first }
    }

    /// The entry of a code: its own, or that of its family (`rp.token.*`); `nil` when there is none.
    public subscript(code: String) -> ErrorEntry? {
        if let entry = entries[code] { return entry }
        guard let dot = code.lastIndex(of: ".") else { return nil }
        return entries[code[...dot] + "*"]
    }
}

extension ErrorRoom {
    /// Errors of no room in particular.
    public static let kernel = ErrorRoom(
        "Kernel",
        [
            ErrorEntry(
                .internal(""), cause: "A fault of the program or of its surroundings; the log says more.",
                remedy: "Try again later. If it stays, tell the operators the reference number.",
                km: "សូមព្យាយាមម្តងទៀតនៅពេលក្រោយ។ បើនៅតែមាន សូមប្រាប់លេខយោងដល់អ្នកប្រតិបត្តិ។")
        ])
}
