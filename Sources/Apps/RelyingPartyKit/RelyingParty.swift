import Codecs
import JOSE
import Kernel

/// A relying party: "Log in with CamDigiKey" by the code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC
/// 9700).
///
/// One value serves all logins of the application; it holds the provider's metadata and keys.
///
/// ```swift
/// let start = try await relyingParty.authorizationRequest(LoginOptions(scope: ["openid", "profile"]))
/// // keep start.session, redirect the browser to start.url; in the callback:
/// let login = try await relyingParty.handleCallback(request.query, session: session)
/// let person = try await relyingParty.userInfo(login)
/// ```
public struct RelyingParty: Sendable {
    /// What we are registered with.
    public let configuration: RelyingPartyConfiguration
    let transport: any OIDCTransport
    let ambient: Ambient
    let cache: ProviderCache
    /// Makes proofs with the configured key, `nil` without one; a key that cannot make any fails at its first use.
    let prover: Result<ProofMaker?, RumdulError>

    public init(
        _ configuration: RelyingPartyConfiguration, transport: any OIDCTransport, ambient: Ambient = .system
    ) {
        self.configuration = configuration
        self.transport = transport
        self.ambient = ambient
        cache = ProviderCache(configuration, transport: transport, ambient: ambient)
        prover = Result { () throws(RumdulError) in
            try configuration.protection.proofKey.map { key throws(RumdulError) in try ProofMaker(key, ambient: ambient)
            }
        }
    }

    /// The provider's metadata, fetched when needed.
    /// - Throws: `rp.configuration`, `rp.unreachable`, `rp.discovery`.
    public func metadata() async throws -> ProviderMetadata { try await cache.metadata() }

    /// Verifies a token with the provider's keys; fetches them again when the token names one that we do not have.
    func validate(_ token: String, by validator: JWTValidator) async throws -> JWT {
        let keys = try await cache.keys()
        do throws(RumdulError) {
            return try validator.validate(token, keys: keys, now: ambient.now())
        } catch {
            guard error.code == RumdulError.joseKeyID("").code else { throw error }
        }
        return try validator.validate(token, keys: try await cache.keys(unknownKey: true), now: ambient.now())
    }

    /// The text inside a JWE to one of our keys.
    /// - Throws: `jose.*`.
    func decrypt(_ message: String) throws(RumdulError) -> [UInt8] {
        let jwe = try JWE.parse(message)
        let keys = configuration.decryptionKeys
        let named = keys.first { key in
            guard let have = key.keyID, let want = jwe.header.keyID else { return false }
            return sameCodePoints(have, want)
        }
        guard let key = named ?? (jwe.header.keyID == nil && keys.count == 1 ? keys.first : nil) else {
            throw RumdulError.joseKeyID("no decryption key with this kid")
        }
        return try jwe.decrypt(with: key)
    }

    /// True for a compact JWE: five parts.
    static func isEncrypted(_ token: String) -> Bool { token.utf8.count { $0 == UInt8(ascii: ".") } == 4 }
}
