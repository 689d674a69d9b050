import Accountability
import Authenticators
import Codecs
import Crypto
import JOSE
import Kernel
import KeyVault
import RelyingParties

/// Makes ID tokens (OpenID Connect Core 1.0, section 2): who, for whom, how and when the person proved themselves.
final class IDTokens: Sendable {
    let vault: any KeyVault
    let sessions: SingleSignOn
    let settings: ProviderSettings
    let ambient: Ambient
    let clientKeys: ClientKeyResolver
    private let keys = OwnKeys()

    init(
        vault: any KeyVault, sessions: SingleSignOn, settings: ProviderSettings, ambient: Ambient,
        clientKeys: ClientKeyResolver
    ) {
        self.vault = vault
        self.sessions = sessions
        self.settings = settings
        self.ambient = ambient
        self.clientKeys = clientKeys
    }

    struct Content: Sendable {
        var item: Transaction
        var party: RelyingParty
        var subject: String
        var accessToken: String?
        var code: String?
        var state: String?
        var refreshToken: String?
        /// `urn:openid:params:jwt:claim:auth_req_id` of CIBA.
        var authRequestID: String?
        /// Attributes that the person granted for the ID token itself, released by the gate.
        var attributes: JSONObject = [:]
    }

    func issue(_ content: Content) async throws -> String {
        let algorithm = content.party.idTokenAlgorithm
        let payload = try await payload(content, algorithm: algorithm)
        let token = try await keys.producer(algorithm, type: "JWT", vault: vault).sign(payload)
        guard let encryption = content.party.idTokenEncryption else { return token }
        return try await clientKeys.encrypt(Array(token.utf8), for: content.party, encryption, contentType: "JWT")
    }

    private func payload(_ content: Content, algorithm: JWSAlgorithm) async throws -> [UInt8] {
        let item = content.item
        let now = ambient.now()
        var writer = JSONWriter(capacity: 768)
        writer.beginObject()
        writer.member("iss", settings.issuer)
        writer.member("sub", content.subject)
        writer.member("aud", content.party.clientID)
        writer.member("exp", now.seconds + settings.idTokenLifetime)
        writer.member("iat", now.seconds)
        writer.member("auth_time", (item.decidedAt ?? now).seconds)
        if let nonce = item.request.nonce { writer.member("nonce", nonce) }
        if let acr = item.acr { writer.member("acr", acr) }
        let isAssisted = item.request.assisted != nil
        writer.member("amr", AssurancePolicy.methods(item.factors) + (isAssisted ? ["assisted"] : []))
        let hashes: [(String, String?)] = [
            ("at_hash", content.accessToken), ("c_hash", content.code), ("s_hash", content.state),
        ]
        for case (let name, let text?) in hashes { writer.member(name, Self.halfHash(text, for: algorithm)) }
        if let id = content.authRequestID {
            writer.member("urn:openid:params:jwt:claim:auth_req_id", id)
            if let refresh = content.refreshToken {
                writer.member("urn:openid:params:jwt:claim:rt_hash", Self.halfHash(refresh, for: algorithm))
            }
        }
        if !item.request.redirectURI.isEmpty {
            writer.member(
                "sid", try await sessions.sessionIdentifier(item.session, clientID: content.party.clientID))
        }
        writer.member("txn", item.id)
        writer.member("device_assurance", item.factors.contains(.hardwareKey) ? "hardware" : "software")
        if let mark = item.request.assisted { writer.member("assisted", mark.claim) }
        for name in content.attributes.names {
            if let value = content.attributes[name] { writer.member(name, value) }
        }
        writer.endObject()
        return writer.bytes
    }

    /// The left half of the hash that fits the signature algorithm (OpenID Connect Core 1.0, section 3.1.3.6); Ed25519 uses SHA-512.
    static func halfHash(_ token: String, for algorithm: JWSAlgorithm) -> String {
        let bytes = Array(token.utf8)
        switch algorithm {
        case .edDSA: return Base64URL.encode(Array(SHA512.hash(data: bytes)).prefix(32))
        default: return Base64URL.encode(Array(SHA256.hash(data: bytes)).prefix(16))
        }
    }
}

extension JWSAlgorithm {
    /// The vault's name of the key that signs with this algorithm.
    var keyAlgorithm: KeyAlgorithm? {
        switch self {
        case .es256: .es256
        case .es384: .es384
        case .rs256: .rs256
        case .ps256: .ps256
        case .edDSA: .eddsa
        default: nil
        }
    }
}
