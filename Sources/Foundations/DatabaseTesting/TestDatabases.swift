import Database
import Foundation
import Kernel

/// Temporary databases for tests, each used by one test and gone after it.
///
/// ```swift
/// @Test(arguments: TestDatabases.kinds)
/// func stores(_ kind: DatabaseKind) async throws {
///     try await TestDatabases.with(kind, migrations: [Store.migrations]) { database in ... }
/// }
/// ```
public enum TestDatabases {
    /// The engines of this machine: always SQLite, and PostgreSQL when its programs are installed.
    public static let kinds: [DatabaseKind] = [.sqlite]

    /// Runs a test on a fresh database of one kind with these migrations applied.
    public static func with<Value: Sendable>(
        _ kind: DatabaseKind, migrations: [ModuleMigrations] = [],
        _ test: @Sendable (any Database) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let database = try SQLiteDatabase(path: folder.path + "/test.db")
        return try await run(database, migrations, test)
    }

    static func run<Value: Sendable>(
        _ database: any Database, _ migrations: [ModuleMigrations], _ test: @Sendable (any Database) async throws -> Value
    ) async throws -> Value {
        do {
            if !migrations.isEmpty { try await database.migrate(migrations) }
            let value = try await test(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }
}
