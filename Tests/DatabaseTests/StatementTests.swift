import Database
import DatabaseTesting
import Kernel
import Testing

@Suite struct StatementTests {
    @Test(arguments: TestDatabases.kinds)
    func typesRoundTrip(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let bytes = [UInt8](0...255)
            let text = "អត្តសញ្ញាណ 'quoted' \"x\" \\ $1"
            let instant = Instant(microseconds: 1_774_000_000_123_456)
            try await database.transaction { connection in
                let insert = """
                    INSERT INTO sample_types (id, number, text, bytes, flag, real) VALUES ($1, $2, $3, $4, $5, $6)
                    """
                try await connection.execute(insert, [1, Int64.max, text, bytes, true, 2.5])
                try await connection.execute(insert, [2, Int64.min, "", [UInt8](), false, -1e-300])
                try await connection.execute(
                    insert,
                    [3, Int64?.none, String?.none, [UInt8]?.none, Bool?.none, SQLValue.null])
                try await connection.execute(insert, [4, instant, CalendarDate(iso: "2026-03-19"), bytes, true, 3.0])
            }
            let rows = try await database.read {
                try await $0.query("SELECT number, text, bytes, flag, real FROM sample_types ORDER BY id")
            }
            #expect(rows.count == 4)
            #expect(try rows[0].int64(0) == .max)
            #expect(try rows[0].string(1) == text)
            #expect(try rows[0].blob(2) == bytes)
            #expect(try rows[0].bool(3))
            #expect(rows[0].values[4] == .double(2.5))
            #expect(try rows[1].int64(0) == .min)
            #expect(try rows[1].string(1) == "")
            #expect(try rows[1].blob(2) == [])
            #expect(try !rows[1].bool(3))
            #expect(rows[1].values[4] == .double(-1e-300))
            #expect(rows[2].values == [.null, .null, .null, .null, .null])
            #expect(try rows[2].optionalString(1) == nil)
            #expect(try rows[3].instant(0) == instant)
            #expect(try rows[3].date(1) == CalendarDate(iso: "2026-03-19"))
            #expect(rows[3].values[4] == .double(3))
            #expect(throws: RumdulError.self) { try rows[0].string(0) }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func placeholdersAreBoundByNumber(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind) { database in
            let row = try await database.read {
                try await $0.first(
                    "SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), '$1', CAST($2 AS TEXT) /* $9 */ -- $8", ["x", "y"])
            }
            #expect(row?.values == [.text("y"), .text("x"), .text("$1"), .text("y")])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func executeCountsRows(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            try await database.transaction { connection in
                #expect(
                    try await connection.execute(
                        "INSERT INTO sample_counter (name, value) VALUES ('a', 1), ('b', 2), ('c', 3)") == 3)
                #expect(try await connection.execute("UPDATE sample_counter SET value = 0 WHERE value > $1", [1]) == 2)
                #expect(try await connection.execute("CREATE TABLE sample_more (id BIGINT)") == 0)
                #expect(try await connection.execute("DELETE FROM sample_counter WHERE name = 'z'") == 0)
                let returned = try await connection.query(
                    """
                    INSERT INTO sample_counter (name, value) VALUES ('a', 9) ON CONFLICT (name) DO UPDATE SET
                    value = excluded.value RETURNING name, value
                    """)
                #expect(returned.map(\.values) == [[.text("a"), .integer(9)]])
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func wrongStatementsAreRefused(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let wrong: [(String, [any SQLValueConvertible])] = [
                ("SELEKT 1", []), ("SELECT nothing FROM sample_counter", []), ("SELECT 1; SELECT 2", []),
                ("SELECT value FROM sample_counter WHERE name = $1", []),
                ("SELECT value FROM sample_counter WHERE name = $1", ["a", "b"]),
                ("INSERT INTO sample_counter (name) VALUES ('x')", []), ("", []),
            ]
            for (sql, arguments) in wrong {
                await #expect(throws: RumdulError.databaseStatement(""), "\(sql)") {
                    try await database.transaction { _ = try await $0.query(sql, arguments) }
                }
            }
            await #expect(throws: RumdulError.databaseStatement("")) {
                try await database.read { _ = try await $0.execute("DELETE FROM sample_counter") }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func uniqueConstraintsHaveTheirOwnError(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let insert: @Sendable (any SQLConnection) async throws -> Void = {
                try await $0.execute("INSERT INTO sample_counter (name, value) VALUES ('once', 1)")
            }
            try await database.transaction(insert)
            await #expect(throws: RumdulError.databaseUnique) { try await database.transaction(insert) }
            #expect(try await counter(database, "once") == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func deferredForeignKeysAreChecked(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            try await database.transaction { connection in
                try await connection.execute("INSERT INTO sample_child (id, counter) VALUES (1, 'parent')")
                try await connection.execute("INSERT INTO sample_counter (name, value) VALUES ('parent', 0)")
            }
            await #expect(throws: RumdulError.databaseStatement("")) {
                try await database.transaction {
                    _ = try await $0.execute("INSERT INTO sample_child (id, counter) VALUES (2, 'orphan')")
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aStatementAlone(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            _ = try await database.transaction {
                try await $0.execute("INSERT INTO sample_types (id, text) VALUES ($1, $2)", [1, "one"])
            }
            let row = try await database.statements.first("SELECT text FROM sample_types WHERE id = $1", [1])
            #expect(try row?.string(0) == "one")
            // Whatever might change something, and a second statement, are refused and change nothing.
            for text in [
                "DELETE FROM sample_types", "UPDATE sample_types SET text = 'x'",
                "INSERT INTO sample_types (id, text) VALUES (2, 'two')", "SELECT 1; DELETE FROM sample_types",
                "WITH gone AS (DELETE FROM sample_types RETURNING id) SELECT * FROM gone", "BEGIN",
            ] {
                await #expect(throws: RumdulError.self) { try await database.statements.query(text) }
                await #expect(throws: RumdulError.self) { try await database.statements.execute(text) }
            }
            #expect(try await database.statements.query("SELECT text FROM sample_types").count == 1)
            // Inside a closure it would wait for a connection that the closure holds.
            _ = try await database.read { _ in
                await #expect(throws: RumdulError.databaseNested) { try await database.statements.query("SELECT 1") }
            }
        }
    }
}
