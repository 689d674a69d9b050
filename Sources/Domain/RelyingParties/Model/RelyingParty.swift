import Codecs
import JOSE
import Kernel

/// How a relying party proves itself at the token endpoint (OpenID Connect Core 1.0, section 9).
public enum ClientAuthenticationMethod: String, Sendable, CaseIterable {
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"
    case privateKeyJWT = "private_key_jwt"
    /// A public client: PKCE alone binds the code.
    case none
}

/// What a relying party is registered to ask for, and why. Anything outside is dropped.
public struct RegisteredPurpose: Sendable, Hashable {
    /// Stable code, such as `account-opening`.
    public var code: String
    /// The purpose in plain words, shown to the person.
    public var text: LocalizedText
    /// Attributes without which the service cannot be given. The person may still leave them out.
    public var essential: [String]
    /// Attributes that the person may add.
    public var optional: [String]
    /// Days for which a consent holds, 1...365.
    public var validDays: Int
}

/// A registered relying party (client metadata, OpenID Connect Dynamic Client Registration 1.0, section 2).
public struct RelyingParty: Sendable {
    public var clientID: String
    public var name: LocalizedText
    /// Absolute URIs, compared as exact strings (RFC 9700, section 2.1).
    public var redirectURIs: [String]
    public var authentication: ClientAuthenticationMethod
    /// SHA-256 of the client secret, for the secret methods.
    public var secretHash: [UInt8]?
    /// Public keys for `private_key_jwt` and for encrypted userinfo.
    public var keys: JWKSet?
    /// The sector whose pairwise subjects this client sees; by default its first redirect URI's host.
    public var sector: String
    public var idTokenAlgorithm: JWSAlgorithm
    public var userInfoSignedAlgorithm: JWSAlgorithm?
    public var userInfoEncryption: UserInfoEncryption?
    public var purposes: [RegisteredPurpose]
    public var policyURI: String?
    public var termsURI: String?
    public var contacts: [String]
    /// Part of Rumdul itself (the citizen's pages): may turn a code into the internal person identifier.
    public var firstParty: Bool

    /// JWE algorithms for userinfo.
    public struct UserInfoEncryption: Sendable, Hashable {
        public var algorithm: JWEAlgorithm
        public var encryption: JWEEncryption
    }

    /// The host that the person sees, taken from the first redirect URI.
    public var host: String

    /// The purpose with this code; without a code the first registered one.
    public func purpose(_ code: String?) -> RegisteredPurpose? {
        guard let code else { return purposes.first }
        return purposes.first { $0.code == code }
    }
}

/// Checks of redirect URIs at registration. At the authorization endpoint only exact string equality counts.
public enum RedirectURI {
    /// The host of an absolute http(s) URI, or `nil`.
    public static func host(_ uri: String) -> String? {
        guard let schemeEnd = uri.firstRange(of: "://") else { return nil }
        let rest = uri[schemeEnd.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@"), !authority.contains("\\") else { return nil }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" })
    }

    /// Whether the URI may be registered: absolute, https (or http on the loopback interface, RFC 8252 section 7.3), ASCII without
    /// spaces, no fragment, no user information, no dot segments.
    public static func isRegistrable(_ uri: String) -> Bool {
        guard uri.utf8.count <= 512, uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C && $0 != 0x2A }) else {
            return false
        }
        guard let host = host(uri), !host.isEmpty, !uri.contains("#"), !uri.contains("/../"), !uri.contains("/./"),
            !uri.hasSuffix("/..")
        else { return false }
        if uri.hasPrefix("https://") { return true }
        return uri.hasPrefix("http://") && ["127.0.0.1", "localhost", "[::1]"].contains(host)
    }
}

extension RumdulError {
    /// A registration file is refused; `fields` say why.
    static func relyingPartyInvalid(_ field: String, km: String, en: String) -> RumdulError {
        RumdulError(
            "relying_party.invalid", .invalid, km: "ឯកសារចុះឈ្មោះសេវាកម្មមិនត្រឹមត្រូវ។",
            en: "The registration file is not valid: \(field): \(en)",
            fields: [FieldError(field, LocalizedText(km: km, en: en))])
    }
}
