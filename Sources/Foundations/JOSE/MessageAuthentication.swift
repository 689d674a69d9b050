import Crypto
import Foundation
import Kernel

/// A symmetric key for message authentication codes. Apart from ``VerificationKey`` on purpose: a public key can never
/// be taken for a shared secret.
public struct MACKey: Sendable {
    private let key: SymmetricKey
    private let size: Int
    /// `kid`.
    public let keyID: String?
    /// The algorithms this key may serve: those whose hash is no longer than the key, or the one that its `alg` names.
    public let algorithms: Set<MACAlgorithm>

    /// A key from a symmetric JWK.
    /// - Throws: `jose.key` when `kty`, `use`, `key_ops`, `alg` or the length do not allow it (RFC 7518 section 3.2).
    public init(_ jwk: JWK) throws(RumdulError) {
        guard case .oct(let bytes) = jwk.material else { throw .joseKey("not a symmetric key") }
        try jwk.require(use: "sig", anyOf: ["verify", "sign"])
        key = SymmetricKey(data: bytes)
        size = bytes.count
        keyID = jwk.keyID
        var allowed = Set(MACAlgorithm.allCases.filter { $0.size <= bytes.count })
        if let name = jwk.algorithm {
            guard let algorithm = MACAlgorithm(rawValue: name) else { throw .joseKey("alg is no MAC") }
            allowed.formIntersection([algorithm])
        }
        guard !allowed.isEmpty else { throw .joseKey("the key is too short") }
        algorithms = allowed
    }

    /// A key from a shared secret.
    /// - Throws: `jose.key` when it is shorter than 32 bytes.
    public init(secret: [UInt8], keyID: String? = nil) throws(RumdulError) {
        try self.init(JWK(.oct(secret), keyID: keyID))
    }

    /// The authentication code of a message.
    /// - Throws: `jose.algorithm` when the key does not serve the algorithm.
    public func code(for input: some DataProtocol, algorithm: MACAlgorithm) throws(RumdulError) -> [UInt8] {
        guard algorithms.contains(algorithm) else { throw .joseAlgorithm("does not fit the key") }
        switch algorithm {
        case .hs256: return Array(HMAC<SHA256>.authenticationCode(for: input, using: key))
        case .hs384: return Array(HMAC<SHA384>.authenticationCode(for: input, using: key))
        case .hs512: return Array(HMAC<SHA512>.authenticationCode(for: input, using: key))
        }
    }
}

extension UnverifiedJWS {
    /// Verifies a message authentication code. Never reached by the verification of signatures; the caller names the
    /// algorithms it accepts.
    /// - Returns: the proven payload.
    /// - Throws: `jose.algorithm`, `jose.crit`, `jose.signature`.
    public func verifyMAC(
        algorithms: Set<MACAlgorithm>, key: MACKey, understood: Set<String> = []
    ) throws(RumdulError) -> [UInt8] {
        guard let algorithm = MACAlgorithm(rawValue: header.algorithm), algorithms.contains(algorithm) else {
            throw .joseAlgorithm("not on the allow-list")
        }
        try header.requireUnderstood(understood)
        guard constantTimeEquals(try key.code(for: signingInput, algorithm: algorithm), signature) else {
            throw .joseSignature()
        }
        return unverifiedPayload
    }
}
