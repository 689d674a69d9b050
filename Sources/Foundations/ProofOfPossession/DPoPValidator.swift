import Codecs
import Crypto
import JOSE
import Kernel

/// Checks DPoP proofs (RFC 9449, section 4.3). One value per server.
public struct DPoPValidator: Sendable {
    /// The longest proof, in bytes.
    public static let maximumSize = 8192
    /// The longest `jti`, in bytes.
    public static let maximumIdentifier = 256

    /// The accepted signature algorithms: `dpop_signing_alg_values_supported`.
    public let algorithms: Set<JWSAlgorithm>
    /// How far `iat` may lie from now in either direction, in seconds, 10...60 (FAPI 2.0 Security Profile, section
    /// 5.3.2.1).
    public let tolerance: Int64
    private let memory: any ReplayMemory

    /// - Parameters:
    ///   - memory: remembers the proofs that were used.
    ///   - algorithms: those of FAPI 2.0 unless named; RSASSA-PKCS1-v1_5 is left out whatever is named.
    ///   - tolerance: in seconds; values outside 10...60 become the nearest one inside.
    public init(memory: any ReplayMemory, algorithms: Set<JWSAlgorithm> = .fapi2, tolerance: Int64 = 60) {
        self.memory = memory
        self.algorithms = algorithms.subtracting([.rs256, .rs384, .rs512])
        self.tolerance = min(60, max(10, tolerance))
    }

    /// Checks a proof wholly and uses it up: a second request with the same proof is refused. Asks the replay memory,
    /// so call it outside of transactions.
    /// - Throws: `DPoPError`; what the replay memory and the key vault throw.
    public func validate(
        _ request: DPoPRequest, nonce policy: DPoPNoncePolicy = .none, now: Instant
    ) async throws -> DPoPProof {
        let proof = try inspect(request, now: now)
        switch policy {
        case .none: break
        case .optional(let nonces):
            if let nonce = proof.nonce, try await !nonces.accepts(nonce) { throw DPoPError(.nonce) }
        case .required(let nonces):
            guard let nonce = proof.nonce, try await nonces.accepts(nonce) else { throw DPoPError(.nonce) }
        }
        // Twice the tolerance: a proof may carry an `iat` in the future, and the clocks of nodes differ a little.
        let end = proof.iat.adding(seconds: 2 * tolerance)
        let key = ReplayKey("dpop", proof.jkt, proof.target, proof.jti)
        guard try await memory.isFirst(key, until: end, now: now) else { throw DPoPError(.replayed) }
        return proof
    }

    /// Checks everything but the nonce and whether the proof was used before.
    public func inspect(_ request: DPoPRequest, now: Instant) throws(DPoPError) -> DPoPProof {
        guard let text = request.proofs.first else { throw DPoPError(.missing) }
        guard request.proofs.count == 1 else { throw DPoPError(.several) }
        let (claims, key) = try verify(text)
        guard let jti = claims.string("jti"), (1...Self.maximumIdentifier).contains(jti.utf8.count) else {
            throw DPoPError(.jti)
        }
        guard let method = claims.string("htm"), sameCodePoints(method, request.method) else { throw DPoPError(.htm) }
        guard let htu = claims.string("htu").flatMap(TargetURI.init), let own = TargetURI(request.url), htu == own
        else { throw DPoPError(.htu) }
        let issued = try checkTimes(claims, now: now)
        let jkt = key.thumbprintText
        try checkBinding(request, claims: claims, jkt: jkt)
        if claims.has("nonce"), claims.string("nonce") == nil { throw DPoPError(.malformed) }
        return DPoPProof(
            jkt: jkt, jti: jti, iat: issued, key: key, nonce: claims.string("nonce"), target: htu.text)
    }

    /// The claims and the key of a proof whose signature is good.
    private func verify(_ text: String) throws(DPoPError) -> (JSONObject, JWK) {
        guard text.utf8.count <= Self.maximumSize else { throw DPoPError(.tooLarge) }
        guard let jws = try? UnverifiedJWS.parse(text, maximumSize: Self.maximumSize) else {
            throw DPoPError(.malformed)
        }
        // Exactly this value: no other case, no `application/` (RFC 9449, section 4.2).
        guard let type = jws.header.type, sameCodePoints(type, "dpop+jwt") else { throw DPoPError(.type) }
        guard let named = JWSAlgorithm(rawValue: jws.header.algorithm), algorithms.contains(named) else {
            throw DPoPError(.algorithm)
        }
        guard let key = try? jws.header.embeddedKey(), let verifier = try? VerificationKey(key) else {
            throw DPoPError(.key)
        }
        do {
            _ = try jws.verify(algorithms: algorithms, key: verifier)
        } catch {
            if error == .joseAlgorithm("") { throw DPoPError(.algorithm) }
            if error == .joseCritical("") { throw DPoPError(.malformed) }
            throw DPoPError(.signature)
        }
        let limits = JSONLimits(depth: 16, size: Self.maximumSize)
        guard let claims = try? JSON.parseObject(jws.unverifiedPayload, limits: limits) else {
            throw DPoPError(.malformed)
        }
        return (claims, key)
    }

    private func checkTimes(_ claims: JSONObject, now: Instant) throws(DPoPError) -> Instant {
        guard let issued = Self.date(claims["iat"]) else { throw DPoPError(.iat) }
        guard issued >= now.adding(seconds: -tolerance), issued <= now.adding(seconds: tolerance) else {
            throw DPoPError(.iat)
        }
        if let value = claims["exp"] {
            guard let end = Self.date(value), end.adding(seconds: tolerance) > now else { throw DPoPError(.expired) }
        }
        if let value = claims["nbf"] {
            guard let start = Self.date(value), start <= now.adding(seconds: tolerance) else {
                throw DPoPError(.notYetValid)
            }
        }
        return issued
    }

    private func checkBinding(_ request: DPoPRequest, claims: JSONObject, jkt: String) throws(DPoPError) {
        if let token = request.accessToken {
            let hash = Self.accessTokenHash(token)
            guard let ath = claims.string("ath"), constantTimeEquals(ath.utf8, hash.utf8) else { throw DPoPError(.ath) }
        }
        if let expected = request.expectedThumbprint {
            guard constantTimeEquals(expected.utf8, jkt.utf8) else { throw DPoPError(.otherKey) }
        }
    }

    /// `ath` of an access token: base64url of its SHA-256 (RFC 9449, section 4.2).
    public static func accessTokenHash(_ token: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(token.utf8))))
    }

    /// A `NumericDate` (RFC 7519, section 2) from 1970 to 9999.
    private static func date(_ value: JSONValue?) -> Instant? {
        let last = 253_402_300_799.0
        switch value {
        case .integer(let seconds) where seconds >= 0 && Double(seconds) <= last: return Instant(seconds: seconds)
        case .double(let seconds) where seconds >= 0 && seconds <= last:
            return Instant(microseconds: Int64(seconds * 1_000_000))
        default: return nil
        }
    }
}
