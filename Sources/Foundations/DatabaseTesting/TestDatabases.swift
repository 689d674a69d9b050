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
    public static let kinds: [DatabaseKind] = {
        guard TestCluster.isAvailable else {
            print("skipped: tests on PostgreSQL, since \(TestCluster.programs) has no server")
            return [.sqlite]
        }
        return [.sqlite, .postgresql]
    }()

    /// Runs a test on a fresh database of one kind with these migrations applied.
    @discardableResult
    public static func with<Value: Sendable>(
        _ kind: DatabaseKind, migrations: [ModuleMigrations] = [],
        _ test: @Sendable (any Database) async throws -> Value
    ) async throws -> Value {
        switch kind {
        case .sqlite:
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            return try await run(try SQLiteDatabase(path: folder.path + "/test.db"), migrations, test)
        case .postgresql:
            return try await withLocation(kind, migrations: migrations) { location in
                try await run(try await location.open(postgresql: options), [], test)
            }
        }
    }

    /// Gives a test the location of a fresh database of one kind, for tests that open it themselves, or more than once.
    @discardableResult
    public static func withLocation<Value: Sendable>(
        _ kind: DatabaseKind, migrations: [ModuleMigrations] = [],
        _ test: @Sendable (DatabaseLocation) async throws -> Value
    ) async throws -> Value {
        switch kind {
        case .sqlite:
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let path = folder.path + "/test.db"
            if !migrations.isEmpty { try await run(try SQLiteDatabase(path: path), migrations) { _ in } }
            return try await test(.sqlite(path: path))
        case .postgresql:
            let (name, url) = try await TestCluster.shared.makeDatabase(migrations)
            do {
                let value = try await test(.postgresql(url: url))
                try await TestCluster.shared.dropDatabase(name)
                return value
            } catch {
                try? await TestCluster.shared.dropDatabase(name)
                throw error
            }
        }
    }

    /// Few connections for each test: many tests run at once on one server.
    private static var options: PostgreSQLDatabase.Options {
        var options = PostgreSQLDatabase.Options()
        options.connections = 8
        // Many hundred tests share two processors: who waits for a lock may wait for long.
        options.statementSeconds = 300
        return options
    }

    private static func run<Value: Sendable>(
        _ database: any Database, _ migrations: [ModuleMigrations],
        _ test: @Sendable (any Database) async throws -> Value
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
