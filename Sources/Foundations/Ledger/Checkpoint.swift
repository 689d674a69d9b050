import Codecs
import Crypto
import Kernel
import KeyVault

/// The head of one stream's Merkle tree.
public struct StreamHead: Sendable, Hashable {
    public let stream: String
    /// Entries that the tree covers.
    public let size: Int64
    /// The root hash (RFC 9162 section 2.1.1), 32 bytes.
    public let root: [UInt8]
}

/// A signed statement about the ledger: the heads of all streams that grew since the checkpoint before, and the hash of
/// that checkpoint, so that one checkpoint commits to everything before it.
///
/// The statement is a compact JWS (RFC 7515) by the vault's `.ledgerCheckpoint` key with `typ` `rumdul-checkpoint+jws`
/// over canonical JSON: `{"at": microseconds, "number": n, "previous": base64url or null, "streams": {name: {"root":
/// base64url, "size": n}}}`.
public struct Checkpoint: Sendable, Hashable {
    /// The `typ` of the statement.
    public static let type = "rumdul-checkpoint+jws"

    /// From 1 without gaps.
    public let number: Int64
    public let at: Instant
    /// The heads in the order of the streams' names.
    public let heads: [StreamHead]
    /// The hash of the checkpoint before; `nil` for the first.
    public let previousHash: [UInt8]?
    /// The `kid` of the key that signed.
    public let keyID: String
    /// The compact JWS: what an outside witness keeps.
    public let statement: String

    /// SHA-256 over the bytes of the statement.
    public var hash: [UInt8] { Self.hash(of: statement) }

    static func hash(of statement: String) -> [UInt8] { Array(SHA256.hash(data: Array(statement.utf8))) }

    /// The bytes to sign.
    static func payload(number: Int64, at: Instant, heads: [StreamHead], previousHash: [UInt8]?) throws -> [UInt8] {
        let streams = heads.map { head in
            (
                head.stream,
                JSONValue.object(["root": .string(Base64URL.encode(head.root)), "size": .integer(head.size)])
            )
        }
        return try CanonicalJSON.encode(
            .object([
                "at": .integer(at.microseconds), "number": .integer(number),
                "previous": previousHash.map { .string(Base64URL.encode($0)) } ?? .null,
                "streams": .object(JSONObject(streams)),
            ]))
    }

    /// A checkpoint from a statement whose signature was checked. Throws `ledger.checkpoint`.
    init(_ signed: SignedStatement) throws {
        let limits = JSONLimits(depth: 4, size: 1 << 22, values: 1 << 18)
        guard let object = try? JSON.parseObject(signed.payload, limits: limits), object.count == 4,
            let number = object.integer("number"), number >= 1, let at = object.integer("at"),
            let streams = object.object("streams"), let previous = object["previous"]
        else { throw RumdulError.ledgerCheckpointFormat("shape") }
        self.number = number
        self.at = Instant(microseconds: at)
        if previous.isNull {
            previousHash = nil
        } else {
            guard let hash = previous.stringValue.flatMap({ Base64URL.decode($0) }), hash.count == EntryHash.length
            else {
                throw RumdulError.ledgerCheckpointFormat("previous")
            }
            previousHash = hash
        }
        heads = try streams.members.map { member in
            guard let head = member.value.objectValue, let size = head.integer("size"), size >= 1,
                let root = head.string("root").flatMap({ Base64URL.decode($0) }), root.count == EntryHash.length
            else { throw RumdulError.ledgerCheckpointFormat("stream") }
            return StreamHead(stream: member.name, size: size, root: root)
        }
        keyID = signed.keyID
        statement = signed.compact
    }

    /// Checks the signature of a statement with the vault's keys, retired and destroyed ones included, and reads it.
    /// Throws `ledger.checkpoint`.
    static func check(_ statement: String, vault: any KeyVault) async throws -> Checkpoint {
        do {
            return try Checkpoint(
                await vault.checkStatement(statement, purpose: .ledgerCheckpoint, type: Checkpoint.type))
        } catch let error as RumdulError where error.kind != .unavailable {
            throw RumdulError.ledgerCheckpointFormat(error.description)
        }
    }
}
