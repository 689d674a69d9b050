import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Synchronization

@testable import Ledger

/// A clock that moves on by one second each time it is read.
final class TickingClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_780_000_000))

    var ambient: Ambient {
        Ambient(
            now: {
                self.moment.withLock { moment in
                    moment = moment.adding(seconds: 1)
                    return moment
                }
            }, randomBytes: secureRandomBytes)
    }
}

/// A seeded generator (SplitMix64): the same cases every time.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A ledger on a fresh database.
struct Fixture: Sendable {
    let database: any Database
    let vault: FileKeyVault
    let ledger: Ledger

    /// The same ledger as another process sees it: nothing in memory.
    var reopened: Ledger { Ledger(database: database, vault: vault, ambient: TickingClock().ambient) }

    static func with<Value: Sendable>(
        _ kind: DatabaseKind, _ test: @Sendable (Fixture) async throws -> Value
    ) async throws -> Value {
        try await TestDatabases.with(kind, migrations: [Ledger.migrations]) { database in
            let vault = try FileKeyVault.ephemeral(purposes: [.ledgerCheckpoint])
            let ledger = Ledger(database: database, vault: vault, ambient: TickingClock().ambient)
            return try await test(Fixture(database: database, vault: vault, ledger: ledger))
        }
    }

    static func entry(_ stream: String, _ number: Int, subject: String? = nil) -> LedgerEntry {
        LedgerEntry(
            stream: stream, kind: "test.entry", subject: subject,
            payload: ["number": .integer(Int64(number)), "text": "អត្ថបទ"])
    }

    /// Appends so many entries to a stream.
    func append(_ count: Int, to stream: String = "test") async throws {
        let ledger = ledger
        try await database.transaction { connection in
            _ = try await ledger.append(many: (0..<count).map { Fixture.entry(stream, $0) }, in: connection)
        }
    }

    /// Runs statements as somebody who owns the database would: the triggers of the ledger are off.
    func tamper(_ statements: [(String, [any SQLValueConvertible])]) async throws {
        try await database.transaction { connection in
            for table in Ledger.tableNames {
                switch connection.dialect {
                case .sqlite:
                    try await connection.execute("DROP TRIGGER IF EXISTS \(table)_no_update")
                    try await connection.execute("DROP TRIGGER IF EXISTS \(table)_no_delete")
                case .postgresql:
                    try await connection.execute("ALTER TABLE \(table) DISABLE TRIGGER USER")
                }
            }
            for (sql, arguments) in statements { try await connection.execute(sql, arguments) }
        }
    }

    /// Gives an entry another place, over a place that no entry has.
    func swap(_ stream: String, _ left: Int64, _ right: Int64) async throws {
        let move = "UPDATE ledger_entries SET seq = $1 WHERE stream = $2 AND seq = $3"
        try await tamper([
            (move, [-1, stream, left]), (move, [left, stream, right]), (move, [right, stream, -1]),
        ])
    }

    /// Moves every entry from a place on by a displacement.
    func shift(_ stream: String, from first: Int64, through last: Int64, by displacement: Int64) async throws {
        let order = displacement > 0 ? Array((first...last).reversed()) : Array(first...last)
        try await tamper(
            order.map { sequence in
                (
                    "UPDATE ledger_entries SET seq = $1 WHERE stream = $2 AND seq = $3",
                    [sequence + displacement, stream, sequence] as [any SQLValueConvertible]
                )
            })
    }

    /// Replaces an entry by another one with a right hash, as somebody who knows the encoding would; rehashes the
    /// followers up to a place.
    func forge(_ stream: String, _ sequence: Int64, rehashThrough last: Int64? = nil) async throws {
        let records = try await database.read { connection in
            try await reopened.entries(stream: stream, after: sequence - 1, limit: 1000, in: connection)
        }
        var statements: [(String, [any SQLValueConvertible])] = []
        var previous: [UInt8]?
        for var record in records where record.sequence <= (last ?? sequence) {
            if record.sequence == sequence { record.payload = Array(#"{"forged":true}"#.utf8) }
            if let previous { record.previousHash = previous }
            record.hash = record.contentHash
            previous = record.hash
            statements.append(
                (
                    """
                    UPDATE ledger_entries SET payload = $1, prev_hash = $2, hash = $3 WHERE stream = $4 AND seq = $5
                    """,
                    [record.payload, record.previousHash, record.hash, stream, record.sequence]
                ))
        }
        try await tamper(statements)
    }
}

extension LedgerReport {
    /// The findings in short: `edited 5`, `deleted 3-4`, `checkpointMissing #2`.
    var summary: [String] {
        findings.map { finding in
            var text = finding.kind.rawValue
            if let first = finding.sequence {
                text += " \(first)"
                if let last = finding.through, last != first { text += "-\(last)" }
            }
            if let checkpoint = finding.checkpoint, finding.sequence == nil { text += " #\(checkpoint)" }
            return text
        }
    }
}

/// The code of the error that a step throws.
func errorCode<Value>(_ step: () async throws -> Value) async -> String? {
    do {
        _ = try await step()
        return nil
    } catch {
        return (error as? RumdulError)?.code ?? "other: \(error)"
    }
}

/// What a verification told about its progress.
final class Progress: Sendable {
    private let steps = Mutex<[LedgerProgress]>([])

    var all: [LedgerProgress] { steps.withLock { $0 } }

    func add(_ step: LedgerProgress) { steps.withLock { $0.append(step) } }
}
