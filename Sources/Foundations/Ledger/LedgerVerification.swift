import Database
import Kernel
import KeyVault

extension Ledger {
    /// Reads the whole ledger and tells everything that is wrong with it. Holds a batch of rows in memory, however much
    /// there is; takes no locks, and what is written meanwhile does no harm.
    ///
    /// - Parameters:
    ///   - witnessed: the statement of a checkpoint that somebody outside kept (`exportCheckpoint`). Without it the
    ///     removal of the last checkpoints together with what only they cover cannot be seen.
    ///   - progress: hears how far the work is, now and then.
    /// - Throws: `ledger.checkpoint` when the witnessed statement is none of this vault's, and the errors of the
    ///   database and the vault. What is wrong with the ledger is not thrown but reported.
    public func verify(
        against witnessed: String? = nil, progress: (@Sendable (LedgerProgress) -> Void)? = nil
    ) async throws -> LedgerReport {
        var report = LedgerReport()
        var survey = try await survey(&report)
        if let witnessed {
            let witness = try await Checkpoint.check(witnessed, vault: vault)
            try await compare(witness, &survey, &report)
        }
        let (tails, lost) = try await database.read { connection in
            (try await self.streamTails(connection), try await self.streamsWithHeads(connection))
        }
        let lasts = Dictionary(tails.map { ($0.stream, $0.last) }) { first, _ in first }
        let total = tails.reduce(Int64(0)) { $0 &+ max(0, $1.last) }
        let names = Set(tails.map(\.stream)).union(lost).union(survey.additions.keys)
        for stream in names.sorted() {
            try await verify(stream, exists: lasts[stream] != nil, survey, &report) { entries in
                progress?(LedgerProgress(entries: entries, total: total))
            }
            report.streams += 1
        }
        return report
    }

    /// What the signed checkpoints say about the index of heads.
    fileprivate struct Survey: Sendable {
        /// The number of the last checkpoint that was read.
        var last: Int64 = 0
        /// Heads that the index should have: by stream.
        var additions: [String: [(head: StreamHead, checkpoint: Int64)]] = [:]
        /// Heads that the index should not have: by stream and size.
        var bogus: [String: Set<Int64>] = [:]
        /// Heads in the two above; a ledger in which more are wrong is beyond a precise report.
        var exceptions = 0
    }

    // MARK: - Checkpoints

    /// Checks every checkpoint and its chain, and the index of heads against the signed statements.
    private func survey(_ report: inout LedgerReport) async throws -> Survey {
        var survey = Survey()
        var previousHash: [UInt8]?
        var next: Int64 = 1
        while true {
            let from = next
            let (statements, index) = try await database.read { connection in
                let statements = try await connection.query(
                    """
                    SELECT number, statement, hash FROM ledger_checkpoints WHERE number >= $1 ORDER BY number LIMIT 256
                    """, [from]
                ).map { (number: try $0.int64(0), statement: try $0.string(1), hash: try $0.blob(2)) }
                // The last batch also takes the heads of checkpoints that do not exist.
                let end = statements.count == 256 ? statements[255].number : Int64.max
                let index = try await connection.query(
                    "SELECT number, stream, size, root FROM ledger_heads WHERE number >= $1 AND number <= $2",
                    [from, end])
                return (statements, try index.map(IndexedHead.init))
            }
            var indexed = Dictionary(grouping: index, by: \.number)
            for row in statements {
                report.checkpoints += 1
                if row.number > next {
                    for missing in next..<min(row.number, next + Int64(LedgerReport.maximumFindings)) {
                        report.add(LedgerFinding(.checkpointMissing, checkpoint: missing))
                    }
                    previousHash = nil
                }
                let heads = indexed.removeValue(forKey: row.number) ?? []
                let isFirst = row.number == 1
                if let checkpoint = try? await Checkpoint.check(row.statement, vault: vault),
                    checkpoint.number == row.number, checkpoint.hash == row.hash
                {
                    let follows = isFirst ? checkpoint.previousHash == nil : checkpoint.previousHash != nil
                    if !follows || (previousHash != nil && checkpoint.previousHash != previousHash) {
                        report.add(LedgerFinding(.checkpointReplaced, checkpoint: row.number))
                    }
                    compare(checkpoint.heads, heads, row.number, &survey, &report)
                    previousHash = checkpoint.hash
                } else {
                    report.add(LedgerFinding(.checkpointForged, checkpoint: row.number))
                    survey.reject(heads)
                    previousHash = nil
                }
                survey.last = row.number
                next = row.number == Int64.max ? row.number : row.number + 1
            }
            for (number, heads) in indexed.sorted(by: { $0.key < $1.key }) where !heads.isEmpty {
                if number >= next { report.add(LedgerFinding(.checkpointMissing, checkpoint: number)) }
                survey.reject(heads)
            }
            if statements.count < 256 { return survey }
        }
    }

    /// A row of the index of heads.
    fileprivate struct IndexedHead: Sendable, Hashable {
        let number: Int64
        let head: StreamHead

        init(_ row: Row) throws {
            number = try row.int64(0)
            head = StreamHead(stream: try row.string(1), size: try row.int64(2), root: try row.blob(3))
        }
    }

    private func compare(
        _ signed: [StreamHead], _ indexed: [IndexedHead], _ number: Int64, _ survey: inout Survey,
        _ report: inout LedgerReport
    ) {
        let stored = Set(indexed.map(\.head))
        let right = Set(signed)
        for head in signed where !stored.contains(head) {
            report.add(LedgerFinding(.headsChanged, stream: head.stream, checkpoint: number))
            survey.add(head, number)
        }
        survey.reject(indexed.filter { !right.contains($0.head) })
        let named = Set(signed.map(\.stream))
        for extra in indexed where !named.contains(extra.head.stream) {
            report.add(LedgerFinding(.headsChanged, stream: extra.head.stream, checkpoint: number))
        }
    }

    /// Compares the checkpoint that a witness kept with ours, and expects its heads whatever became of ours.
    private func compare(_ witness: Checkpoint, _ survey: inout Survey, _ report: inout LedgerReport) async throws {
        let row = try await database.read { connection in
            try await connection.first("SELECT statement FROM ledger_checkpoints WHERE number = $1", [witness.number])
        }
        if let row {
            if try row.string(0) == witness.statement { return }
            report.add(LedgerFinding(.checkpointReplaced, checkpoint: witness.number))
        } else if witness.number > survey.last {
            for missing in (survey.last + 1)...witness.number where missing > witness.number - 1000 {
                report.add(LedgerFinding(.checkpointMissing, checkpoint: missing))
            }
        }
        for head in witness.heads { survey.add(head, witness.number) }
        survey.last = max(survey.last, witness.number)
    }

    /// Streams that the index of heads names: one whose entries are all gone is only there.
    private func streamsWithHeads(_ connection: any SQLConnection) async throws -> [String] {
        try await connection.query(
            """
            WITH RECURSIVE names(stream) AS (
                SELECT MIN(stream) FROM ledger_heads
                UNION ALL
                SELECT (SELECT MIN(h.stream) FROM ledger_heads h WHERE h.stream > names.stream)
                FROM names WHERE names.stream IS NOT NULL
            )
            SELECT stream FROM names WHERE stream IS NOT NULL
            """
        ).map { try $0.string(0) }
    }

    // MARK: - Entries

    /// Runs through one stream, batch by batch.
    private func verify(
        _ stream: String, exists: Bool, _ survey: Survey, _ report: inout LedgerReport,
        read: (Int64) -> Void
    ) async throws {
        var verifier = StreamVerifier(stream: stream)
        var after = Int64.min
        var covered: Int64 = 0
        var headsAfter: Int64 = 0
        var isEnd = !exists
        while true {
            let from = after
            let rows =
                isEnd
                ? []
                : try await database.read { connection in
                    try await connection.query(
                        """
                        SELECT \(LedgerRecord.columns) FROM ledger_entries
                        WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3
                        """, [stream, from, Self.batch])
                }
            isEnd = isEnd || rows.count < Int(Self.batch)
            let records = try rows.map { try LedgerRecord($0, stream: stream) }
            if let last = records.last { after = last.sequence }
            // Heads come before the rows that they cover; at the end also those that cover what is not there.
            let heads = try await heads(stream, after: headsAfter, upTo: isEnd ? Int64.max : max(after, 0), survey)
            for (head, number) in heads {
                verifier.expect(head, checkpoint: number)
                covered = max(covered, head.size)
            }
            headsAfter = max(headsAfter, after)
            for record in records { verifier.take(record) }
            report.entries += Int64(records.count)
            if isEnd { verifier.finish() }
            for finding in verifier.takeFindings() { report.add(finding) }
            read(report.entries)
            if isEnd { break }
        }
        report.uncheckedHeads += verifier.uncheckedHeads
        report.uncovered += max(0, verifier.lastSequence - covered)
    }

    /// The heads of a stream that signed checkpoints hold, by size.
    private func heads(
        _ stream: String, after low: Int64, upTo high: Int64, _ survey: Survey
    ) async throws -> [(StreamHead, Int64)] {
        let rows = try await database.read { connection in
            try await connection.query(
                """
                SELECT size, number, root FROM ledger_heads
                WHERE stream = $1 AND size > $2 AND size <= $3 AND number <= $4 ORDER BY size
                """, [stream, low, high, survey.last])
        }
        var heads: [(StreamHead, Int64)] = []
        for row in rows {
            let size = try row.int64(0)
            if survey.bogus[stream]?.contains(size) == true { continue }
            heads.append((StreamHead(stream: stream, size: size, root: try row.blob(2)), try row.int64(1)))
        }
        guard let additions = survey.additions[stream] else { return heads }
        for (head, number) in additions where head.size > low && head.size <= high {
            heads.append((head, number))
        }
        return heads.sorted { $0.0.size < $1.0.size }
    }
}

extension Ledger.Survey {
    /// Exceptions that are kept; more cannot come from a ledger that is worth a closer look.
    fileprivate static let maximumExceptions = 100_000

    fileprivate mutating func add(_ head: StreamHead, _ checkpoint: Int64) {
        guard exceptions < Self.maximumExceptions else { return }
        exceptions += 1
        additions[head.stream, default: []].append((head, checkpoint))
    }

    fileprivate mutating func reject(_ heads: [Ledger.IndexedHead]) {
        for head in heads where exceptions < Self.maximumExceptions {
            exceptions += 1
            bogus[head.head.stream, default: []].insert(head.head.size)
        }
    }
}
