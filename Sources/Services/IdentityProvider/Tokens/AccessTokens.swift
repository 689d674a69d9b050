import Codecs
import Crypto
import JOSE
import Kernel
import KeyVault
import Synchronization

/// Signs access tokens (RFC 9068) and checks them when they come back. Nothing is stored; tokens that this process saw a moment ago are
/// remembered by their SHA-256, so that the signature is checked once.
final class AccessTokens: Sendable {
    let vault: any KeyVault
    let issuer: String
    let ambient: Ambient
    private let memory = VerifiedTokens()
    private let keys = OwnKeys()

    init(vault: any KeyVault, issuer: String, ambient: Ambient) {
        self.vault = vault
        self.issuer = issuer
        self.ambient = ambient
    }

    func issue(_ claims: AccessTokenClaims) async throws -> String {
        let producer = try await keys.producer(.es256, type: "at+jwt", vault: vault)
        let token = try await producer.sign(claims.payload(issuer: issuer))
        memory.insert(token, Shared(claims))
        return token
    }

    /// The claims of a token that was issued here and has not ended; `nil` for anything else. Whether its grant lives is the caller's question.
    func claims(_ token: String) async throws -> Shared<AccessTokenClaims>? {
        guard token.utf8.count <= 8192 else { return nil }
        let now = ambient.now()
        if let known = memory.claims(token) { return now.seconds < known.value.expiresAt ? known : nil }
        let validator = JWTValidator(
            issuer: issuer, audiences: [], algorithms: [.es256], types: ["at+jwt"], clockSkew: 0,
            requiredClaims: ["exp", "iat", "jti", "sub", "client_id", "aud"])
        let set = try await keys.verificationKeys(vault, now: now)
        guard let jwt = try? validator.validate(token, keys: set, now: now),
            let claims = AccessTokenClaims(jwt.claims).map(Shared.init)
        else { return nil }
        memory.insert(token, claims)
        return claims
    }

    /// Fresh base64url of 128 random bits, for `jti`.
    func identifier() -> String { Base64URL.encode(ambient.randomBytes(16)) }
}

/// The provider's signing keys in the form that the hot path needs, looked up again at most once a second.
final class OwnKeys: Sendable {
    private struct Slot {
        var keyID: String
        var producer: JWSProducer
    }

    private let producers = Mutex<[String: Slot]>([:])
    private let verification = Mutex<(madeAt: Instant, set: VerificationKeySet)?>(nil)

    init() {}

    /// The producer of the active key of an algorithm.
    func producer(_ algorithm: JWSAlgorithm, type: String, vault: any KeyVault) async throws -> JWSProducer {
        let key = try await vault.activeKey(.oidcSigning, algorithm.keyAlgorithm)
        let name = algorithm.rawValue + " " + type
        if let known = producers.withLock({ $0[name] }), known.keyID == key.id { return known.producer }
        let producer = JWSProducer(signer: vault.signer(key), type: type)
        producers.withLock { $0[name] = Slot(keyID: key.id, producer: producer) }
        return producer
    }

    /// Every public key that may still verify.
    func verificationKeys(_ vault: any KeyVault, now: Instant) async throws -> VerificationKeySet {
        if let known = verification.withLock({ $0 }), now.microseconds - known.madeAt.microseconds < 1_000_000 {
            return known.set
        }
        let handles = try await vault.keys(.oidcSigning).filter { $0.state != .destroyed }
        let set = VerificationKeySet(try JWKSet(handles.compactMap(\.publicKey)))
        verification.withLock { $0 = (now, set) }
        return set
    }
}

/// Tokens whose signature was made or checked here, by SHA-256.
final class VerifiedTokens: Sendable {
    private let known = GenerationCache<SHA256.Digest, Shared<AccessTokenClaims>>(capacity: 16_384)

    func claims(_ token: String) -> Shared<AccessTokenClaims>? { known[Self.key(token)] }

    func insert(_ token: String, _ claims: Shared<AccessTokenClaims>) { known.insert(claims, for: Self.key(token)) }

    private static func key(_ token: String) -> SHA256.Digest {
        var token = token
        return token.withUTF8 { bytes in
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            return hash.finalize()
        }
    }
}
