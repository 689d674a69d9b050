import Codecs
import Crypto
import Kernel
import Testing

@testable import KeyVault

@Suite struct VaultFileFuzzTests {
    private static let key = SymmetricKey(data: [UInt8](repeating: 3, count: 32))

    private func content() throws -> VaultContent {
        var content = VaultContent(generation: 7)
        for purpose in KeyPurpose.all {
            content.records.append(try VaultState.newRecord(purpose, purpose.defaultAlgorithm, .active, .system))
        }
        return content
    }

    private func file() throws -> [UInt8] {
        try VaultFile.seal(
            content(), derivation: .scrypt(.testing), salt: [UInt8](repeating: 1, count: 16), key: Self.key,
            nonce: [UInt8](repeating: 2, count: 12))
    }

    @Test func contentSurvivesEncoding() throws {
        let content = try content()
        let read = try VaultContent(content.encoded())
        #expect(read.generation == 7 && read.records == content.records)
        let file = try VaultFile(parsing: file())
        #expect(try file.open(with: Self.key).records.count == KeyPurpose.all.count)
    }

    /// Every changed file is refused with one of our errors: by the parser or by the authentication.
    @Test func mutatedFilesAreRefused() throws {
        let file = try file()
        var generator = SeededGenerator(seed: 1)
        for round in 0..<6000 {
            var bytes = file
            switch round % 4 {
            case 0:
                let bit = UInt8.random(in: 0...7, using: &generator)
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << bit
            case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            case 2: bytes += generator.bytes(Int.random(in: 1...40, using: &generator))
            default: bytes[Int.random(in: 0..<45, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if bytes == file { continue }
            #expect(throws: RumdulError.self) { try VaultFile(parsing: bytes).open(with: Self.key) }
        }
    }

    /// The inside is authenticated, but its parser does not rely on that.
    @Test func mutatedContentsNeverTrap() throws {
        let inside = try content().encoded()
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<8000 {
            var bytes = inside
            for _ in 0...Int.random(in: 0..<6, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            if let content = try? VaultContent(bytes) { _ = try? VaultSnapshot(content, stamp: nil) }
        }
    }

    @Test func scryptParametersAreBounded() throws {
        for (log2N, r, p) in [(23, 8, 1), (0, 8, 1), (20, 32, 1), (15, 0, 1), (15, 8, 0), (15, 33, 1), (15, 8, 17)] {
            #expect(!ScryptCost(log2N: log2N, r: r, p: p).isBounded)
        }
        #expect(ScryptCost.standard.isBounded && ScryptCost.minimum.isBounded && ScryptCost.minimum.log2N >= 15)
        var bytes = try file()
        bytes[10] = 30
        #expect(throws: RumdulError.keyVaultFormat("")) { try VaultFile(parsing: bytes) }
    }
}
