import Codecs
import JOSE
import Kernel

/// A compact JWS as devices sign it (device protocol): header exactly `alg` = `ES256`, `typ` and, but for activations,
/// `kid`; payload a JSON object. Anything else in the header is refused, so no key, address or extension can come in
/// with the token (RFC 8725).
struct DeviceToken: Sendable {
    /// The header's `kid`, 1...128 visible ASCII characters, or `nil`.
    let keyID: String?
    /// The payload, unproven until `isSigned`.
    let claims: JSONObject
    private let parsed: UnverifiedJWS

    /// Longest accepted token, in ASCII characters.
    private static let longest = 16_384
    private static let limits = JSONLimits(depth: 4, size: 16_384, values: 256)

    /// Parses without checking the signature. Throws `device.proof_invalid`.
    init(_ compact: String, type: String) throws {
        do {
            parsed = try UnverifiedJWS.parse(compact, maximumSize: Self.longest)
            claims = try JSON.parseObject(parsed.unverifiedPayload, limits: Self.limits)
        } catch { throw RumdulError.deviceProofInvalid.because(error.code) }
        let header = parsed.header
        guard header.algorithm == JWSAlgorithm.es256.rawValue, header.type == type else {
            throw RumdulError.deviceProofInvalid.because("alg or typ")
        }
        guard header.parameters.count == (header.keyID == nil ? 2 : 3),
            header.keyID.map({ (1...128).contains($0.utf8.count) && $0.utf8.allSatisfy { $0 > 32 && $0 < 127 } })
                ?? true
        else { throw RumdulError.deviceProofInvalid.because("header") }
        keyID = header.keyID
    }

    /// True when the key signed this token.
    func isSigned(by key: VerificationKey) -> Bool {
        (try? parsed.verify(algorithms: [.es256], key: key)) != nil
    }
}
