import Database
import DatabaseTesting
import Kernel
import Testing

@Suite struct TransactionTests {
    @Test(arguments: TestDatabases.kinds)
    func concurrentIncrementsSumUp(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let tasks = kind == .sqlite ? 200 : 40
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<tasks { group.addTask { try await database.transaction { try await increment($0) } } }
                try await group.waitForAll()
            }
            #expect(try await counter(database) == Int64(tasks))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func failingBodiesLeaveNothingAndHurtNobody(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let failures = await withTaskGroup(of: Int.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        do {
                            try await database.transaction { connection in
                                try await connection.execute(
                                    "INSERT INTO sample_types (id, number) VALUES ($1, 1)", [number])
                                if number % 3 == 0 { throw Refusal() }
                                if number % 3 == 1 {
                                    try await connection.execute(
                                        "INSERT INTO sample_types (id, number) VALUES ($1, 1)", [number])
                                }
                            }
                            return 0
                        } catch { return 1 }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(failures == 40)
            let ids = try await database.read { try await $0.query("SELECT id FROM sample_types ORDER BY id") }
            #expect(try ids.map { try $0.int(0) } == (0..<60).filter { $0 % 3 == 2 })
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whatIsPostedIsWrittenInOrder(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            try await database.transaction { connection in
                try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('a', 1)", [])
                try await connection.post("UPDATE sample_counter SET value = value * 10 + $1 WHERE name = 'a'", [2])
                try await connection.post("UPDATE sample_counter SET value = value * 10 + $1 WHERE name = 'a'", [3])
                #expect(try await connection.first("SELECT value FROM sample_counter")?.int(0) == 123)
                try await connection.post("UPDATE sample_counter SET value = value + $1 WHERE name = 'a'", [1])
            }
            #expect(try await counter(database, "a") == 124)
        }
    }

    /// Whether or not anything is waited for after it, a posted statement that fails ends its transaction, is told by its own
    /// error, and does not reach the next transaction on the same connection.
    @Test(arguments: TestDatabases.kinds, [true, false])
    func aPostedFailureEndsItsTransactionOnly(_ kind: DatabaseKind, _ waits: Bool) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            try await database.transaction { connection in
                try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('a', 1)", [])
            }
            for _ in 0..<20 {
                await #expect(throws: RumdulError.databaseUnique) {
                    try await database.transaction { connection in
                        try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('b', 1)", [])
                        try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('a', 2)", [])
                        try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('c', 1)", [])
                        if waits { _ = try await connection.query("SELECT value FROM sample_counter") }
                    }
                }
                await #expect(throws: Refusal.self) {
                    try await database.transaction { connection in
                        try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('d', 1)", [])
                        if kind == .postgresql {
                            try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('a', 2)", [])
                        }
                        throw Refusal()
                    }
                }
                let names = try await database.read { try await $0.query("SELECT name FROM sample_counter") }
                #expect(try names.map { try $0.string(0) } == ["a"])
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func postedConflictsRunAgain(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            try await database.transaction { connection in
                try await connection.post("INSERT INTO sample_counter (name, value) VALUES ('a', 0)", [])
            }
            let tasks = kind == .sqlite ? 100 : 30
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<tasks {
                    group.addTask {
                        try await database.transaction { connection in
                            try await connection.post(
                                "UPDATE sample_counter SET value = value + 1 WHERE name = 'a'", [])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await counter(database, "a") == Int64(tasks))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aSwallowedFailureDoesNotCommit(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            await #expect(throws: RumdulError.databaseUnique) {
                try await database.transaction { connection in
                    try await connection.execute("INSERT INTO sample_counter (name, value) VALUES ('a', 1)")
                    _ = try? await connection.execute("INSERT INTO sample_counter (name, value) VALUES ('a', 2)")
                }
            }
            let kept = try await counter(database, "a")
            #expect(kept == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func nestingIsRefused(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            await #expect(throws: RumdulError.databaseNested) {
                try await database.transaction { _ in try await database.transaction { _ in } }
            }
            await #expect(throws: RumdulError.databaseNested) {
                try await database.read { _ in try await database.transaction { _ in } }
            }
            await #expect(throws: RumdulError.databaseNested) {
                try await database.transaction { _ in _ = try await counter(database) }
            }
            // A task that outlives the closure is on its own.
            let door = Door()
            let task = try await database.transaction { _ in
                Task {
                    await door.wait()
                    try await database.transaction { try await increment($0) }
                }
            }
            door.open()
            try await task.value
            #expect(try await counter(database) == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aConnectionEndsWithItsClosure(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let kept = try await database.transaction { $0 }
            await #expect(throws: RumdulError.databaseStatement("")) { _ = try await kept.query("SELECT 1") }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func readsSeeOneSnapshotAndAllThatReturned(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            try await database.transaction { try await increment($0) }
            let began = Door()
            let wrote = Door()
            async let values = database.read { connection in
                let sql = "SELECT value FROM sample_counter WHERE name = 'n'"
                let before = try await connection.first(sql)?.int64(0)
                began.open()
                await wrote.wait()
                return (before, try await connection.first(sql)?.int64(0))
            }
            await began.wait()
            try await database.transaction { try await increment($0) }
            #expect(try await counter(database) == 2)
            wrote.open()
            let (before, after) = try await values
            #expect(before == 1)
            #expect(after == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func cancelledTasksDoNotBlockOthers(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let running = Door()
            let goOn = Door()
            let first = Task {
                try await database.transaction { connection in
                    try await connection.execute("INSERT INTO sample_counter (name, value) VALUES ('kept', 1)")
                    running.open()
                    await goOn.wait()
                }
            }
            await running.wait()
            let waiting = (0..<30).map { number in
                Task {
                    try await database.transaction { connection in
                        try Task.checkCancellation()
                        try await increment(connection, "w\(number % 2 == 0 ? "even" : "odd")\(number)")
                    }
                }
            }
            for (number, task) in waiting.enumerated() where number % 2 == 0 { task.cancel() }
            first.cancel()
            goOn.open()
            try await first.value
            for (number, task) in waiting.enumerated() where number % 2 == 1 { try await task.value }
            for (number, task) in waiting.enumerated() where number % 2 == 0 { _ = await task.result }
            #expect(try await counter(database, "kept") == 1)
            try await database.transaction { try await increment($0) }
            #expect(try await counter(database) == 1)
            let odd = try await database.read {
                try await $0.query("SELECT name FROM sample_counter WHERE name LIKE 'wodd%'")
            }
            #expect(odd.count == 15)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func aClosedDatabaseIsUnavailable(_ kind: DatabaseKind) async throws {
        try await TestDatabases.with(kind, migrations: [sampleMigrations]) { database in
            let running = Door()
            let goOn = Door()
            async let last: Void = database.transaction { connection in
                running.open()
                await goOn.wait()
                try await increment(connection)
            }
            await running.wait()
            async let closing: Void = database.close()
            goOn.open()
            try await last
            await closing
            await #expect(throws: RumdulError.databaseUnavailable) { try await database.transaction { _ in } }
            await #expect(throws: RumdulError.databaseUnavailable) { try await database.read { _ in } }
            await database.close()
        }
    }
}
