import Codecs
import Kernel

/// A JSON Web Signature (RFC 7515) whose signature has been verified.
public struct JWS: Sendable {
    /// The protected header.
    public let header: JOSEHeader
    /// The algorithm of the signature.
    public let algorithm: JWSAlgorithm
    /// The payload.
    public let payload: [UInt8]
    /// The key that verified it.
    public let key: VerificationKey

    /// The longest token accepted unless the caller says otherwise: 64 KiB.
    public static let standardSize = 1 << 16

    /// Parses and verifies a compact serialisation.
    /// - Parameters:
    ///   - algorithms: the only algorithms that are accepted.
    ///   - keys: where the key comes from; the token's own key headers are never looked at.
    ///   - understood: critical header parameters that the caller processes itself.
    /// - Throws: `jose.*`.
    public static func verify(
        _ compact: String, algorithms: Set<JWSAlgorithm>, keys: VerificationKeySet, understood: Set<String> = [],
        maximumSize: Int = JWS.standardSize
    ) throws(RumdulError) -> JWS {
        try UnverifiedJWS.parse(compact, maximumSize: maximumSize).verify(
            algorithms: algorithms, keys: keys, understood: understood)
    }

    /// Parses and verifies a compact serialisation with one key, whatever its `kid` says.
    /// - Throws: `jose.*`.
    public static func verify(
        _ compact: String, algorithms: Set<JWSAlgorithm>, key: VerificationKey, understood: Set<String> = [],
        maximumSize: Int = JWS.standardSize
    ) throws(RumdulError) -> JWS {
        try UnverifiedJWS.parse(compact, maximumSize: maximumSize).verify(
            algorithms: algorithms, key: key, understood: understood)
    }
}

/// A parsed JWS about which nothing is proven yet: only to find out which key to ask for.
public struct UnverifiedJWS: Sendable {
    /// The protected header, unproven.
    public let header: JOSEHeader
    /// The payload, unproven.
    public let unverifiedPayload: [UInt8]
    /// The signature in its JOSE form.
    let signature: [UInt8]
    /// `BASE64URL(header) "." BASE64URL(payload)`.
    let signingInput: ArraySlice<UInt8>

    init(header: JOSEHeader, unverifiedPayload: [UInt8], signature: [UInt8], signingInput: ArraySlice<UInt8>) {
        self.header = header
        self.unverifiedPayload = unverifiedPayload
        self.signature = signature
        self.signingInput = signingInput
    }

    /// Parses a compact serialisation: exactly three parts, canonical base64url, a strict header.
    /// - Throws: `jose.malformed`, `jose.too_large`.
    public static func parse(
        _ compact: String, maximumSize: Int = JWS.standardSize
    ) throws(RumdulError) -> UnverifiedJWS {
        guard compact.utf8.count <= maximumSize else { throw .joseTooLarge("token") }
        let bytes = Array(compact.utf8)
        let (first, second) = try dots(bytes)
        let header = try JOSEHeader.parse(encoded: bytes[..<first])
        guard let payload = Base64URL.decode(ascii: bytes[(first + 1)..<second]) else {
            throw .joseMalformed("payload is no base64url")
        }
        guard let signature = Base64URL.decode(ascii: bytes[(second + 1)...]) else {
            throw .joseMalformed("signature is no base64url")
        }
        return UnverifiedJWS(
            header: header, unverifiedPayload: payload, signature: signature, signingInput: bytes[..<second])
    }

    /// Parses a compact serialisation with detached content (RFC 7515 appendix F): the middle part is empty.
    /// - Throws: `jose.malformed`, `jose.too_large`.
    public static func parse(
        _ compact: String, detachedPayload payload: [UInt8], maximumSize: Int = JWS.standardSize
    ) throws(RumdulError) -> UnverifiedJWS {
        guard compact.utf8.count <= maximumSize else { throw .joseTooLarge("token") }
        let bytes = Array(compact.utf8)
        let (first, second) = try dots(bytes)
        guard second == first + 1 else { throw .joseMalformed("the payload is not detached") }
        let header = try JOSEHeader.parse(encoded: bytes[..<first])
        guard let signature = Base64URL.decode(ascii: bytes[(second + 1)...]) else {
            throw .joseMalformed("signature is no base64url")
        }
        var input = Array(bytes[...first])
        Base64URL.append(payload, to: &input)
        return UnverifiedJWS(
            header: header, unverifiedPayload: payload, signature: signature, signingInput: input[...])
    }

    /// Where the two dots are.
    private static func dots(_ bytes: [UInt8]) throws(RumdulError) -> (Int, Int) {
        let dot = UInt8(ascii: ".")
        guard let first = bytes.firstIndex(of: dot), let second = bytes[(first + 1)...].firstIndex(of: dot),
            !bytes[(second + 1)...].contains(dot)
        else { throw .joseMalformed("not three parts") }
        return (first, second)
    }

    /// Verifies with the key that a set has for the header's `kid`.
    /// - Throws: `jose.algorithm`, `jose.crit`, `jose.kid`, `jose.signature`.
    public func verify(
        algorithms: Set<JWSAlgorithm>, keys: VerificationKeySet, understood: Set<String> = []
    ) throws(RumdulError) -> JWS {
        let algorithm = try allowedAlgorithm(algorithms)
        try header.requireUnderstood(understood)
        return try verified(algorithm, with: keys.key(for: header.keyID, algorithm: algorithm))
    }

    /// Verifies with one key, whatever `kid` says.
    /// - Throws: `jose.algorithm`, `jose.crit`, `jose.signature`.
    public func verify(
        algorithms: Set<JWSAlgorithm>, key: VerificationKey, understood: Set<String> = []
    ) throws(RumdulError) -> JWS {
        let algorithm = try allowedAlgorithm(algorithms)
        try header.requireUnderstood(understood)
        return try verified(algorithm, with: key)
    }

    private func allowedAlgorithm(_ algorithms: Set<JWSAlgorithm>) throws(RumdulError) -> JWSAlgorithm {
        guard let algorithm = JWSAlgorithm(rawValue: header.algorithm), algorithms.contains(algorithm) else {
            throw .joseAlgorithm("not on the allow-list")
        }
        return algorithm
    }

    private func verified(_ algorithm: JWSAlgorithm, with key: VerificationKey) throws(RumdulError) -> JWS {
        guard key.algorithms.contains(algorithm) else { throw .joseAlgorithm("does not fit the key") }
        guard key.isValid(signature, for: signingInput, algorithm: algorithm) else { throw .joseSignature() }
        return JWS(header: header, algorithm: algorithm, payload: unverifiedPayload, key: key)
    }
}

/// Makes compact JWSs with one signer and one header; the header is encoded once.
public struct JWSProducer: Sendable {
    /// Who signs.
    public let signer: any JWSSigner
    /// `BASE64URL(header) "."` as ASCII.
    private let prefix: [UInt8]

    /// - Parameters:
    ///   - signer: gives `alg` and `kid`.
    ///   - type: `typ`.
    ///   - contentType: `cty`.
    ///   - additional: further header parameters; those named above cannot be replaced.
    public init(
        signer: any JWSSigner, type: String? = nil, contentType: String? = nil, additional: JSONObject = [:]
    ) {
        self.signer = signer
        var header: JSONObject = ["alg": .string(signer.algorithm.rawValue)]
        if !signer.keyID.isEmpty { header["kid"] = .string(signer.keyID) }
        if let type { header["typ"] = .string(type) }
        if let contentType { header["cty"] = .string(contentType) }
        for member in additional.members where !header.has(member.name) { header[member.name] = member.value }
        var prefix: [UInt8] = []
        Base64URL.append(JSON.bytes(header), to: &prefix)
        prefix.append(UInt8(ascii: "."))
        self.prefix = prefix
    }

    /// Signs a payload.
    /// - Throws: what the signer throws.
    public func sign(_ payload: [UInt8]) async throws -> String {
        var token = input(payload)
        let signature = try await signer.sign(token)
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &token)
        return String(decoding: token, as: UTF8.self)
    }

    /// Signs the shortest JSON text of an object: a JWT when the object holds claims.
    /// - Throws: what the signer throws.
    public func sign(_ object: JSONObject) async throws -> String { try await sign(JSON.bytes(object)) }

    /// Signs a payload that travels apart (RFC 7515 appendix F).
    /// - Throws: what the signer throws.
    public func signDetached(_ payload: [UInt8]) async throws -> String {
        let signature = try await signer.sign(input(payload))
        var token = prefix
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &token)
        return String(decoding: token, as: UTF8.self)
    }

    private func input(_ payload: [UInt8]) -> [UInt8] {
        var input: [UInt8] = []
        input.reserveCapacity(prefix.count + (payload.count + 2) / 3 * 4 + 96)
        input.append(contentsOf: prefix)
        Base64URL.append(payload, to: &input)
        return input
    }
}
