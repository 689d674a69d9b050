import Codecs
import Crypto
import DatabaseTesting
import Foundation
import Kernel
import KeyVault
import Testing

@testable import Ledger

/// What docs/ledger.md promises to outsiders.
@Suite struct PublishedProofTests {
    private static func document() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/ledger.md"), encoding: .utf8)
    }

    /// The content of a fenced block.
    private static func block(_ kind: String, of text: String) throws -> String {
        let start = try #require(text.firstRange(of: "```\(kind)\n"))
        let rest = text[start.upperBound...]
        let end = try #require(rest.firstRange(of: "\n```"))
        return String(rest[..<end.lowerBound])
    }

    @Test func theWorkedExampleIsWhatTheCodeDoes() throws {
        let text = try Self.document()
        let example = try JSON.parseObject(Array(try Self.block("json", of: text).utf8))
        let record = LedgerRecord(
            stream: try #require(example.string("stream")), sequence: try #require(example.integer("sequence")),
            at: Instant(microseconds: try #require(example.integer("at"))), kind: try #require(example.string("kind")),
            subject: example.string("subject"), payload: try CanonicalJSON.encode(try #require(example["entry"])),
            previousHash: try #require(example.string("previous_hash").flatMap { Hex.decode($0) }), hash: [])
        let encoding = try #require(Hex.decode(try Self.block("hex", of: text).filter { !$0.isWhitespace }))
        let hash = try Self.block("hash", of: text)
        #expect(Hex.encode(Array(SHA256.hash(data: [0] + encoding))) == hash, "the bytes lead to the hash")
        #expect(Hex.encode(record.contentHash) == hash, "the record has the hash")
        var other = record
        other.subject = nil
        #expect(other.contentHash != record.contentHash)
    }

    @Test(arguments: TestDatabases.kinds)
    func aProofHoldsWhatItsLeafNeeds(_ kind: DatabaseKind) async throws {
        try await Fixture.with(kind) { fixture in
            try await fixture.append(5)
            _ = try await fixture.ledger.checkpoint()
            let ledger = fixture.ledger
            let record = try #require(
                try await fixture.database.read { try await ledger.entry(stream: "test", sequence: 3, in: $0) })
            let proof = try await ledger.inclusionProof(stream: "test", sequence: 3).json(for: record)
            let again = LedgerRecord(
                stream: try #require(proof.string("stream")), sequence: try #require(proof.integer("sequence")),
                at: Instant(microseconds: try #require(proof.integer("at"))), kind: try #require(proof.string("kind")),
                subject: proof.string("subject"), payload: try CanonicalJSON.encode(try #require(proof["entry"])),
                previousHash: try #require(proof.string("previous_hash").flatMap { Hex.decode($0) }), hash: [])
            #expect(proof.string("hash") == Hex.encode(again.contentHash))
            let keys = try await ledger.signingKeys()
            #expect(keys.map { $0.string("kid") }.contains(try await ledger.exportCheckpoint()?.keyID))
            #expect(keys.allSatisfy { $0.string("purpose") == "ledger-checkpoint" && $0["d"] == nil })
        }
    }

    @Test func destroyedKeysStayInTheSet() async throws {
        let vault = try FileKeyVault.ephemeral()
        let old = try await vault.create(.ledgerCheckpoint, .es256, state: .active)
        _ = try await vault.create(.ledgerCheckpoint, .es256, state: .active)
        try await vault.setState(old.id, .destroyed)
        #expect(try await !vault.keys(.ledgerCheckpoint).contains { $0.id == old.id })
        let kept = try await vault.evidenceKeySet(.ledgerCheckpoint).first { $0.string("kid") == old.id }
        #expect(kept?.string("state") == "destroyed" && kept?.string("x") != nil && kept?["d"] == nil)
        #expect(try await vault.evidenceKeySet(.consentReceipt).allSatisfy { $0.string("kid") != old.id })
    }
}
