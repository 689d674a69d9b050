import Database
import DatabaseTesting
import Kernel
import Testing

@Suite(.enabled(if: TestDatabases.kinds.contains(.postgresql))) struct PostgreSQLTests {
    /// A chained log: lock the stream, read its last row, append the next. `late` locks after another statement of the
    /// transaction, when its snapshot is already taken.
    private func appendAll(_ database: any Database, late: Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<10 {
                        try await database.transaction { connection in
                            if late { _ = try await connection.query("SELECT COUNT(*) FROM sample_counter") }
                            try await connection.lock("chain:a")
                            let last =
                                try await connection.first(
                                    "SELECT seq FROM sample_chain WHERE stream = 'a' ORDER BY seq DESC LIMIT 1")?.int64(
                                    0) ?? 0
                            try await connection.execute(
                                "INSERT INTO sample_chain (stream, seq, body) VALUES ('a', $1, $2)",
                                [last + 1, "after \(last)"])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try await database.read {
            try await $0.query("SELECT seq, body FROM sample_chain WHERE stream = 'a' ORDER BY seq")
        }
        #expect(rows.count == 160)
        for (index, row) in rows.enumerated() {
            #expect(row.values == [.integer(Int64(index + 1)), .text("after \(index)")])
        }
    }

    @Test(arguments: [false, true])
    func sixteenAppendersMakeOneChain(late: Bool) async throws {
        try await TestDatabases.withLocation(.postgresql, migrations: [sampleMigrations]) { location in
            let database = try await location.open()
            try await appendAll(database, late: late)
            await database.close()
        }
    }

    /// With the lock taken first nobody ever runs twice.
    @Test func aLockTakenFirstAvoidsConflicts() async throws {
        try await TestDatabases.withLocation(.postgresql, migrations: [sampleMigrations]) { location in
            let database = try await location.open()
            let runs = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        try await database.transaction { connection in
                            runs.next()
                            try await connection.lock("counter")
                            try await increment(connection)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await counter(database) == 60)
            #expect(runs.value == 60)
            await database.close()
        }
    }

    @Test func conflictsAreRunAgain() async throws {
        try await TestDatabases.with(.postgresql, migrations: [sampleMigrations]) { database in
            try await database.transaction { try await increment($0) }
            let runs = Counter()
            let bothRead = Door()
            let readers = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        try await database.transaction { connection in
                            runs.next()
                            let value = try await connection.first("SELECT value FROM sample_counter WHERE name = 'n'")
                            if readers.next() == 2 { bothRead.open() }
                            await bothRead.wait()
                            try await connection.execute(
                                "UPDATE sample_counter SET value = $1 WHERE name = 'n'",
                                [(try value?.int64(0) ?? 0) + 1])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await counter(database) == 3)
            #expect(runs.value >= 3)
        }
    }

    /// Everyone wants the same row at once, more of them than there are connections, and none names a lock.
    @Test func contendersDoNotStarve() async throws {
        try await TestDatabases.with(.postgresql, migrations: [sampleMigrations]) { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        for _ in 0..<4 { try await database.transaction { try await increment($0) } }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await counter(database) == 256)
        }
    }

    @Test func writeSkewIsPrevented() async throws {
        try await TestDatabases.with(.postgresql, migrations: [sampleMigrations]) { database in
            // Each may go only while the other stays: two doctors on call.
            try await database.transaction {
                _ = try await $0.execute("INSERT INTO sample_counter (name, value) VALUES ('a', 1), ('b', 1)")
            }
            let readers = Counter()
            let bothRead = Door()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in ["a", "b"] {
                    group.addTask {
                        try await database.transaction { connection in
                            let sum = try await connection.first(
                                "SELECT CAST(SUM(value) AS BIGINT) FROM sample_counter")
                            if readers.next() == 2 { bothRead.open() }
                            await bothRead.wait()
                            guard try sum?.int64(0) == 2 else { return }
                            try await connection.execute("UPDATE sample_counter SET value = 0 WHERE name = $1", [name])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let left = try await counter(database, "a") + counter(database, "b")
            #expect(left == 1)
        }
    }

    @Test func aLostConnectionIsReplaced() async throws {
        try await TestDatabases.withLocation(.postgresql, migrations: [sampleMigrations]) { location in
            var options = PostgreSQLDatabase.Options()
            options.connections = 2
            let database = try await location.open(postgresql: options)
            let helper = try await location.open(postgresql: options)
            // While nobody uses them: the next transactions do not notice.
            try await database.transaction { try await increment($0) }
            try await terminateOthers(helper)
            try await database.transaction { try await increment($0) }
            try await terminateOthers(helper)
            #expect(try await counter(database) == 2)
            // In the middle, once: the transaction runs again.
            let runs = Counter()
            try await database.transaction { connection in
                try await increment(connection)
                if runs.next() == 1 { try await terminateOthers(helper) }
                try await increment(connection)
            }
            #expect(runs.value == 2)
            #expect(try await counter(database) == 4)
            // In the middle, each time: unavailable, and nothing of it stays.
            await #expect(throws: RumdulError.databaseUnavailable) {
                try await database.transaction { connection in
                    try await increment(connection)
                    try await terminateOthers(helper)
                    try await increment(connection)
                }
            }
            #expect(try await counter(database) == 4)
            await helper.close()
            await database.close()
        }
    }

    @Test func aCommitOfUnknownOutcomeIsNotRunAgain() async throws {
        try await TestDatabases.withLocation(.postgresql, migrations: [sampleMigrations]) { location in
            let database = try await location.open()
            // A deferred trigger ends the connection while the server works on COMMIT.
            try await database.transaction { connection in
                try await connection.execute(
                    """
                    CREATE FUNCTION sample_end() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$
                    """)
                try await connection.execute(
                    """
                    CREATE CONSTRAINT TRIGGER sample_end AFTER INSERT ON sample_counter DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION sample_end()
                    """)
            }
            let runs = Counter()
            await #expect(throws: RumdulError.databaseUnavailable) {
                try await database.transaction { connection in
                    runs.next()
                    try await increment(connection)
                }
            }
            #expect(runs.value == 1)
            #expect(try await counter(database) == 0)
            await database.close()
        }
    }

    @Test func nullsTakeAnyType() async throws {
        try await TestDatabases.with(.postgresql, migrations: [sampleMigrations]) { database in
            try await database.transaction { connection in
                let insert =
                    "INSERT INTO sample_types (id, number, text, bytes, flag, real) VALUES ($1, $2, $3, $4, $5, $6)"
                for id in 0..<64 {
                    let values: [any SQLValueConvertible] = [7, "t", [UInt8(1)], true, 0.5]
                    let mixed = values.enumerated().map { id >> $0 & 1 == 1 ? $1 : SQLValue.null }
                    try await connection.execute(insert, [id] + mixed)
                }
                let count = try await connection.first(
                    "SELECT COUNT(number), COUNT(text), COUNT(bytes), COUNT(flag), COUNT(real) FROM sample_types")
                #expect(count?.values == [SQLValue](repeating: .integer(32), count: 5))
            }
        }
    }

    @Test func typesOfOneEngineOnlyAreRefused() async throws {
        try await TestDatabases.with(.postgresql) { database in
            for sql in ["SELECT SUM(x) FROM (VALUES (CAST(1 AS BIGINT))) AS t (x)", "SELECT now()", "SELECT ARRAY[1]"] {
                await #expect(throws: RumdulError.databaseStatement("")) {
                    try await database.read { _ = try await $0.query(sql) }
                }
            }
            let row = try await database.read {
                try await $0.first(
                    """
                    SELECT CAST(-5 AS SMALLINT), CAST(-70000 AS INTEGER), CAST('{"a": 1}' AS jsonb), CAST('x' AS varchar)
                    """
                )
            }
            #expect(row?.values == [.integer(-5), .integer(-70000), .text("{\"a\": 1}"), .text("x")])
        }
    }

    @Test func manyDifferentStatements() async throws {
        try await TestDatabases.with(.postgresql) { database in
            for round in 0..<3 {
                try await database.read { connection in
                    for number in 0..<400 {
                        let value = try await connection.first("SELECT \(number + round * 200) + $1", [1])?.int(0)
                        #expect(value == number + round * 200 + 1)
                    }
                }
            }
        }
    }

    @Test func statementsAtOnceInOneClosure() async throws {
        try await TestDatabases.with(.postgresql, migrations: [sampleMigrations]) { database in
            try await database.transaction { connection in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in 0..<50 {
                        group.addTask {
                            try await connection.execute("INSERT INTO sample_types (id) VALUES ($1)", [id])
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let count = try await database.read { try await $0.first("SELECT COUNT(*) FROM sample_types")?.int(0) }
            #expect(count == 50)
        }
    }

    @Test func largeValuesCross() async throws {
        try await TestDatabases.with(.postgresql, migrations: [sampleMigrations]) { database in
            let bytes = [UInt8](repeating: 0xA5, count: 9_000_000)
            try await database.transaction {
                _ = try await $0.execute("INSERT INTO sample_types (id, bytes) VALUES (1, $1)", [bytes])
            }
            let back = try await database.read { try await $0.first("SELECT bytes FROM sample_types")?.blob(0) }
            #expect(back == bytes)
        }
    }

    @Test func unreachableServersAreUnavailable() async throws {
        await #expect(throws: RumdulError.databaseUnavailable) {
            _ = try await PostgreSQLDatabase("postgresql://u:secret-word@127.0.0.1:1/none")
        }
        do {
            _ = try await PostgreSQLDatabase("postgresql://u:secret-word@127.0.0.1:1/none")
        } catch {
            #expect(!String(describing: error).contains("secret-word"))
        }
    }

    private func terminateOthers(_ database: any Database) async throws {
        _ = try await database.read {
            try await $0.query(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """)
        }
    }
}
