import Codecs
import Kernel

/// A scanned page of an old register book, to be keyed twice.
public struct BookPage: Sendable, Hashable {
    public let id: String
    public let kind: VitalEventKind
    /// The commune that keeps the book, six digits.
    public let office: String
    public let book: String
    public let page: String
    public let mediaType: EvidenceMediaType
    /// In bytes.
    public let size: Int
    public let sha256: [UInt8]
    public let addedAt: Instant

    /// The digest as 64 hexadecimal digits: what the record of each entry names.
    public var digest: String {
        Hex.encode(sha256)
    }
}

/// One entry of a page on its way into the register: two officers key it, neither seeing what the other wrote; where they
/// differ a third one looks and decides.
public struct KeyedEntry: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
        /// One officer has keyed it.
        case half
        /// The two differ, or the register refuses what both wrote.
        case differs
        /// The record is made.
        case entered
    }

    public let id: String
    public let page: String
    /// The number in the book.
    public let number: String
    public internal(set) var state: State
    public internal(set) var first: String
    public internal(set) var second: String?
    public internal(set) var third: String?
    public internal(set) var record: String?

    /// Whether an officer had a part in it.
    public func wasTouched(by officer: String) -> Bool { [first, second, third].contains(officer) }
}

/// A keyed entry with both versions, for who decides.
public struct DisputedEntry: Sendable {
    public let entry: KeyedEntry
    public let page: BookPage
    public let first: [String: String]
    public let second: [String: String]

    /// The fields that differ, in the order of the form.
    public var differing: [String] {
        EventForm.of(page.kind).fields.map(\.id).filter { first[$0] != second[$0] }
    }
}

extension EventForm {
    /// The fields that are keyed: the page itself says the others.
    public static let givenByPage: Set<String> = ["legacy.book", "legacy.page", "legacy.number", "legacy.image"]
}
