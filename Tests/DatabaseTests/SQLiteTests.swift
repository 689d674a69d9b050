import Database
import DatabaseTesting
import Foundation
import Kernel
import Testing

@Suite struct SQLiteTests {
    @Test func everyConnectionIsFullySynchronous() async throws {
        try await TestDatabases.with(.sqlite) { database in
            let pragmas: @Sendable (any SQLConnection) async throws -> [SQLValue] = { connection in
                var values: [SQLValue] = []
                for name in ["synchronous", "foreign_keys", "journal_mode"] {
                    values += try await connection.first("PRAGMA \(name)")?.values ?? []
                }
                return values
            }
            let expected: [SQLValue] = [.integer(2), .integer(1), .text("wal")]
            #expect(try await database.transaction(pragmas) == expected)
            // More readers at once than there are reader connections.
            try await withThrowingTaskGroup(of: [SQLValue].self) { group in
                for _ in 0..<32 { group.addTask { try await database.read(pragmas) } }
                for try await values in group { #expect(values == expected) }
            }
        }
    }

    /// What a power cut right after the answer would leave: the files as they are, copied without closing anything.
    @Test func acknowledgedTransactionsAreInTheFiles() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/a.db"
        let database = try SQLiteDatabase(path: path)
        try await database.migrate([sampleMigrations])
        for round in 1...3 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await database.transaction { try await increment($0) } } }
                try await group.waitForAll()
            }
            let copy = folder.path + "/copy\(round).db"
            for ending in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + ending, toPath: copy + ending)
            }
            let reopened = try SQLiteDatabase(path: copy)
            #expect(try await counter(reopened) == Int64(round * 20))
            await reopened.close()
        }
        await database.close()
    }

    @Test func anUnfinishedTransactionIsNotInTheFiles() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/a.db"
        let database = try SQLiteDatabase(path: path)
        try await database.migrate([sampleMigrations])
        try await database.transaction { connection in
            try await increment(connection)
            for ending in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + ending, toPath: folder.path + "/copy.db" + ending)
            }
        }
        let reopened = try SQLiteDatabase(path: folder.path + "/copy.db")
        #expect(try await counter(reopened) == 0)
        await reopened.close()
        await database.close()
    }

    /// Two databases on one file stand for two processes.
    @Test func anotherProcessMayWriteToo() async throws {
        try await TestDatabases.withLocation(.sqlite, migrations: [sampleMigrations]) { location in
            // Patient: on a busy machine one side may hold the file for long.
            var options = SQLiteDatabase.Options()
            options.busySeconds = 60
            let here = try await location.open(sqlite: options)
            let there = try await location.open(sqlite: options)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask { try await (number % 2 == 0 ? here : there).transaction { try await increment($0) } }
                }
                try await group.waitForAll()
            }
            #expect(try await counter(here) == 60)
            await here.close()
            await there.close()
        }
    }

    @Test func aGroupIsLimited() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var options = SQLiteDatabase.Options()
        options.groupLimit = 1
        options.readers = 1
        let database = try SQLiteDatabase(path: folder.path + "/a.db", options: options)
        try await database.migrate([sampleMigrations])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await database.transaction { try await increment($0) }
                    _ = try await counter(database)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await counter(database) == 50)
        await database.close()
    }

    @Test func tooLongALineIsRefused() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        var options = SQLiteDatabase.Options()
        options.waiterLimit = 0
        options.readers = 1
        let database = try SQLiteDatabase(path: folder.path + "/a.db", options: options)
        let running = Door()
        let goOn = Door()
        async let holder: Void = database.transaction { _ in
            running.open()
            await goOn.wait()
        }
        await running.wait()
        await #expect(throws: RumdulError.databaseUnavailable) { try await database.transaction { _ in } }
        goOn.open()
        try await holder
        try await database.transaction { _ in }
        await database.close()
    }

    @Test func unusableFilesAreUnavailable() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        #expect(throws: RumdulError.databaseUnavailable) { try SQLiteDatabase(path: folder.path + "/none/a.db") }
        let path = folder.path + "/text.db"
        try String(repeating: "this is not a database. ", count: 400).write(
            toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: RumdulError.databaseUnavailable) { try SQLiteDatabase(path: path) }
    }

    /// More texts than are kept prepared.
    @Test func manyDifferentStatements() async throws {
        try await TestDatabases.with(.sqlite) { database in
            try await database.read { connection in
                for number in 0..<1200 {
                    let value = try await connection.first("SELECT \(number) + $1", [1])?.int(0)
                    #expect(value == number + 1)
                }
            }
        }
    }
}
