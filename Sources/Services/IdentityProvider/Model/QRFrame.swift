import Codecs
import Kernel
import KeyVault

/// One frame of the rotating QR code: which request, in which second, and a MAC over both. The page shows a new one every
/// second and never holds what makes them, so a picture that was passed on is worth nothing a moment later.
struct QRFrame: Sendable, Equatable {
    var transactionID: String
    /// Seconds since 1970.
    var second: Int64

    /// Seconds for which a frame may be read after its own.
    static let lifetime: Int64 = 5
    private static let label = Array("rumdul-qr-v1".utf8)

    /// 36 bytes as base64url: identifier (16), second (4, big-endian), MAC (16).
    func encoded(vault: any KeyVault) async throws -> String {
        guard let body else { throw RumdulError.internal("transaction id") }
        let mac = try await vault.mac(Self.label + body, purpose: .mac, keyID: nil)
        return Base64URL.encode(body + mac.prefix(16))
    }

    /// The frame behind a text, or `nil` when it was not made here or its time is over.
    static func decode(_ text: String, now: Instant, vault: any KeyVault) async throws -> QRFrame? {
        guard text.utf8.count == 48, let bytes = Base64URL.decode(text), bytes.count == 36 else { return nil }
        let mac = try await vault.mac(label + bytes[..<20], purpose: .mac, keyID: nil)
        guard constantTimeEquals(Array(mac.prefix(16)), bytes[20...]) else { return nil }
        let second = bytes[16..<20].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard (-1...lifetime).contains(now.seconds - second) else { return nil }
        return QRFrame(transactionID: TransactionIdentifier.text(bytes[..<16]), second: second)
    }

    private var body: [UInt8]? {
        TransactionIdentifier.bytes(transactionID).map { id in
            id + (0..<4).map { UInt8(truncatingIfNeeded: second >> (24 - 8 * Int64($0))) }
        }
    }
}
