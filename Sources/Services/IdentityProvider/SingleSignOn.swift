import Authenticators
import Codecs
import Database
import Kernel
import KeyVault

/// A browser in which a person is logged in: opened by one approval on the device, with that approval's assurance and age.
struct BrowserSession: Sendable {
    /// The approval that holds it open now.
    var id: String
    /// The approval that opened it. A person who approves again in the same browser goes on with the same session, at a newer time.
    var root: String
    var personID: PersonID
    var deviceID: String
    var acr: String?
    var factors: Set<AuthenticationFactor>
    var authTime: Instant
    var endsAt: Instant
}

/// Single sign-on: the cookie names the approval that opened the session, bound by a MAC to the browser that asked for it. The session lives in
/// that approval's row, so opening one writes nothing and ending one is one update.
struct SingleSignOn: Sendable {
    let vault: any KeyVault
    static let cookieName = "sso"
    private static let label = Array("rumdul-sso-v1".utf8)

    /// The cookie's value for the session that a transaction opened in this browser.
    func cookie(_ transactionID: String, browserHash: [UInt8]) async throws -> String? {
        guard let id = TransactionIdentifier.bytes(transactionID) else { return nil }
        return Base64URL.encode(id + (try await mac(id, browserHash)))
    }

    /// The transaction that a cookie of this browser names, or `nil`.
    func transactionID(_ cookie: String, browserHash: [UInt8]) async throws -> String? {
        guard cookie.utf8.count == 64, let bytes = Base64URL.decode(cookie), bytes.count == 48 else { return nil }
        let id = Array(bytes[..<16])
        guard constantTimeEquals(try await mac(id, browserHash), bytes[16...]) else { return nil }
        return TransactionIdentifier.text(id)
    }

    /// The session's identifier as one client sees it (`sid`): another client sees another, so that sessions are no means of tracking.
    func sessionIdentifier(_ sessionID: String, clientID: String) async throws -> String {
        let mac = try await vault.mac(
            Array("rumdul-sid-v1".utf8) + Array(sessionID.utf8) + [0] + Array(clientID.utf8), purpose: .mac)
        return Base64URL.encode(Array(mac.prefix(16)))
    }

    private func mac(_ id: [UInt8], _ browserHash: [UInt8]) async throws -> [UInt8] {
        try await vault.mac(Self.label + id + browserHash, purpose: .mac)
    }
}
