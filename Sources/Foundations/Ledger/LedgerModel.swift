import Codecs
import Crypto
import Database
import Kernel

/// What is to be written into the ledger. It holds no secrets, and of persons only their opaque identifiers.
public struct LedgerEntry: Sendable {
    /// The stream: 1 to 64 lower-case ASCII letters, digits, dots, hyphens and underscores. Use `Ledger.shard` for busy
    /// ones.
    public var stream: String
    /// What happened, in the owner's vocabulary (`access.disclosed`): 1 to 64 bytes.
    public var kind: String
    /// Whom it is about: an opaque identifier of at most 128 bytes by which entries are found, or `nil`.
    public var subject: String?
    /// The facts. Stored as canonical JSON (RFC 8785) of at most 64 KiB.
    public var payload: JSONValue

    public init(stream: String, kind: String, subject: String? = nil, payload: JSONValue) {
        self.stream = stream
        self.kind = kind
        self.subject = subject
        self.payload = payload
    }

    /// The canonical payload of a good entry. Throws `ledger.entry`, `codec.json`.
    func checkedPayload() throws -> [UInt8] {
        guard Self.isName(stream), (1...64).contains(kind.utf8.count), (subject?.utf8.count ?? 0) <= 128 else {
            throw RumdulError.ledgerEntry
        }
        let bytes = try CanonicalJSON.encode(payload)
        guard bytes.count <= 1 << 16 else { throw RumdulError.ledgerEntry.because("payload of \(bytes.count) bytes") }
        return bytes
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 || $0 == 95
            }
    }
}

/// Where an entry stands.
public struct LedgerPosition: Sendable, Hashable {
    public let stream: String
    /// From 1 without gaps in each stream.
    public let sequence: Int64
    /// The hash of the entry, 32 bytes.
    public let hash: [UInt8]
}

/// An entry as it stands in the ledger.
public struct LedgerRecord: Sendable, Hashable {
    public var stream: String
    /// From 1 without gaps in each stream.
    public var sequence: Int64
    public var at: Instant
    public var kind: String
    public var subject: String?
    /// The canonical JSON of the facts.
    public var payload: [UInt8]
    /// The hash of the entry before, 32 zero bytes for the first.
    public var previousHash: [UInt8]
    /// The stored hash.
    public var hash: [UInt8]

    /// The facts as a value. Throws `codec.json`.
    public func value() throws -> JSONValue { try JSON.parse(payload) }

    /// Where the next page begins when this is the last record of a page.
    public var cursor: LedgerCursor { LedgerCursor(at: at, stream: stream, sequence: sequence) }

    /// The hash that the content has. Equal to `hash` unless somebody changed one of them.
    public var contentHash: [UInt8] { contentHash(asSequence: sequence) }

    /// The hash that the content would have at another place.
    func contentHash(asSequence sequence: Int64) -> [UInt8] {
        EntryHash.hash(
            stream: stream, sequence: sequence, at: at, kind: kind, subject: subject, payload: payload,
            previous: previousHash)
    }

    init(
        stream: String, sequence: Int64, at: Instant, kind: String, subject: String?, payload: [UInt8],
        previousHash: [UInt8], hash: [UInt8]
    ) {
        self.stream = stream
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.subject = subject
        self.payload = payload
        self.previousHash = previousHash
        self.hash = hash
    }

    static let columns = "seq, at, kind, subject, payload, prev_hash, hash"

    /// A record from a row with `columns`.
    init(_ row: Row, stream: String) throws {
        self.stream = stream
        sequence = try row.int64(0)
        at = (try? row.instant(1)) ?? Instant(microseconds: .min)
        kind = String(decoding: Self.bytes(row.values[2]), as: UTF8.self)
        if case .null = row.values[3] {
            subject = nil
        } else {
            subject = String(decoding: Self.bytes(row.values[3]), as: UTF8.self)
        }
        payload = Self.bytes(row.values[4])
        previousHash = Self.bytes(row.values[5])
        hash = Self.bytes(row.values[6])
    }

    /// The bytes of a column of whatever type. SQLite lets anyone who edits a row change a column's type as well; the record is then read as it
    /// stands, and its hash tells that it was edited.
    private static func bytes(_ value: SQLValue) -> [UInt8] {
        switch value {
        case .blob(let bytes): bytes
        case .text(let text): Array(text.utf8)
        case .integer(let number): Array(String(number).utf8)
        case .double(let number): Array(String(number).utf8)
        case .bool(let truth): [truth ? 1 : 0]
        case .null: []
        }
    }
}

/// A place in the list of one subject's entries.
public struct LedgerCursor: Sendable, Hashable {
    public var at: Instant
    public var stream: String
    public var sequence: Int64

    public init(at: Instant, stream: String, sequence: Int64) {
        self.at = at
        self.stream = stream
        self.sequence = sequence
    }

    /// The cursor as opaque text for an API.
    public var text: String { Base64URL.encode(Array("\(at.microseconds)/\(sequence)/\(stream)".utf8)) }

    /// A cursor from its text, or `nil`.
    public init?(text: String) {
        guard text.utf8.count <= 256, let bytes = Base64URL.decode(text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "/", maxSplits: 2)
        guard parts.count == 3, let at = Int64(parts[0]), let sequence = Int64(parts[1]) else { return nil }
        self.init(at: Instant(microseconds: at), stream: String(parts[2]), sequence: sequence)
    }
}

/// The hash of an entry. It is the leaf hash of RFC 9162 section 2.1.1, SHA-256(0x00 || d), where d is this encoding:
///
/// `version 1 (1) || stream || sequence (8) || at in microseconds (8) || kind || subject present (1) || subject ||
/// payload || previous hash (32)`, integers big endian, texts and payload after their length in 4 bytes. No two
/// entries have the same encoding.
enum EntryHash {
    static let length = 32
    /// What the first entry of a stream has as its previous hash.
    static let zero = [UInt8](repeating: 0, count: length)

    static func hash(
        stream: String, sequence: Int64, at: Instant, kind: String, subject: String?, payload: [UInt8],
        previous: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128 + stream.utf8.count + kind.utf8.count + payload.count)
        bytes += [0, 1]
        append(stream.utf8, to: &bytes)
        append(UInt64(bitPattern: sequence), to: &bytes)
        append(UInt64(bitPattern: at.microseconds), to: &bytes)
        append(kind.utf8, to: &bytes)
        bytes.append(subject == nil ? 0 : 1)
        append((subject ?? "").utf8, to: &bytes)
        append(payload, to: &bytes)
        bytes += previous
        return Array(SHA256.hash(data: bytes))
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(_ content: some Collection<UInt8>, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: content.count).bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: content)
    }
}
