import Codecs
import Kernel

/// A message with one signature (COSE_Sign1, RFC 9052 section 4.2).
public struct COSESign1: Sendable {
    /// The protected header as it was signed: an encoded map, or empty.
    public let protectedBytes: [UInt8]
    /// The protected header.
    public let protected: CBORMap
    /// The unprotected header.
    public let unprotected: CBORMap
    /// The content; `nil` when it travels separately.
    public let payload: [UInt8]?
    /// The signature.
    public let signature: [UInt8]

    /// The longest message, in bytes.
    public static let maximumSize = 1 << 20

    /// Reads a message, with or without its tag 18.
    /// - Throws: `cose.malformed`, `cose.algorithm` for critical header parameters (none is understood).
    public init(encoded: [UInt8]) throws(RumdulError) {
        var value = try COSESign1.decode(encoded)
        if case .tagged(let tag, let content) = value {
            guard tag == 18 else { throw .coseMalformed("tag \(tag) is not COSE_Sign1") }
            value = content
        }
        guard let parts = value.arrayValue, parts.count == 4 else { throw .coseMalformed("no array of four") }
        guard let protectedBytes = parts[0].bytesValue, let unprotected = parts[1].mapValue,
            let signature = parts[3].bytesValue
        else { throw .coseMalformed("a part is of the wrong type") }
        switch parts[2] {
        case .bytes(let content): payload = content
        case .null: payload = nil
        default: throw .coseMalformed("the payload is no byte string")
        }
        var protected = CBORMap()
        if !protectedBytes.isEmpty {
            guard let map = try COSESign1.decode(protectedBytes).mapValue else {
                throw .coseMalformed("the protected header is no map")
            }
            protected = map
        }
        for key in protected.keys where unprotected[key] != nil {
            throw .coseMalformed("a header parameter is in both headers")
        }
        guard protected[2] == nil, unprotected[2] == nil else { throw .coseAlgorithm("crit is not understood") }
        self.protectedBytes = protectedBytes
        self.protected = protected
        self.unprotected = unprotected
        self.signature = signature
    }

    private static func decode(_ bytes: [UInt8]) throws(RumdulError) -> CBORValue {
        do {
            return try CBOR.decode(bytes, options: CBORDecodingOptions(maximumSize: maximumSize))
        } catch {
            throw .coseMalformed(error.cause ?? "not CBOR")
        }
    }

    /// Checks the signature and gives the content.
    /// - Parameters:
    ///   - detached: the content, when the message does not carry it.
    ///   - external: data that both sides know (`external_aad`).
    ///   - algorithms: what is accepted.
    ///   - unprotectedAlgorithm: accept `alg` from the unprotected header, where nobody vouches for it.
    /// - Throws: `cose.malformed`, `cose.algorithm`, `cose.signature`.
    public func verify(
        _ key: COSEKey, detached: [UInt8]? = nil, external: [UInt8] = [], algorithms: Set<COSEAlgorithm> = .login,
        unprotectedAlgorithm: Bool = false
    ) throws(RumdulError) -> [UInt8] {
        guard (payload == nil) != (detached == nil), let content = payload ?? detached else {
            throw .coseMalformed("the content must be inside or detached, and not both")
        }
        guard let entry = protected[1] ?? (unprotectedAlgorithm ? unprotected[1] : nil) else {
            throw .coseAlgorithm("alg is missing")
        }
        guard let number = entry.integerValue, let algorithm = COSEAlgorithm(rawValue: number),
            algorithms.contains(algorithm), key.algorithms.contains(algorithm)
        else { throw .coseAlgorithm("alg is unknown, not allowed, or not the key's") }
        let message = COSESign1.structure(protectedBytes, external: external, content: content)
        guard key.isValid(signature, for: message, algorithm: algorithm, form: .raw) else { throw .coseSignature() }
        return content
    }

    /// The bytes to sign: `Sig_structure` (RFC 9052 section 4.4).
    public static func structure(_ protected: [UInt8], external: [UInt8], content: [UInt8]) -> [UInt8] {
        // A protected header that is an empty map counts as an empty byte string.
        let header = protected == [0xA0] ? [] : protected
        var encoder = CBOREncoder()
        encoder.beginArray(count: 4)
        encoder.write("Signature1")
        encoder.write(header)
        encoder.write(external)
        encoder.write(content)
        return encoder.bytes
    }

    /// Makes a message with tag 18.
    /// - Parameters:
    ///   - protected: further protected header parameters; `alg` is added.
    ///   - sign: signs the bytes it is given; ECDSA as `r` and `s` after each other.
    public static func make(
        _ content: [UInt8], algorithm: COSEAlgorithm, protected: CBORMap = [:], unprotected: CBORMap = [:],
        external: [UInt8] = [], detached: Bool = false, sign: ([UInt8]) throws -> [UInt8]
    ) rethrows -> [UInt8] {
        var header = protected
        header[1] = .integer(algorithm.rawValue)
        let headerBytes = CBOR.encode(.map(header))
        let signature = try sign(structure(headerBytes, external: external, content: content))
        return CBOR.encode(
            .tagged(
                18,
                .array([.bytes(headerBytes), .map(unprotected), detached ? .null : .bytes(content), .bytes(signature)]))
        )
    }
}
