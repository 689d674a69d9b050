import Database
import Kernel
import KeyVault
import Synchronization

/// A database that counts the rows it writes, in transactions that were kept.
final class CountingDatabase: Database {
    private let base: any Database
    private let kept = Mutex<[String]>([])

    init(_ base: any Database) { self.base = base }

    /// One entry per row written, the first words of its statement.
    var rows: [String] { kept.withLock { $0 } }

    func reset() { kept.withLock { $0 = [] } }

    var dialect: Dialect { base.dialect }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value {
        try await base.read(body)
    }

    var statements: any SQLConnection { base.statements }

    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) async throws -> Value
    ) async throws -> Value {
        let (value, rows) = try await base.transaction { connection in
            let counting = CountingConnection(connection)
            return (try await body(counting), counting.rows)
        }
        kept.withLock { $0 += rows }
        return value
    }

    func migrate(_ modules: [ModuleMigrations]) async throws { try await base.migrate(modules) }

    func close() async { await base.close() }
}

/// A connection that counts the rows it writes.
private final class CountingConnection: SQLConnection {
    private let base: any SQLConnection
    private let written = Mutex<[String]>([])

    init(_ base: any SQLConnection) { self.base = base }

    var rows: [String] { written.withLock { $0 } }

    var dialect: Dialect { base.dialect }

    func query(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> [Row] {
        let rows = try await base.query(sql, arguments)
        note(sql, rows.count)
        return rows
    }

    func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> Int {
        let count = try await base.execute(sql, arguments)
        note(sql, count)
        return count
    }

    func lock(_ name: String) async throws { try await base.lock(name) }

    private func note(_ sql: String, _ count: Int) {
        let words = sql.split { $0 == " " || $0 == "\n" }.prefix(3).joined(separator: " ")
        guard ["INSERT", "UPDATE", "DELETE"].contains(words.prefix(6)) else { return }
        written.withLock { $0 += [String](repeating: words, count: count) }
    }
}

/// A vault that counts its signatures.
final class CountingVault: KeyVault {
    private let base: any KeyVault
    private let count = Mutex(0)

    init(_ base: any KeyVault) { self.base = base }

    var signatures: Int { count.withLock { $0 } }

    func reset() { count.withLock { $0 = 0 } }

    func activeKey(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm?) async throws -> KeyHandle {
        try await base.activeKey(purpose, algorithm)
    }

    func keys(_ purpose: KeyPurpose) async throws -> [KeyHandle] { try await base.keys(purpose) }

    func key(id: String) async throws -> KeyHandle? { try await base.key(id: id) }

    func sign(_ input: [UInt8], with key: KeyHandle) async throws -> [UInt8] {
        count.withLock { $0 += 1 }
        return try await base.sign(input, with: key)
    }

    func mac(_ input: [UInt8], purpose: KeyPurpose, keyID: String?) async throws -> [UInt8] {
        try await base.mac(input, purpose: purpose, keyID: keyID)
    }

    func seal(_ plaintext: [UInt8], purpose: KeyPurpose, context: [UInt8]) async throws -> [UInt8] {
        try await base.seal(plaintext, purpose: purpose, context: context)
    }

    func open(_ sealed: [UInt8], purpose: KeyPurpose, context: [UInt8]) async throws -> [UInt8] {
        try await base.open(sealed, purpose: purpose, context: context)
    }

    func create(_ purpose: KeyPurpose, _ algorithm: KeyAlgorithm, state: KeyState) async throws -> KeyHandle {
        try await base.create(purpose, algorithm, state: state)
    }

    func setState(_ keyID: String, _ state: KeyState) async throws { try await base.setState(keyID, state) }
}

/// Something that happens once, seen from several tasks.
final class Flag: Sendable {
    private let up = Mutex(false)

    var isUp: Bool { up.withLock { $0 } }

    func raise() { up.withLock { $0 = true } }
}
