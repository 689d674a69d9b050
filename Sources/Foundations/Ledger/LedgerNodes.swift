import Database
import Kernel
import Synchronization

/// The right edges of the streams as of the last checkpoint that this process made. Only a cache: what is missing is
/// read from the nodes.
final class FrontierCache: Sendable {
    private let ranges = Mutex<[String: CompactRange]>([:])

    func range(_ stream: String, size: Int64) -> CompactRange? {
        ranges.withLock { $0[stream] }.flatMap { $0.size == size ? $0 : nil }
    }

    func store(_ grown: [String: CompactRange]) {
        ranges.withLock { $0.merge(grown) { $1 } }
    }
}

/// A complete subtree that a checkpoint closed.
struct LedgerNode: Sendable, Hashable {
    /// Every eighth level is stored: one row for 256 entries, one for 65,536, and so on.
    static let levelStep = 8

    let stream: String
    let level: Int
    let place: Int64
    let hash: [UInt8]

    static func isStored(_ level: Int) -> Bool { level > 0 && level % levelStep == 0 }
}

/// Reads hashes of the tree of one stream on one snapshot. The stored nodes are not proof of anything: whoever uses a
/// hash from here checks the result against a signed root.
struct TreeReader: Sendable {
    let stream: String
    let connection: any SQLConnection

    /// The hash over a range of leaves that is complete or reaches the right edge of a tree. Reads at most 128 rows for
    /// each complete subtree in it. Throws `ledger.broken` when rows are missing.
    func hash(of range: Range<Int64>) async throws -> [UInt8] {
        try await MerkleTree.fold(peaks(of: range))
    }

    /// The right edge of the tree of this size.
    func compactRange(size: Int64) async throws -> CompactRange {
        CompactRange(size: size, peaks: try await peaks(of: 0..<size))
    }

    private func peaks(of range: Range<Int64>) async throws -> [[UInt8]] {
        var peaks: [[UInt8]] = []
        for subtree in MerkleTree.subtrees(of: range) {
            peaks.append(try await self.subtree(level: subtree.level, place: subtree.place))
        }
        return peaks
    }

    private func subtree(level: Int, place: Int64) async throws -> [UInt8] {
        let base = level - level % LedgerNode.levelStep
        let count = Int64(1) << Int64(level - base)
        let first = place << Int64(level - base)
        let rows: [Row]
        if base == 0 {
            rows = try await connection.query(
                "SELECT hash FROM ledger_entries WHERE stream = $1 AND seq > $2 AND seq <= $3 ORDER BY seq",
                [stream, first, first + count])
        } else {
            rows = try await connection.query(
                """
                SELECT hash FROM ledger_nodes
                WHERE stream = $1 AND level = $2 AND place >= $3 AND place < $4 ORDER BY place
                """, [stream, base, first, first + count])
        }
        guard rows.count == Int(count) else {
            throw RumdulError.ledgerBroken("rows of the tree of \(stream) are missing")
        }
        var hashes = try rows.map { try $0.blob(0) }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { MerkleTree.node(hashes[$0], hashes[$0 + 1]) }
        }
        return hashes[0]
    }
}
