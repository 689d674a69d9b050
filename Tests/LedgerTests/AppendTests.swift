import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import Ledger

@Suite struct AppendTests {
    @Test(arguments: TestDatabases.kinds)
    func entriesAreChained(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let ledger = fixture.ledger
            var positions: [LedgerPosition] = []
            for number in 1...5 {
                positions.append(
                    try await fixture.database.transaction { connection in
                        try await ledger.append(Fixture.entry("test", number, subject: "s"), in: connection)
                    })
            }
            let records = try await fixture.database.read { connection in
                try await ledger.entries(stream: "test", limit: 100, in: connection)
            }
            #expect(records.map(\.sequence) == [1, 2, 3, 4, 5])
            #expect(records.map(\.hash) == positions.map(\.hash))
            #expect(records[0].previousHash == EntryHash.zero)
            for (before, record) in zip(records, records.dropFirst()) { #expect(record.previousHash == before.hash) }
            for record in records {
                #expect(record.contentHash == record.hash)
                #expect(record.kind == "test.entry" && record.subject == "s")
            }
            #expect(try records[1].value()["number"]?.integerValue == 2)
            #expect(records[1].payload == Array(#"{"number":2,"text":"អត្ថបទ"}"#.utf8))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func bulkAppendIsTheSameChain(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let ledger = fixture.ledger
            let entries = (0..<700).map { Fixture.entry("s\($0 % 3)", $0, subject: $0 % 2 == 0 ? "x" : nil) }
            let positions = try await fixture.database.transaction { connection in
                try await ledger.append(Fixture.entry("s1", -1), in: connection)
                return try await ledger.append(many: entries, in: connection)
            }
            #expect(positions.map(\.stream) == entries.map(\.stream))
            #expect(positions[0].sequence == 1 && positions[1].sequence == 2 && positions[3].sequence == 2)
            let report = try await ledger.verify()
            #expect(report.isIntact && report.entries == 701 && report.streams == 3 && report.uncovered == 701)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func sixteenWritersMakeOneChain(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let (database, ledger) = (fixture.database, fixture.ledger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        for number in 0..<12 {
                            try await database.transaction { connection in
                                // Half of them read before they append.
                                if writer % 2 == 0 { try await connection.query("SELECT COUNT(*) FROM ledger_nodes") }
                                try await ledger.append(Fixture.entry("one", number), in: connection)
                                if number % 3 == 0 {
                                    try await ledger.append(Fixture.entry("two", number), in: connection)
                                }
                            }
                        }
                    }
                    if writer % 4 == 0 { group.addTask { _ = try await ledger.checkpoint() } }
                }
                try await group.waitForAll()
            }
            _ = try await ledger.checkpoint()
            let report = try await ledger.verify()
            #expect(report.isIntact, "\(report.summary)")
            #expect(report.entries == 16 * 16 && report.uncovered == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func tablesRefuseChanges(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(300)
            _ = try await fixture.ledger.checkpoint()
            for table in Ledger.tableNames {
                let column = table == "ledger_checkpoints" ? "number" : "stream"
                for sql in ["DELETE FROM \(table)", "UPDATE \(table) SET \(column) = \(column)"] {
                    let code = await errorCode {
                        try await fixture.database.transaction { connection in try await connection.execute(sql) }
                    }
                    #expect(code == "database.statement", "\(sql)")
                }
            }
            if kind == .postgresql {
                let code = await errorCode {
                    try await fixture.database.transaction { try await $0.execute("TRUNCATE ledger_entries") }
                }
                #expect(code == "database.statement")
            }
            #expect(try await fixture.ledger.verify().entries == 300)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func subjectsFindTheirEntriesNewestFirst(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let (database, ledger) = (fixture.database, fixture.ledger)
            for number in 0..<40 {
                _ = try await database.transaction { connection in
                    try await ledger.append(
                        Fixture.entry(
                            number % 5 == 0 ? "audit-01" : "access-0\(number % 3)", number,
                            subject: number % 2 == 0 ? "anna" : "bora"), in: connection)
                }
            }
            var seen: [Int64] = []
            var cursor: LedgerCursor?
            repeat {
                let before = cursor
                let page = try await database.read { connection in
                    try await ledger.entries(
                        subject: "anna", streamPrefix: "access-", before: before, limit: 7, in: connection)
                }
                seen += try page.compactMap { try $0.value()["number"]?.integerValue }
                cursor = page.last.flatMap { LedgerCursor(text: $0.cursor.text) }
            } while cursor != nil
            #expect(seen == (0..<40).reversed().filter { $0 % 2 == 0 && $0 % 5 != 0 })
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func badEntriesAreRefused(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let ledger = fixture.ledger
            for entry in [
                LedgerEntry(stream: "", kind: "k", payload: [:]), LedgerEntry(stream: "Big", kind: "k", payload: [:]),
                LedgerEntry(stream: "a~", kind: "k", payload: [:]), LedgerEntry(stream: "a", kind: "", payload: [:]),
                LedgerEntry(stream: "a", kind: "k", subject: String(repeating: "x", count: 129), payload: [:]),
                LedgerEntry(stream: "a", kind: "k", payload: .string(String(repeating: "x", count: 70_000))),
            ] {
                let code = await errorCode {
                    try await fixture.database.transaction { connection in
                        try await ledger.append(entry, in: connection)
                    }
                }
                #expect(code == "ledger.entry")
            }
        }
    }

    @Test func shardsAreStable() {
        #expect(Ledger.shard("access", by: "a") == Ledger.shard("access", by: "a"))
        var counts: [String: Int] = [:]
        for number in 0..<6400 { counts[Ledger.shard("access", by: "person-\(number)"), default: 0] += 1 }
        #expect(counts.count == 64)
        #expect(counts.values.allSatisfy { (50...160).contains($0) })
        #expect(counts.keys.allSatisfy { $0.utf8.count == 9 })
    }

    /// No two entries have the same encoding: moving bytes between neighbouring fields changes the hash.
    @Test func hashBindsEveryField() {
        func hash(
            _ stream: String = "s", _ sequence: Int64 = 1, _ at: Int64 = 5, _ kind: String = "k",
            _ subject: String? = "u", _ payload: [UInt8] = [1], _ previous: [UInt8] = EntryHash.zero
        ) -> [UInt8] {
            EntryHash.hash(
                stream: stream, sequence: sequence, at: Instant(microseconds: at), kind: kind, subject: subject,
                payload: payload, previous: previous)
        }
        let all = [
            hash(), hash("t"), hash("s", 2), hash("s", 1, 6), hash("s", 1, 5, "l"), hash("s", 1, 5, "k", "v"),
            hash("s", 1, 5, "k", nil), hash("s", 1, 5, "k", ""), hash("s", 1, 5, "k", "u", [2]),
            hash("s", 1, 5, "ku", ""), hash("s", 1, 5, "", "ku"),
            hash("s", 1, 5, "k", "u", [1], [UInt8](repeating: 1, count: 32)),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test func cursorsSurviveAndRubbishIsRefused() {
        let cursor = LedgerCursor(at: Instant(microseconds: 17), stream: "a-1", sequence: 9)
        #expect(LedgerCursor(text: cursor.text) == cursor)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                UInt8.random(in: 32...126, using: &generator)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let read = LedgerCursor(text: text) { #expect(LedgerCursor(text: read.text) == read) }
        }
    }
}
