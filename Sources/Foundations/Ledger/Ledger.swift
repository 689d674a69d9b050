import Codecs
import Database
import Kernel
import KeyVault

/// An append-only log with streams. In each stream every entry carries the hash of the one before; a Merkle tree
/// (RFC 9162 section 2.1) stands over each stream, and signed checkpoints commit to the trees.
///
/// What it shows: an entry that was changed, removed, added or moved after a checkpoint covered it, by anybody who does
/// not have the vault's key; and with a checkpoint that an outside witness keeps, also by somebody who has. What it
/// cannot show: a change to the last entries before the next checkpoint, by somebody who writes to the database past
/// this program.
public final class Ledger: Sendable {
    let database: any Database
    let vault: any KeyVault
    let ambient: Ambient
    let frontiers = FrontierCache()

    public init(database: any Database, vault: any KeyVault, ambient: Ambient) {
        self.database = database
        self.vault = vault
        self.ambient = ambient
    }

    /// The public keys that sign checkpoints, and that ever did, as JWKs (`KeyVault.evidenceKeySet`).
    public func signingKeys() async throws -> [JSONObject] { try await vault.evidenceKeySet(.ledgerCheckpoint) }

    /// The stream of a shard: `access-07`. Writers to one stream wait for each other until their transactions end, so a
    /// busy log is spread by subject, which also keeps the entries of one subject in one stream.
    ///
    /// - Parameter count: 1 to 100 shards; it must never change for a name.
    public static func shard(_ name: String, by subject: String, of count: Int = 64) -> String {
        precondition((1...100).contains(count), "a log has 1 to 100 shards")
        // FNV-1a with a final mix: stable for ever, unlike Hasher.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in subject.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash ^= hash >> 32
        let shard = Int(hash % UInt64(count))
        return shard < 10 ? "\(name)-0\(shard)" : "\(name)-\(shard)"
    }

    /// Takes the lock of a stream now. A transaction that reads before it appends calls this first: on PostgreSQL a
    /// lock taken before the first statement waits, one taken later may cost a second run of the transaction.
    public func lock(_ stream: String, in connection: any SQLConnection) async throws {
        try await connection.lock("ledger:" + stream)
    }

    /// Writes one entry in the caller's transaction: one read of the tail and one insert. Other writers to the same
    /// stream wait until that transaction ends.
    ///
    /// Throws `ledger.entry`, `codec.json` for an entry that cannot be written, and the errors of the database.
    @discardableResult
    public func append(_ entry: LedgerEntry, in connection: any SQLConnection) async throws -> LedgerPosition {
        let payload = try entry.checkedPayload()
        let tail = try await tail(entry.stream, connection)
        let row = PendingRow(entry, payload, after: tail, at: ambient.now())
        try await connection.post(Self.insertStatement, row.values)
        note(row.position, connection)
        return row.position
    }

    /// Writes many entries in the caller's transaction, each stream in the given order, with few statements. Positions
    /// come in the order of the entries. Throws as `append` of one entry does.
    @discardableResult
    public func append(
        many entries: [LedgerEntry], in connection: any SQLConnection
    ) async throws -> [LedgerPosition] {
        let now = ambient.now()
        let payloads = try entries.map { try $0.checkedPayload() }
        // Locks are taken in the order of the names, so that two bulk writers cannot wait for each other in a circle.
        var tails: [String: LedgerPosition] = [:]
        for stream in Set(entries.map(\.stream)).sorted() { tails[stream] = try await tail(stream, connection) }
        var rows: [PendingRow] = []
        rows.reserveCapacity(entries.count)
        for (entry, payload) in zip(entries, payloads) {
            guard let tail = tails[entry.stream] else { throw RumdulError.internal("ledger: stream without a tail") }
            let row = PendingRow(entry, payload, after: tail, at: now)
            tails[entry.stream] = row.position
            rows.append(row)
        }
        try await connection.bulkPost("ledger_entries", columns: Self.columns, rows: rows.map(\.values))
        for tail in tails.values { note(tail, connection) }
        return rows.map(\.position)
    }

    /// The last position of a stream under the stream's lock; sequence 0 when it is empty.
    private func tail(_ stream: String, _ connection: any SQLConnection) async throws -> LedgerPosition {
        try await lock(stream, in: connection)
        // Under the lock nobody else appends, so that what this transaction wrote is the last.
        if let known: LedgerPosition = connection.notes?.value("ledger:" + stream) { return known }
        let row = try await connection.first(
            "SELECT seq, hash FROM ledger_entries WHERE stream = $1 ORDER BY seq DESC LIMIT 1", [stream])
        guard let row else { return LedgerPosition(stream: stream, sequence: 0, hash: EntryHash.zero) }
        let sequence = try row.int64(0)
        guard (0..<Self.maximumSequence).contains(sequence) else {
            throw RumdulError.ledgerBroken("\(stream): entry \(sequence) was planted")
        }
        return LedgerPosition(stream: stream, sequence: sequence, hash: try row.blob(1))
    }

    private func note(_ tail: LedgerPosition, _ connection: any SQLConnection) {
        connection.notes?.set("ledger:" + tail.stream, tail)
    }

    /// No stream has so many entries; a row beyond was planted.
    static let maximumSequence = Int64(1) << 60

    private static let columns = ["stream", "seq", "at", "kind", "subject", "payload", "prev_hash", "hash"]
    private static let insertStatement = """
        INSERT INTO ledger_entries (stream, seq, at, kind, subject, payload, prev_hash, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """
}

/// An entry with its place and hash, ready to be inserted.
private struct PendingRow: Sendable {
    let entry: LedgerEntry
    let payload: [UInt8]
    let at: Instant
    let previous: [UInt8]
    let position: LedgerPosition

    init(_ entry: LedgerEntry, _ payload: [UInt8], after tail: LedgerPosition, at: Instant) {
        self.entry = entry
        self.payload = payload
        self.at = at
        previous = tail.hash
        let sequence = tail.sequence + 1
        let hash = EntryHash.hash(
            stream: entry.stream, sequence: sequence, at: at, kind: entry.kind, subject: entry.subject,
            payload: payload, previous: tail.hash)
        position = LedgerPosition(stream: entry.stream, sequence: sequence, hash: hash)
    }

    /// The values in the order of the columns.
    var values: [any SQLValueConvertible] {
        [
            entry.stream, position.sequence, at, entry.kind, entry.subject, payload, previous, position.hash,
        ]
    }
}
