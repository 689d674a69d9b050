import Codecs
import Kernel
import KeyVault

/// The authorization code: transaction, moment of issue and a MAC over both. It needs no row of its own; the transaction's row makes it
/// single-use. 32 bytes of MAC make it unguessable (RFC 6749 section 10.10).
struct AuthorizationCode: Sendable {
    var transactionID: String
    var issuedAt: Instant

    /// Seconds for which a code may be redeemed (RFC 6749 section 4.1.2 recommends at most 600).
    static let lifetime: Int64 = 60
    private static let label = Array("rumdul-code-v1".utf8)

    /// The code as it travels in the redirect: 56 bytes as base64url.
    func encoded(vault: any KeyVault) async throws -> String {
        guard let id = TransactionIdentifier.bytes(transactionID) else { throw RumdulError.internal("transaction id") }
        let body = id + Self.timeBytes(issuedAt)
        return Base64URL.encode(body + (try await vault.mac(Self.label + body, purpose: .mac, keyID: nil)))
    }

    /// The code behind a text, or `nil` when it was not issued here. Age is the caller's to check.
    static func decode(_ text: String, vault: any KeyVault) async throws -> AuthorizationCode? {
        guard text.utf8.count == 75, let bytes = Base64URL.decode(text), bytes.count == 56 else { return nil }
        let body = Array(bytes[..<24])
        let mac = try await vault.mac(label + body, purpose: .mac, keyID: nil)
        guard constantTimeEquals(mac, bytes[24...]) else { return nil }
        let microseconds = body[16...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return AuthorizationCode(
            transactionID: TransactionIdentifier.text(body[..<16]),
            issuedAt: Instant(microseconds: Int64(bitPattern: microseconds)))
    }

    private static func timeBytes(_ instant: Instant) -> [UInt8] {
        let bits = UInt64(bitPattern: instant.microseconds)
        return (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
    }
}
