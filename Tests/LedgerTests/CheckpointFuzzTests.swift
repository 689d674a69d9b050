import Codecs
import Kernel
import KeyVault
import Testing

@testable import Ledger

@Suite struct CheckpointFuzzTests {
    private func payload() throws -> [UInt8] {
        try Checkpoint.payload(
            number: 7, at: Instant(seconds: 1_780_000_000),
            heads: ["access-01", "access-02"].map { StreamHead(stream: $0, size: 9, root: EntryHash.zero) },
            previousHash: EntryHash.zero)
    }

    @Test func payloadSurvivesSigning() async throws {
        let vault = try FileKeyVault.ephemeral()
        let signed = try await vault.signStatement(payload(), purpose: .ledgerCheckpoint, type: Checkpoint.type)
        let checkpoint = try await Checkpoint.check(signed.compact, vault: vault)
        #expect(checkpoint.number == 7 && checkpoint.heads.map(\.stream) == ["access-01", "access-02"])
        #expect(checkpoint.previousHash == EntryHash.zero && checkpoint.at == Instant(seconds: 1_780_000_000))
    }

    /// A witness hands over bytes from outside: whatever was changed, the statement is refused with our error.
    @Test func changedStatementsAreRefused() async throws {
        let vault = try FileKeyVault.ephemeral()
        let signed = try await vault.signStatement(payload(), purpose: .ledgerCheckpoint, type: Checkpoint.type)
        let bytes = Array(signed.compact.utf8)
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<2000 {
            var changed = bytes
            let index = Int.random(in: 0..<changed.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: changed[index] = UInt8.random(in: 0...127, using: &generator)
            case 1: changed.remove(at: index)
            default: changed.insert(UInt8.random(in: 33...126, using: &generator), at: index)
            }
            if changed == bytes { continue }
            let text = String(decoding: changed, as: UTF8.self)
            #expect(await errorCode { try await Checkpoint.check(text, vault: vault) } == "ledger.checkpoint")
        }
    }

    /// What is signed is ours, but the reader of the payload does not rely on that.
    @Test func changedPayloadsNeverTrap() async throws {
        let vault = try FileKeyVault.ephemeral()
        let payload = try payload()
        var generator = SeededGenerator(seed: 32)
        for _ in 0..<2000 {
            var changed = payload
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                let index = Int.random(in: 0..<changed.count, using: &generator)
                changed[index] = UInt8.random(in: 32...126, using: &generator)
            }
            let signed = try await vault.signStatement(changed, purpose: .ledgerCheckpoint, type: Checkpoint.type)
            if let read = try? Checkpoint(signed) { #expect(read.number >= 1) }
        }
    }
}
