import JOSE

/// The exact algorithms that this provider signs and encrypts with; discovery lists them, registration accepts no other.
public enum SigningAlgorithms {
    public static let offered: [JWSAlgorithm] = [.es256, .rs256, .ps256, .edDSA]
    public static let clientAssertions: [JWSAlgorithm] = [.es256, .ps256, .edDSA]
    public static let keyManagement: [JWEAlgorithm] = [.ecdhES, .ecdhESA256KW, .rsaOAEP256]
    public static let contentEncryption: [JWEEncryption] = [.a256GCM, .a256CBCHS512]
}
