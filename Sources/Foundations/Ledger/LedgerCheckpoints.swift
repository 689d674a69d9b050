import Database
import Kernel
import KeyVault

extension Ledger {
    /// Entries read at once.
    static let batch: Int64 = 2048

    /// Signs and stores a checkpoint over everything that is new, and returns it; `nil` when nothing is new or another
    /// node was faster. The work grows with the new entries only. No lock is held while reading and signing.
    ///
    /// Throws `ledger.broken` when the new entries of a stream do not follow from each other or do not continue what
    /// was signed: such a stream is left out, the others get their checkpoint first.
    @discardableResult
    public func checkpoint() async throws -> Checkpoint? {
        let (last, tails) = try await database.read { connection in
            (try await self.lastRow(connection), try await self.streamTails(connection))
        }
        var growths: [Growth] = []
        var broken: RumdulError?
        for tail in tails where tail.last > tail.covered {
            do {
                growths.append(try await growth(of: tail))
            } catch let error as RumdulError where error == .ledgerBroken("") {
                broken = broken ?? error
            }
        }
        let made = growths.isEmpty ? nil : try await sign(growths, after: last)
        if let broken { throw broken }
        return made
    }

    /// The last checkpoint, for an outside witness: keep its `statement` where the operator of the database cannot
    /// reach it and hand it to `verify(against:)` later. `nil` when there is none.
    public func exportCheckpoint() async throws -> Checkpoint? {
        let row = try await database.read { connection in
            try await connection.first("SELECT statement FROM ledger_checkpoints ORDER BY number DESC LIMIT 1")
        }
        guard let row else { return nil }
        return try await Checkpoint.check(row.string(0), vault: vault)
    }

    /// The checkpoint with a number, its signature checked; `nil` when there is none.
    public func checkpoint(number: Int64) async throws -> Checkpoint? {
        let row = try await database.read { connection in
            try await connection.first("SELECT statement FROM ledger_checkpoints WHERE number = $1", [number])
        }
        guard let row else { return nil }
        return try await Checkpoint.check(row.string(0), vault: vault)
    }

    /// Number and hash of the last checkpoint.
    private func lastRow(_ connection: any SQLConnection) async throws -> (number: Int64, hash: [UInt8])? {
        try await connection.first("SELECT number, hash FROM ledger_checkpoints ORDER BY number DESC LIMIT 1")
            .map { (try $0.int64(0), try $0.blob(1)) }
    }

    /// How far a stream reaches and how far checkpoints cover it.
    struct StreamTail: Sendable {
        let stream: String
        let last: Int64
        let covered: Int64
    }

    /// Every stream, found by stepping through the primary key from name to name instead of reading every row.
    func streamTails(_ connection: any SQLConnection) async throws -> [StreamTail] {
        let rows = try await connection.query(
            """
            WITH RECURSIVE names(stream) AS (
                SELECT MIN(stream) FROM ledger_entries
                UNION ALL
                SELECT (SELECT MIN(e.stream) FROM ledger_entries e WHERE e.stream > names.stream)
                FROM names WHERE names.stream IS NOT NULL
            )
            SELECT stream, (SELECT MAX(e.seq) FROM ledger_entries e WHERE e.stream = names.stream),
                COALESCE((SELECT MAX(h.size) FROM ledger_heads h WHERE h.stream = names.stream), 0)
            FROM names WHERE stream IS NOT NULL
            """)
        return try rows.map { StreamTail(stream: try $0.string(0), last: try $0.int64(1), covered: try $0.int64(2)) }
    }

    /// What a checkpoint adds to a stream.
    private struct Growth: Sendable {
        let head: StreamHead
        let range: CompactRange
        let nodes: [LedgerNode]
    }

    /// Reads the new entries of a stream. Throws `ledger.broken` when they do not follow from what was signed.
    private func growth(of tail: StreamTail) async throws -> Growth {
        let stream = tail.stream
        var range = try await frontier(stream, size: tail.covered)
        var nodes: [LedgerNode] = []
        var previous: [UInt8]? = tail.covered == 0 ? EntryHash.zero : nil
        var next = tail.covered == 0 ? 1 : tail.covered
        while next <= tail.last {
            let from = next
            let rows = try await database.read { connection in
                try await connection.query(
                    """
                    SELECT seq, prev_hash, hash FROM ledger_entries
                    WHERE stream = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq LIMIT $4
                    """, [stream, from, tail.last, Self.batch])
            }
            if rows.isEmpty { throw RumdulError.ledgerBroken("\(stream): entry \(next) is missing") }
            for row in rows {
                let hash = try row.blob(2)
                guard try row.int64(0) == next else {
                    throw RumdulError.ledgerBroken("\(stream): entry \(next) is missing")
                }
                if let previous, try row.blob(1) != previous {
                    throw RumdulError.ledgerBroken("\(stream): entry \(next) does not follow from the one before")
                }
                if next > tail.covered {
                    range.append(hash) { level, place, hash in
                        guard LedgerNode.isStored(level) else { return }
                        nodes.append(LedgerNode(stream: stream, level: level, place: place, hash: hash))
                    }
                }
                previous = hash
                next += 1
            }
        }
        let head = StreamHead(stream: stream, size: range.size, root: range.root)
        return Growth(head: head, range: range, nodes: nodes)
    }

    /// The right edge of what checkpoints cover: from memory, or from the stored nodes, or from every entry. The latter
    /// two are checked against the head.
    private func frontier(_ stream: String, size: Int64) async throws -> CompactRange {
        if size == 0 { return CompactRange() }
        if let range = frontiers.range(stream, size: size) { return range }
        let (root, stored) = try await database.read { connection in
            let row = try await connection.first(
                "SELECT root FROM ledger_heads WHERE stream = $1 AND size = $2", [stream, size])
            let reader = TreeReader(stream: stream, connection: connection)
            return (try row?.blob(0), try? await reader.compactRange(size: size))
        }
        if let stored, stored.root == root { return stored }
        var range = CompactRange()
        while range.size < size {
            let after = range.size
            let rows = try await database.read { connection in
                try await connection.query(
                    """
                    SELECT hash FROM ledger_entries
                    WHERE stream = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4
                    """, [stream, after, size, Self.batch])
            }
            if rows.isEmpty { break }
            for row in rows { range.append(try row.blob(0)) }
        }
        guard range.size == size, range.root == root else {
            throw RumdulError.ledgerBroken("\(stream): the entries do not have the root that was signed")
        }
        return range
    }

    /// Signs what grew and stores it, unless another node stored a checkpoint meanwhile.
    private func sign(
        _ growths: [Growth], after last: (number: Int64, hash: [UInt8])?
    ) async throws -> Checkpoint? {
        let number = (last?.number ?? 0) &+ 1
        guard (1..<Self.maximumSequence).contains(number) else {
            throw RumdulError.ledgerBroken("checkpoint \(number) was planted")
        }
        let payload = try Checkpoint.payload(
            number: number, at: ambient.now(), heads: growths.map(\.head), previousHash: last?.hash)
        let signed = try await vault.signStatement(payload, purpose: .ledgerCheckpoint, type: Checkpoint.type)
        let checkpoint = try Checkpoint(signed)
        let isStored = try await database.transaction { connection in
            try await connection.lock("ledger-checkpoint")
            let newest = try await self.lastRow(connection)
            guard newest?.number == last?.number, newest?.hash == last?.hash else { return false }
            try await self.store(checkpoint, growths.flatMap(\.nodes), connection)
            return true
        }
        guard isStored else { return nil }
        frontiers.store(Dictionary(uniqueKeysWithValues: growths.map { ($0.head.stream, $0.range) }))
        return checkpoint
    }

    private func store(
        _ checkpoint: Checkpoint, _ nodes: [LedgerNode], _ connection: any SQLConnection
    ) async throws {
        try await connection.execute(
            "INSERT INTO ledger_checkpoints (number, at, statement, hash) VALUES ($1, $2, $3, $4)",
            [checkpoint.number, checkpoint.at, checkpoint.statement, checkpoint.hash])
        for head in checkpoint.heads {
            try await connection.execute(
                "INSERT INTO ledger_heads (stream, size, number, root) VALUES ($1, $2, $3, $4)",
                [head.stream, head.size, checkpoint.number, head.root])
        }
        for node in nodes {
            // A node that somebody planted must not stop the checkpoints; proofs over it fail and tell.
            try await connection.execute(
                "INSERT INTO ledger_nodes (stream, level, place, hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                [node.stream, node.level, node.place, node.hash])
        }
    }
}
