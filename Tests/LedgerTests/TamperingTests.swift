import Codecs
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import Ledger

/// Somebody who owns the database changes it past the triggers; the verification must find exactly what was done.
@Suite struct TamperingTests {
    /// A ledger of 20 entries of which a checkpoint covers 12, and another stream that nobody touches.
    private func with(
        _ kind: DatabaseKind, _ test: @Sendable (Fixture) async throws -> Void
    ) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(5)
            try await fixture.append(9, to: "quiet")
            _ = try await fixture.ledger.checkpoint()
            try await fixture.append(7)
            _ = try await fixture.ledger.checkpoint()
            try await fixture.append(8)
            let report = try await fixture.ledger.verify()
            #expect(report.isIntact && report.entries == 29 && report.checkpoints == 2 && report.streams == 2)
            #expect(report.uncovered == 8)
            try await test(fixture)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func editedEntries(_ kind: DatabaseKind) async throws {
        let changes: [(String, any SQLValueConvertible)] = [
            ("at", 1), ("kind", "other"), ("subject", "somebody"), ("payload", Array("{}".utf8)),
            ("prev_hash", [UInt8](repeating: 7, count: 32)), ("hash", [UInt8](repeating: 7, count: 32)),
        ]
        for (column, value) in changes {
            for sequence in [Int64(1), 5, 8, 12, 19, 20] {
                try await with(kind) { fixture in
                    let sql = "UPDATE ledger_entries SET \(column) = $1 WHERE stream = 'test' AND seq = $2"
                    try await fixture.tamper([(sql, [value, sequence])])
                    #expect(try await fixture.ledger.verify().summary == ["edited \(sequence)"], "\(column)")
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func editedEntriesSideBySide(_ kind: DatabaseKind) async throws {
        try await with(kind) { fixture in
            try await fixture.tamper([
                ("UPDATE ledger_entries SET kind = 'x' WHERE stream = 'test' AND seq IN (7, 8, 11)", [])
            ])
            let report = try await fixture.ledger.verify()
            #expect(report.summary == ["edited 7", "edited 8", "edited 11"])
            #expect(report.uncheckedHeads == 0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func deletedEntries(_ kind: DatabaseKind) async throws {
        for (first, last) in [(Int64(1), Int64(1)), (1, 3), (7, 7), (7, 9), (12, 12), (12, 14), (17, 18)] {
            try await with(kind) { fixture in
                try await fixture.tamper([
                    ("DELETE FROM ledger_entries WHERE stream = 'test' AND seq >= $1 AND seq <= $2", [first, last])
                ])
                let report = try await fixture.ledger.verify()
                #expect(report.summary == [first == last ? "deleted \(first)" : "deleted \(first)-\(last)"])
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func deletedTailAndStream(_ kind: DatabaseKind) async throws {
        try await with(kind) { fixture in
            try await fixture.tamper([("DELETE FROM ledger_entries WHERE stream = 'test' AND seq >= 11", [])])
            #expect(try await fixture.ledger.verify().summary == ["deleted 11-12"])
            let code = await errorCode { try await fixture.append(1) }
            #expect(code == nil)
            // The next entry takes the place of a lost one; its hash gives it away.
            #expect(try await fixture.ledger.verify().summary.contains("deleted 12"))
        }
        try await with(kind) { fixture in
            try await fixture.tamper([("DELETE FROM ledger_entries WHERE stream = 'quiet'", [])])
            #expect(try await fixture.ledger.verify().summary == ["deleted 1-9"])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func swappedEntries(_ kind: DatabaseKind) async throws {
        for (left, right) in [(Int64(5), Int64(6)), (1, 2), (3, 10), (19, 20), (1, 20)] {
            try await with(kind) { fixture in
                try await fixture.swap("test", left, right)
                let report = try await fixture.ledger.verify()
                #expect(report.summary == ["reordered \(left)", "reordered \(right)"])
                #expect(report.uncheckedHeads == 0)
            }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func deletedAndMovedUp(_ kind: DatabaseKind) async throws {
        try await with(kind) { fixture in
            try await fixture.tamper([("DELETE FROM ledger_entries WHERE stream = 'test' AND seq = 7", [])])
            try await fixture.shift("test", from: 8, through: 20, by: -1)
            #expect(try await fixture.ledger.verify().summary == ["deleted 7", "reordered 7-19"])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func insertedEntries(_ kind: DatabaseKind) async throws {
        // In the middle, the rest moved down.
        try await with(kind) { fixture in
            try await fixture.shift("test", from: 7, through: 20, by: 1)
            try await fixture.tamper([try await self.insertion(fixture, at: 7, after: 6)])
            #expect(try await fixture.ledger.verify().summary == ["inserted 7", "reordered 8-21"])
        }
        // A copy at the end.
        try await with(kind) { fixture in
            try await fixture.tamper([
                (
                    """
                    INSERT INTO ledger_entries (stream, seq, at, kind, subject, payload, prev_hash, hash)
                    SELECT stream, 21, at, kind, subject, payload, prev_hash, hash FROM ledger_entries
                    WHERE stream = 'test' AND seq = 4
                    """, []
                )
            ])
            #expect(try await fixture.ledger.verify().summary == ["inserted 21"])
        }
        // Where no entry can be.
        try await with(kind) { fixture in
            for place in [Int64(-3), 0, Int64.max] {
                try await fixture.tamper([try await self.insertion(fixture, at: place, after: 6)])
            }
            let report = try await fixture.ledger.verify()
            #expect(report.summary.sorted() == ["inserted -3", "inserted 0", "inserted \(Int64.max)"])
            #expect(await errorCode { try await fixture.append(1) } == "ledger.broken")
        }
        // After a checkpoint that covers all, with a link to nowhere.
        try await with(kind) { fixture in
            _ = try await fixture.ledger.checkpoint()
            try await fixture.tamper([try await self.insertion(fixture, at: 21, after: 6)])
            #expect(try await fixture.ledger.verify().summary == ["inserted 21"])
            #expect(await errorCode { try await fixture.ledger.checkpoint() } == "ledger.broken")
        }
    }

    /// An entry with a right hash at a place, which names another entry as the one before.
    private func insertion(
        _ fixture: Fixture, at place: Int64, after: Int64
    ) async throws -> (String, [any SQLValueConvertible]) {
        let ledger = fixture.ledger
        let record = try await fixture.database.read { connection in
            try await ledger.entry(stream: "test", sequence: after, in: connection)
        }
        var forged = try #require(record)
        forged.previousHash = forged.hash
        forged.sequence = place
        forged.payload = Array(#"{"forged":1}"#.utf8)
        return (
            """
            INSERT INTO ledger_entries (stream, seq, at, kind, subject, payload, prev_hash, hash)
            VALUES ('test', $1, $2, $3, $4, $5, $6, $7)
            """,
            [
                place, forged.at, forged.kind, forged.subject, forged.payload, forged.previousHash, forged.contentHash,
            ]
        )
    }

    @Test(arguments: TestDatabases.kinds)
    func replacedEntriesWithRightHashes(_ kind: DatabaseKind) async throws {
        for sequence in [Int64(1), 5, 8, 15] {
            try await with(kind) { fixture in
                try await fixture.forge("test", sequence)
                #expect(try await fixture.ledger.verify().summary == ["replaced \(sequence)"])
            }
        }
        // The whole rest hashed again: only the signed roots know.
        try await with(kind) { fixture in
            try await fixture.forge("test", 3, rehashThrough: 20)
            #expect(try await fixture.ledger.verify().summary == ["rewritten 1-5"])
        }
        try await with(kind) { fixture in
            try await fixture.forge("test", 8, rehashThrough: 20)
            let report = try await fixture.reopened.verify()
            #expect(report.summary == ["rewritten 6-12"])
            #expect(report.findings.first?.checkpoint == 2)
            // A process that knows nothing yet does not sign it, nor prove it.
            #expect(await errorCode { try await fixture.reopened.checkpoint() } == "ledger.broken")
            #expect(
                await errorCode { try await fixture.reopened.inclusionProof(stream: "test", sequence: 8) }
                    == "ledger.broken")
        }
        try await with(kind) { fixture in
            try await fixture.forge("test", 12, rehashThrough: 12)
            try await fixture.tamper([("DELETE FROM ledger_entries WHERE stream = 'test' AND seq > 12", [])])
            #expect(try await fixture.ledger.verify().summary == ["rewritten 6-12"])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func checkpointsThatWereTamperedWith(_ kind: DatabaseKind) async throws {
        try await with(kind) { fixture in
            try await fixture.tamper([("DELETE FROM ledger_checkpoints WHERE number = 1", [])])
            #expect(try await fixture.ledger.verify().summary == ["checkpointMissing #1"])
        }
        try await with(kind) { fixture in
            try await fixture.tamper([
                ("UPDATE ledger_checkpoints SET statement = replace(statement, '.', 'A.') WHERE number = 2", [])
            ])
            #expect(try await fixture.ledger.verify().summary == ["checkpointForged #2"])
        }
        try await with(kind) { fixture in
            try await fixture.tamper([("UPDATE ledger_checkpoints SET number = 3 WHERE number = 2", [])])
            let summary = try await fixture.ledger.verify().summary
            #expect(summary == ["checkpointMissing #2", "checkpointForged #3"])
        }
        try await with(kind) { fixture in
            try await fixture.tamper([
                ("UPDATE ledger_heads SET root = $1 WHERE stream = 'test' AND size = 5", [EntryHash.zero])
            ])
            let report = try await fixture.ledger.verify()
            #expect(report.summary == ["headsChanged #1"])
            #expect(report.findings.first?.stream == "test")
        }
        // Without the index of heads the signed statement still tells what was there.
        try await with(kind) { fixture in
            try await fixture.tamper([
                ("DELETE FROM ledger_heads WHERE stream = 'quiet'", []),
                ("DELETE FROM ledger_entries WHERE stream = 'quiet'", []),
            ])
            #expect(try await fixture.ledger.verify().summary == ["headsChanged #1", "deleted 1-9"])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func onlyAWitnessSeesTheLastCheckpointGo(_ kind: DatabaseKind) async throws {
        try await with(kind) { fixture in
            let witness = try #require(try await fixture.ledger.exportCheckpoint()).statement
            #expect(try await fixture.ledger.verify(against: witness).isIntact)
            try await fixture.append(3, to: "quiet")
            _ = try await fixture.ledger.checkpoint()
            #expect(try await fixture.ledger.verify(against: witness).isIntact)
            try await fixture.tamper([
                ("DELETE FROM ledger_entries WHERE stream = 'test' AND seq > 9", []),
                ("DELETE FROM ledger_entries WHERE stream = 'quiet' AND seq > 9", []),
                ("DELETE FROM ledger_checkpoints WHERE number >= 2", []),
                ("DELETE FROM ledger_heads WHERE number >= 2", []),
            ])
            #expect(try await fixture.reopened.verify().isIntact)
            let report = try await fixture.reopened.verify(against: witness)
            #expect(report.summary == ["checkpointMissing #2", "deleted 10-12"])
            #expect(
                await errorCode { try await fixture.ledger.verify(against: witness + "A") } == "ledger.checkpoint")
        }
        // Somebody with the key signs another history.
        try await with(kind) { fixture in
            let witness = try #require(try await fixture.ledger.exportCheckpoint()).statement
            try await fixture.tamper([
                ("DELETE FROM ledger_entries WHERE stream = 'test' AND seq > 10", []),
                ("DELETE FROM ledger_checkpoints WHERE number = 2", []),
                ("DELETE FROM ledger_heads WHERE number = 2", []),
            ])
            _ = try await fixture.reopened.checkpoint()
            #expect(try await fixture.reopened.verify().isIntact)
            let summary = try await fixture.reopened.verify(against: witness).summary
            #expect(summary == ["checkpointReplaced #2", "deleted 11-12"])
        }
    }

    @Test func findingsSpeakBothLanguages() {
        for kind in LedgerFinding.Kind.allCases {
            let finding = LedgerFinding(kind, stream: "s", sequence: 1, through: 4, displacement: 1, checkpoint: 2)
            #expect(!finding.explanation.km.isEmpty && !finding.explanation.en.isEmpty)
            #expect(finding.explanation.km.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) })
        }
    }
}
