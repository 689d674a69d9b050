import Database
import Kernel

extension Ledger {
    /// The entries about a subject, newest first.
    ///
    /// - Parameters:
    ///   - streamPrefix: only streams whose names begin so (`access-`).
    ///   - before: continues after the last record of the page before.
    ///   - limit: 1 to 1000.
    public func entries(
        subject: String, streamPrefix: String, before: LedgerCursor? = nil, limit: Int,
        in connection: any SQLConnection
    ) async throws -> [LedgerRecord] {
        // "~" comes after every character that the name of a stream may have.
        var arguments: [any SQLValueConvertible] = [
            subject, streamPrefix, streamPrefix + "~", min(max(limit, 1), 1000),
        ]
        var condition = ""
        if let before {
            condition = " AND (at, stream, seq) < ($5, $6, $7)"
            arguments += [before.at, before.stream, before.sequence] as [any SQLValueConvertible]
        }
        let rows = try await connection.query(
            """
            SELECT \(LedgerRecord.columns), stream FROM ledger_entries
            WHERE subject = $1 AND stream >= $2 AND stream < $3\(condition)
            ORDER BY at DESC, stream DESC, seq DESC LIMIT $4
            """, arguments)
        return try rows.map { try LedgerRecord($0, stream: $0.string(7)) }
    }

    /// The entries of a stream in their order, after a sequence number. At most 1000 at once.
    public func entries(
        stream: String, after sequence: Int64 = 0, limit: Int, in connection: any SQLConnection
    ) async throws -> [LedgerRecord] {
        let rows = try await connection.query(
            """
            SELECT \(LedgerRecord.columns) FROM ledger_entries
            WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3
            """, [stream, sequence, min(max(limit, 1), 1000)])
        return try rows.map { try LedgerRecord($0, stream: stream) }
    }

    /// One entry, or `nil`.
    public func entry(
        stream: String, sequence: Int64, in connection: any SQLConnection
    ) async throws -> LedgerRecord? {
        try await connection.first(
            "SELECT \(LedgerRecord.columns) FROM ledger_entries WHERE stream = $1 AND seq = $2", [stream, sequence]
        ).map { try LedgerRecord($0, stream: stream) }
    }
}
