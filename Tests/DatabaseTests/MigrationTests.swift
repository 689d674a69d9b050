import Database
import DatabaseTesting
import Kernel
import Testing

@Suite struct MigrationTests {
    private static let first = ModuleMigrations.Step("first", ["CREATE TABLE m_one (id BIGINT PRIMARY KEY, data BLOB)"])
    private static let second = ModuleMigrations.Step(
        "second", ["CREATE TABLE m_two (id BIGINT PRIMARY KEY)", "INSERT INTO m_two (id) VALUES (7)"],
        sqlite: ["CREATE TRIGGER m_keep BEFORE DELETE ON m_two BEGIN SELECT RAISE(ABORT, 'kept'); END"],
        postgresql: [
            "CREATE FUNCTION m_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$",
            "CREATE TRIGGER m_keep BEFORE DELETE ON m_two FOR EACH ROW EXECUTE FUNCTION m_refuse()",
        ])

    private static func module(_ steps: ModuleMigrations.Step...) -> [ModuleMigrations] {
        [ModuleMigrations("m", steps)]
    }

    @Test(arguments: TestDatabases.kinds)
    func stepsAreAppliedOnceAndInOrder(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind) { database in
            try await database.migrate(Self.module(Self.first))
            try await database.migrate(Self.module(Self.first))
            try await database.migrate(Self.module(Self.first, Self.second))
            try await database.migrate(Self.module(Self.first, Self.second))
            let steps = try await database.read {
                try await $0.query("SELECT module, number, name FROM schema_migrations ORDER BY number")
            }
            #expect(
                steps.map(\.values) == [
                    [.text("m"), .integer(1), .text("first")], [.text("m"), .integer(2), .text("second")],
                ])
            try await database.transaction { connection in
                try await connection.execute("INSERT INTO m_one (id, data) VALUES (1, $1)", [[UInt8](0...9)])
                #expect(try await connection.first("SELECT data FROM m_one")?.blob(0) == [UInt8](0...9))
            }
            await #expect(throws: RumdulError.databaseStatement("")) {
                try await database.transaction { _ = try await $0.execute("DELETE FROM m_two") }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func editedStepsAreRefused(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: Self.module(Self.first)) { database in
            var edited = Self.first
            edited.statements[0] += " "
            let changed = edited
            await #expect(throws: RumdulError.databaseMigration("")) {
                try await database.migrate(Self.module(changed, Self.second))
            }
            var renamed = Self.first
            renamed.name = "other"
            let other = renamed
            await #expect(throws: RumdulError.databaseMigration("")) { try await database.migrate(Self.module(other)) }
            try await database.migrate(Self.module(Self.first))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func newerDatabasesAreRefused(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: Self.module(Self.first, Self.second)) { database in
            await #expect(throws: RumdulError.databaseMigration("")) {
                try await database.migrate(Self.module(Self.first))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func failingUpgradesChangeNothing(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: Self.module(Self.first)) { database in
            let broken = ModuleMigrations.Step(
                "broken", ["CREATE TABLE m_three (id BIGINT)", "CREATE TABEL m_four (id BIGINT)"])
            await #expect(throws: RumdulError.databaseStatement("")) {
                try await database.migrate(Self.module(Self.first, Self.second, broken))
            }
            try await database.migrate(Self.module(Self.first))
            await #expect(throws: RumdulError.databaseStatement("")) {
                try await database.read { _ = try await $0.query("SELECT id FROM m_two") }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func startsAtTheSameTimeAreSafe(_ kind: DatabaseKind) async throws {
        try await TestDatabases.withLocation(kind) { location in
            // Each has its own connections, as separate processes would have.
            try await withThrowingTaskGroup(of: Void.self) { group in
                // While other tests keep the machine busy, a lock may be held for long.
                var patient = SQLiteDatabase.Options()
                patient.busySeconds = 600
                for _ in 0..<6 {
                    group.addTask { [patient] in
                        let database = try await location.open(sqlite: patient)
                        try await database.migrate(Self.module(Self.first, Self.second))
                        await database.close()
                    }
                }
                try await group.waitForAll()
            }
            let database = try await location.open()
            let ids = try await database.read { try await $0.query("SELECT id FROM m_two") }
            #expect(ids.map(\.values) == [[.integer(7)]])
            await database.close()
        }
    }
}
