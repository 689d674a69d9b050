import Codecs
import JOSE
import Kernel
import KeyVault
import Outbound
import Synchronization

/// Tokens that name us to push services (RFC 8292). One for each origin, used until shortly before it ends, because
/// a push service may then remember that it has checked it (section 5).
public final class VAPIDTokens: Sendable {
    /// Seconds that a token is valid. RFC 8292 section 2 allows 24 hours; half of it leaves room for wrong clocks.
    public static let lifetime: Int64 = 12 * 3600
    /// Seconds before its end from which a token is no longer used.
    public static let margin: Int64 = 30 * 60
    /// Endpoints come from browsers: the tokens of so many push services are remembered.
    static let mostOrigins = 256

    private struct Entry {
        var point: [UInt8]
        var authorization: String
        var endsAt: Instant
    }

    private let contact: String
    private let key: @Sendable () async throws -> ApplicationServerKey
    private let ambient: Ambient
    private let entries = Mutex<[String: Entry]>([:])

    /// - Parameters:
    ///   - contact: how the operator of a push service reaches us: `mailto:` or https (RFC 8292 section 2.1).
    ///   - key: the key that is used now; asked for each message.
    /// - Throws: `push.contact`.
    public init(
        contact: String, ambient: Ambient, key: @escaping @Sendable () async throws -> ApplicationServerKey
    ) throws(RumdulError) {
        guard Self.isContact(contact) else { throw .pushContact }
        self.contact = contact
        self.key = key
        self.ambient = ambient
    }

    /// Tokens under the vault's key for push services.
    /// - Throws: `push.contact`.
    public convenience init(contact: String, ambient: Ambient, vault: any KeyVault) throws(RumdulError) {
        try self.init(contact: contact, ambient: ambient) { try await vault.applicationServerKey() }
    }

    /// The value of `Authorization` for a message to an endpoint of an origin (RFC 8292 section 3).
    /// - Throws: the errors of the vault.
    public func authorization(for origin: String) async throws -> String {
        let (key, now) = (try await key(), ambient.now())
        if let entry = entries.withLock({ $0[origin] }), entry.point == key.point,
            now < entry.endsAt.adding(seconds: -Self.margin)
        {
            return entry.authorization
        }
        let endsAt = now.adding(seconds: Self.lifetime)
        let token = try await JWSProducer(signer: Nameless(signer: key.signer), type: "JWT").sign([
            "aud": .string(origin), "exp": .integer(endsAt.seconds), "sub": .string(contact),
        ])
        let entry = Entry(point: key.point, authorization: "vapid t=\(token), k=\(key.text)", endsAt: endsAt)
        entries.withLock { entries in
            if entries.count >= Self.mostOrigins, entries[origin] == nil { Self.makeRoom(&entries) }
            entries[origin] = entry
        }
        return entry.authorization
    }

    /// Forgets the older half.
    private static func makeRoom(_ entries: inout [String: Entry]) {
        let oldest = entries.sorted { ($0.value.endsAt, $0.key) < ($1.value.endsAt, $1.key) }
        for entry in oldest.prefix(entries.count / 2) { entries[entry.key] = nil }
    }

    /// Whether a text is `mailto:` with one plain address, or an https URL.
    static func isContact(_ text: String) -> Bool {
        guard text.utf8.count <= 256 else { return false }
        if text.hasPrefix("https://") { return (try? OutboundURL(text)) != nil }
        guard text.hasPrefix("mailto:") else { return false }
        let parts = text.dropFirst("mailto:".count).split(separator: "@", omittingEmptySubsequences: false)
        let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+")
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(letters.contains) }
    }

    /// A signer whose `kid` stays out of the token: `k` names the key.
    private struct Nameless: JWSSigner {
        let signer: any JWSSigner

        var algorithm: JWSAlgorithm { signer.algorithm }
        var keyID: String { "" }

        func sign(_ input: [UInt8]) async throws -> [UInt8] { try await signer.sign(input) }
    }
}
