import Codecs
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Testing

@testable import Ledger

@Suite struct CheckpointTests {
    @Test(arguments: TestDatabases.kinds)
    func checkpointsCoverWhatIsNew(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let ledger = fixture.ledger
            #expect(try await ledger.checkpoint() == nil)
            #expect(try await ledger.exportCheckpoint() == nil)
            try await fixture.append(3, to: "a")
            try await fixture.append(1, to: "b")
            let first = try #require(try await ledger.checkpoint())
            #expect(first.number == 1 && first.previousHash == nil)
            #expect(first.heads.map { "\($0.stream) \($0.size)" } == ["a 3", "b 1"])
            #expect(try await ledger.checkpoint() == nil)
            try await fixture.append(2, to: "b")
            let second = try #require(try await fixture.reopened.checkpoint())
            #expect(second.number == 2 && second.previousHash == first.hash)
            #expect(second.heads.map { "\($0.stream) \($0.size)" } == ["b 3"])
            #expect(try await ledger.exportCheckpoint() == second)
            #expect(try await ledger.checkpoint(number: 1) == first)
            #expect(try await ledger.checkpoint(number: 3) == nil)
            #expect(try await ledger.verify().isIntact)
        }
    }

    /// Roots and proofs against brute force, over sizes on both sides of the stored subtrees.
    @Test(arguments: TestDatabases.kinds)
    func rootsAndProofsAgainstBruteForce(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            var size = 0
            for count in [1, 2, 60, 193, 1, 255, 5, 700] {
                try await fixture.append(count)
                size += count
                // Every second checkpoint by a process that has nothing in memory.
                let maker = size % 2 == 0 ? fixture.ledger : fixture.reopened
                let checkpoint = try #require(try await maker.checkpoint())
                let leaves = try await self.leaves(fixture)
                let root = MerkleTreeTests.root(leaves[...])
                #expect(checkpoint.heads == [StreamHead(stream: "test", size: Int64(size), root: root)])
            }
            let leaves = try await leaves(fixture)
            var generator = SeededGenerator(seed: 3)
            let ledger = fixture.reopened
            let others = (0..<25).map { _ in Int.random(in: 1...size, using: &generator) }
            let sequences = [1, 2, 255, 256, 257, 512, size] + others
            for sequence in sequences {
                let proof = try await ledger.inclusionProof(stream: "test", sequence: Int64(sequence))
                let record = try #require(
                    try await fixture.database.read { connection in
                        try await ledger.entry(stream: "test", sequence: Int64(sequence), in: connection)
                    })
                #expect(proof.isValid(for: record) && proof.head.size == Int64(size))
                var changed = record
                changed.kind = "other"
                #expect(!proof.isValid(for: changed))
            }
            for _ in 0..<25 {
                let new = Int.random(in: 1...size, using: &generator)
                let old = Int.random(in: 1...new, using: &generator)
                let proof = try await ledger.consistencyProof(stream: "test", from: Int64(old), to: Int64(new))
                let (oldRoot, newRoot) = (MerkleTreeTests.root(leaves[..<old]), MerkleTreeTests.root(leaves[..<new]))
                #expect(proof.isValid(oldRoot: oldRoot, newRoot: newRoot))
                if old != new { #expect(!proof.isValid(oldRoot: newRoot, newRoot: oldRoot)) }
            }
            let report = try await ledger.verify()
            #expect(report.isIntact && report.uncheckedHeads == 0 && report.uncovered == 0)
        }
    }

    private func leaves(_ fixture: Fixture) async throws -> [[UInt8]] {
        try await fixture.database.read { connection in
            try await connection.query("SELECT hash FROM ledger_entries WHERE stream = 'test' ORDER BY seq")
                .map { try $0.blob(0) }
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func proofsOutOfRange(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let ledger = fixture.ledger
            try await fixture.append(4)
            func code(_ stream: String, _ sequence: Int64) async -> String? {
                await errorCode { try await ledger.inclusionProof(stream: stream, sequence: sequence) }
            }
            #expect(await code("test", 2) == "ledger.not_covered")
            _ = try await ledger.checkpoint()
            try await fixture.append(1)
            #expect(await code("test", 2) == nil)
            #expect(await code("test", 5) == "ledger.not_covered")
            #expect(await code("test", 6) == "ledger.not_found")
            #expect(await code("none", 1) == "ledger.not_found")
            for (old, new, code) in [
                (Int64(0), Int64(1), "ledger.range"), (3, 2, "ledger.range"), (1, 9, "ledger.range"),
                (1, 5, "ledger.not_covered"),
            ] {
                let thrown = await errorCode { try await ledger.consistencyProof(stream: "test", from: old, to: new) }
                #expect(thrown == code)
            }
        }
    }

    /// Nodes are a help, not a proof: a wrong one leads to an alarm or to a way around, never to a wrong root.
    @Test(arguments: TestDatabases.kinds)
    func wrongNodesAreNoticed(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(600)
            _ = try await fixture.ledger.checkpoint()
            try await fixture.tamper([("UPDATE ledger_nodes SET hash = $1 WHERE place = 0", [EntryHash.zero])])
            #expect(
                await errorCode { try await fixture.reopened.inclusionProof(stream: "test", sequence: 300) }
                    == "ledger.broken")
            try await fixture.append(10)
            let checkpoint = try #require(try await fixture.reopened.checkpoint())
            let leaves = try await leaves(fixture)
            #expect(checkpoint.heads.first?.root == MerkleTreeTests.root(leaves[...]))
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func brokenStreamsDoNotStopTheOthers(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(5, to: "bad")
            try await fixture.append(5, to: "good")
            try await fixture.tamper([("DELETE FROM ledger_entries WHERE stream = 'bad' AND seq = 3", [])])
            #expect(await errorCode { try await fixture.ledger.checkpoint() } == "ledger.broken")
            let checkpoint = try #require(try await fixture.ledger.exportCheckpoint())
            #expect(checkpoint.heads.map(\.stream) == ["good"])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func twoNodesMakeOneChain(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            let nodes = [fixture.ledger, fixture.reopened, fixture.reopened]
            for round in 0..<4 {
                try await fixture.append(20 + round)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for node in nodes { group.addTask { _ = try await node.checkpoint() } }
                    try await group.waitForAll()
                }
            }
            let report = try await fixture.ledger.verify()
            #expect(report.isIntact && report.checkpoints == 4 && report.uncovered == 0)
        }
    }

    /// Old checkpoints are checked with keys that were retired and destroyed since.
    @Test(arguments: TestDatabases.kinds)
    func checkpointsOutliveTheirKeys(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(3)
            let first = try #require(try await fixture.ledger.checkpoint())
            _ = try await KeyRotation(vault: fixture.vault).replaceCompromised(.ledgerCheckpoint, .es256)
            try await fixture.append(3)
            let second = try #require(try await fixture.ledger.checkpoint())
            #expect(first.keyID != second.keyID)
            #expect(try await fixture.ledger.verify().isIntact)
            let stranger = Ledger(
                database: fixture.database, vault: try FileKeyVault.ephemeral(), ambient: TickingClock().ambient)
            #expect(try await stranger.verify().summary == ["checkpointForged #1", "checkpointForged #2"])
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func checkpointerMakesALastOneWhenItEnds(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(3)
            let checkpointer = LedgerCheckpointer(ledger: fixture.ledger, interval: .seconds(3600))
            let task = Task { await checkpointer.run() }
            while try await fixture.ledger.head(stream: "test") == nil { try await Task.sleep(for: .milliseconds(2)) }
            try await fixture.append(2)
            task.cancel()
            await task.value
            #expect(try await fixture.ledger.head(stream: "test")?.size == 5)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func verificationTellsItsProgress(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(5000)
            try await fixture.append(10, to: "other")
            _ = try await fixture.ledger.checkpoint()
            let seen = Progress()
            let report = try await fixture.ledger.verify { seen.add($0) }
            #expect(report.isIntact && report.entries == 5010)
            #expect(seen.all.map(\.entries).last == 5010)
            #expect(seen.all.count >= 3 && seen.all.allSatisfy { $0.total == 5010 })
        }
    }
}
