import JOSE

/// The exact algorithms that this provider signs and encrypts with for any client; discovery lists them, registration accepts no
/// other. What one client may use, its profile says (``ProfileRules``).
public enum SigningAlgorithms {
    public static let offered: [JWSAlgorithm] = [.es256, .rs256, .ps256, .edDSA]
    /// Client assertions: what every profile accepts.
    public static let clientAssertions: [JWSAlgorithm] = [.es256, .ps256, .edDSA]
    /// Request objects, over all profiles.
    public static let requestObjects: [JWSAlgorithm] = [.es256, .ps256, .edDSA, .rs256]
    public static let keyManagement: [JWEAlgorithm] = [.ecdhES, .ecdhESA256KW, .rsaOAEP256]
    public static let contentEncryption: [JWEEncryption] = [.a256GCM, .a256CBCHS512]
}
