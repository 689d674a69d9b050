import Database
import Kernel
import Synchronization
import Testing

/// The tables that these tests use.
let sampleMigrations = ModuleMigrations(
    "sample",
    [
        .init(
            "tables",
            [
                "CREATE TABLE sample_counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
                """
                CREATE TABLE sample_types (
                    id BIGINT PRIMARY KEY, number BIGINT, text TEXT, bytes BLOB, flag BOOLEAN, real DOUBLE PRECISION)
                """,
                """
                CREATE TABLE sample_chain (
                    stream TEXT NOT NULL, seq BIGINT NOT NULL, body TEXT, PRIMARY KEY (stream, seq))
                """,
                """
                CREATE TABLE sample_child (
                    id BIGINT PRIMARY KEY,
                    counter TEXT NOT NULL REFERENCES sample_counter (name) DEFERRABLE INITIALLY DEFERRED)
                """,
            ])
    ])

/// Adds one to a counter the way a careless program does: reads, then writes what it computed.
@Sendable func increment(_ connection: any SQLConnection, _ name: String = "n") async throws {
    let row = try await connection.first("SELECT value FROM sample_counter WHERE name = $1", [name])
    guard let row else {
        try await connection.execute("INSERT INTO sample_counter (name, value) VALUES ($1, 1)", [name])
        return
    }
    try await connection.execute("UPDATE sample_counter SET value = $2 WHERE name = $1", [name, try row.int64(0) + 1])
}

/// The counter's value, 0 when there is none.
func counter(_ database: any Database, _ name: String = "n") async throws -> Int64 {
    try await database.read { connection in
        try await connection.first("SELECT value FROM sample_counter WHERE name = $1", [name])?.int64(0) ?? 0
    }
}

/// An error of the tests' own.
struct Refusal: Error, Equatable {}

/// A one-shot door: `wait` returns once it is open.
final class Door: Sendable {
    private let state = Mutex<(open: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func open() {
        let waiting = state.withLock { state in
            state.open = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.open { state.waiting.append(continuation) }
                return state.open
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Counts from many tasks.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    @discardableResult
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
