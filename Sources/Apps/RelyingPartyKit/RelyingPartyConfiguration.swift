import JOSE
import Kernel

/// How a relying party proves itself at the token endpoint (OpenID Connect Core 1.0, section 9).
public enum ClientCredentials: Sendable {
    /// A public client; PKCE alone protects the code.
    case none
    /// The secret in the `Authorization` header.
    case clientSecretBasic(String)
    /// The secret in the form.
    case clientSecretPost(String)
    /// A signed assertion (RFC 7523), the recommended way: the secret never travels.
    case privateKeyJWT(any JWSSigner)
}

/// What a relying party is registered with and how strict it is.
public struct RelyingPartyConfiguration: Sendable {
    /// The provider's issuer, exactly as it is published.
    public var issuer: String
    /// Our identifier.
    public var clientID: String
    /// How we prove ourselves.
    public var credentials: ClientCredentials
    /// One of our registered redirect URIs, exactly.
    public var redirectURI: String
    /// What protects requests, answers and tokens; by the registered profile.
    public var protection: RequestProtection
    /// The signature algorithms accepted; narrow it to the one you registered.
    public var algorithms: Set<JWSAlgorithm>
    /// The keys that userinfo and ID tokens may be encrypted to; found by `kid`.
    public var decryptionKeys: [DecryptionKey]
    /// Refuse userinfo that is not signed by the provider.
    public var requiresSignedUserInfo = false
    /// Refuse userinfo that is not encrypted to us. On as soon as there are decryption keys.
    public var requiresEncryptedUserInfo: Bool
    /// How far clocks may differ, in seconds.
    public var clockSkew: Int64 = 30
    /// How long a login may take, in seconds.
    public var sessionLifetime: Int64 = 900
    /// How long metadata and keys are used before they are fetched again, in seconds.
    public var cacheLifetime: Int64 = 3600
    /// The shortest time between two fetches of the keys because of an unknown `kid`, in seconds.
    public var keyRefetchInterval: Int64 = 60

    public init(
        issuer: String, clientID: String, credentials: ClientCredentials, redirectURI: String,
        protection: RequestProtection = .standard, decryptionKeys: [DecryptionKey] = []
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.credentials = credentials
        self.redirectURI = redirectURI
        self.protection = protection
        // FAPI 2.0 Security Profile, section 5.4.1: RS256 has no place where tokens are bound.
        algorithms = protection.proofKey == nil ? [.rs256, .es256, .ps256, .edDSA] : [.es256, .ps256, .edDSA]
        self.decryptionKeys = decryptionKeys
        requiresEncryptedUserInfo = !decryptionKeys.isEmpty
    }
}
