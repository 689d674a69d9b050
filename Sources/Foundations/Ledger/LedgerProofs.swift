import Codecs
import Database
import Kernel

/// Proof that an entry stands in a stream whose tree head a checkpoint signed.
public struct InclusionProof: Sendable, Hashable {
    public let stream: String
    /// The place of the entry, from 1.
    public let sequence: Int64
    /// The head that the path leads to.
    public let head: StreamHead
    /// The hashes from the leaf to the root (RFC 9162 section 2.1.3.1).
    public let path: [[UInt8]]
    /// The signed statement that holds the head.
    public let checkpoint: Checkpoint

    /// Whether the record is the one that the proof is about, has not been changed, and leads to a root that the
    /// checkpoint holds. Whoever does not trust this program checks the checkpoint's statement with the public key as
    /// well.
    public func isValid(for record: LedgerRecord) -> Bool {
        record.stream == stream && record.sequence == sequence && head.stream == stream
            && checkpoint.heads.contains(head)
            && MerkleTree.verifyInclusion(
                leaf: record.contentHash, index: sequence - 1, size: head.size, path: path, root: head.root)
    }
}

/// Proof that a stream only grew between two sizes.
public struct ConsistencyProof: Sendable, Hashable {
    public let stream: String
    public let oldSize: Int64
    public let newSize: Int64
    /// RFC 9162 section 2.1.4.1.
    public let path: [[UInt8]]

    /// Whether the tree with the new root begins with the tree with the old root.
    public func isValid(oldRoot: [UInt8], newRoot: [UInt8]) -> Bool {
        MerkleTree.verifyConsistency(
            oldSize: oldSize, oldRoot: oldRoot, newSize: newSize, newRoot: newRoot, path: path)
    }
}

extension InclusionProof {
    /// The entry with its proof as JSON: everything from which an outsider computes the leaf and the root again, as
    /// docs/ledger.md says. Throws `codec.json` for a payload that is none.
    public func json(for record: LedgerRecord) throws -> JSONObject {
        [
            "version": 1, "stream": .string(record.stream), "sequence": .integer(record.sequence),
            "at": .integer(record.at.microseconds), "kind": .string(record.kind),
            "subject": record.subject.map { .string($0) } ?? .null, "entry": try record.value(),
            "previous_hash": .string(Hex.encode(record.previousHash)), "hash": .string(Hex.encode(record.hash)),
            "path": .strings(path.map { Hex.encode($0) }), "tree_size": .integer(head.size),
            "root": .string(Hex.encode(head.root)), "checkpoint": .string(checkpoint.statement),
        ]
    }
}

extension Ledger {
    /// Proves that an entry stands in its stream, under the newest checkpoint that covers the stream.
    ///
    /// Throws `ledger.not_found`, `ledger.not_covered` for an entry newer than the last checkpoint, `ledger.broken`
    /// when the rows do not lead to the signed root.
    public func inclusionProof(stream: String, sequence: Int64) async throws -> InclusionProof {
        let (record, path, head, statement) = try await database.read { connection in
            guard let record = try await self.entry(stream: stream, sequence: sequence, in: connection) else {
                throw RumdulError.ledgerNotFound
            }
            let row = try await connection.first(
                "SELECT size, root, number FROM ledger_heads WHERE stream = $1 ORDER BY size DESC LIMIT 1", [stream])
            guard let row, try row.int64(0) >= sequence else { throw RumdulError.ledgerNotCovered }
            let head = StreamHead(stream: stream, size: try row.int64(0), root: try row.blob(1))
            let statement = try await connection.first(
                "SELECT statement FROM ledger_checkpoints WHERE number = $1", [row.int64(2)])
            guard let statement else { throw RumdulError.ledgerBroken("checkpoint \(try row.int64(2)) is missing") }
            let reader = TreeReader(stream: stream, connection: connection)
            var path: [[UInt8]] = []
            for range in MerkleTree.inclusionRanges(index: sequence - 1, size: head.size) {
                path.append(try await reader.hash(of: range))
            }
            return (record, path, head, try statement.string(0))
        }
        let checkpoint = try await Checkpoint.check(statement, vault: vault)
        let proof = InclusionProof(stream: stream, sequence: sequence, head: head, path: path, checkpoint: checkpoint)
        guard proof.isValid(for: record) else {
            throw RumdulError.ledgerBroken("\(stream): entry \(sequence) does not lead to the signed root")
        }
        return proof
    }

    /// Proves that a stream only grew between two sizes, which need not be sizes of checkpoints.
    ///
    /// Throws `ledger.range` unless `1 <= from <= to <= length of the stream`, `ledger.not_covered` when no checkpoint
    /// reaches `to`, `ledger.broken` when rows are missing.
    public func consistencyProof(
        stream: String, from oldSize: Int64, to newSize: Int64
    ) async throws -> ConsistencyProof {
        guard oldSize >= 1, oldSize <= newSize else { throw RumdulError.ledgerRange }
        return try await database.read { connection in
            guard try await self.entry(stream: stream, sequence: newSize, in: connection) != nil else {
                throw RumdulError.ledgerRange
            }
            let covered = try await connection.first(
                "SELECT COALESCE(MAX(size), 0) FROM ledger_heads WHERE stream = $1", [stream])
            // Nodes exist up to the last checkpoint only.
            guard newSize <= (try covered?.int64(0) ?? 0) else { throw RumdulError.ledgerNotCovered }
            let reader = TreeReader(stream: stream, connection: connection)
            var path: [[UInt8]] = []
            for range in MerkleTree.consistencyRanges(oldSize: oldSize, newSize: newSize) {
                path.append(try await reader.hash(of: range))
            }
            return ConsistencyProof(stream: stream, oldSize: oldSize, newSize: newSize, path: path)
        }
    }

    /// The head of a stream in the newest checkpoint that names it, from the index of heads; `nil` when none covers it
    /// yet.
    public func head(stream: String) async throws -> StreamHead? {
        try await database.read { connection in
            try await connection.first(
                "SELECT size, root FROM ledger_heads WHERE stream = $1 ORDER BY size DESC LIMIT 1", [stream]
            ).map { StreamHead(stream: stream, size: try $0.int64(0), root: try $0.blob(1)) }
        }
    }
}
