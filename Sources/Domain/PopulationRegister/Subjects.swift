import Kernel
import KeyVault
import Synchronization

/// Remembers which key of the vault makes the `v1` subjects: the oldest that lives.
final class SectorKey: Sendable {
    private let known = Mutex<String?>(nil)

    func id(_ vault: any KeyVault) async throws -> String {
        if let id = known.withLock({ $0 }) { return id }
        let keys = try await vault.keys(.sectorToken).filter { $0.state != .prePublished }
        guard let oldest = keys.min(by: { $0.createdAt < $1.createdAt }) else { throw RumdulError.keyVaultNoKey }
        known.withLock { $0 = oldest.id }
        return oldest.id
    }
}

/// Base 32 (RFC 4648 section 6) in lower case, without padding.
enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 8 + 4) / 5)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
