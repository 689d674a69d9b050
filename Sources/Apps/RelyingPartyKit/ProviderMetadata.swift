import Codecs
import Kernel

/// What a provider publishes about itself (OpenID Connect Discovery 1.0, section 3), checked.
public struct ProviderMetadata: Sendable {
    /// The issuer.
    public let issuer: String
    /// Where logins start.
    public let authorizationEndpoint: String
    /// Where codes become tokens.
    public let tokenEndpoint: String
    /// Where the person's data come from; absent for a provider without userinfo.
    public let userInfoEndpoint: String?
    /// Where requests are pushed (RFC 9126); absent for a provider without.
    public let pushedRequestEndpoint: String?
    /// Where the keys are.
    public let jwksURI: String
    /// Whether every authorization response names its issuer (RFC 9207).
    public let namesIssuerInResponses: Bool

    /// Reads and checks a metadata document.
    /// - Throws: `rp.discovery` for another issuer than the one asked, endpoints without https, or a provider without
    ///   the code flow or without PKCE S256.
    init(_ bytes: [UInt8], issuer expected: String) throws(RumdulError) {
        guard let object = try? JSON.parseObject(bytes) else { throw RumdulError.providerMetadata("not a JSON object") }
        guard let issuer = object.string("issuer"), sameCodePoints(issuer, expected) else {
            throw RumdulError.providerMetadata("another issuer")
        }
        self.issuer = issuer
        func endpoint(_ name: String) throws(RumdulError) -> String {
            guard let url = object.string(name), WebAddress.isAcceptable(url, beside: expected) else {
                throw RumdulError.providerMetadata(name)
            }
            return url
        }
        authorizationEndpoint = try endpoint("authorization_endpoint")
        tokenEndpoint = try endpoint("token_endpoint")
        jwksURI = try endpoint("jwks_uri")
        let pushed = "pushed_authorization_request_endpoint"
        pushedRequestEndpoint = try object.has(pushed) ? endpoint(pushed) : nil
        userInfoEndpoint = try object.has("userinfo_endpoint") ? endpoint("userinfo_endpoint") : nil
        guard object.strings("response_types_supported")?.contains("code") == true else {
            throw RumdulError.providerMetadata("response_types_supported")
        }
        if object.has("code_challenge_methods_supported") {
            guard object.strings("code_challenge_methods_supported")?.contains("S256") == true else {
                throw RumdulError.providerMetadata("code_challenge_methods_supported")
            }
        }
        namesIssuerInResponses = object.bool("authorization_response_iss_parameter_supported") ?? false
    }
}

/// Which addresses are safe to talk to.
enum WebAddress {
    /// True for https without user data and fragment; for http only to this machine, and only when the issuer is there
    /// too.
    static func isAcceptable(_ url: String, beside issuer: String) -> Bool {
        guard url.utf8.count <= 2048, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 35 && $0 != 92 }) else {
            return false
        }
        if let rest = dropping("https://", from: url) { return hasPlainHost(rest) }
        guard let rest = dropping("http://", from: url), dropping("http://", from: issuer).map(isLocal) == true else {
            return false
        }
        return isLocal(rest)
    }

    /// True for an issuer: as above, without query.
    static func isIssuer(_ url: String) -> Bool { !url.contains("?") && isAcceptable(url, beside: url) }

    private static func dropping(_ prefix: String, from url: String) -> Substring? {
        url.hasPrefix(prefix) ? url.dropFirst(prefix.count) : nil
    }

    private static func authority(_ rest: Substring) -> Substring { rest.prefix { $0 != "/" && $0 != "?" } }

    private static func hasPlainHost(_ rest: Substring) -> Bool {
        let authority = authority(rest)
        return !authority.isEmpty && !authority.contains("@") && !authority.hasPrefix(":")
    }

    private static func isLocal(_ rest: Substring) -> Bool {
        let authority = authority(rest)
        return ["localhost", "127.0.0.1", "[::1]"].contains { host in
            authority == host
                || (authority.hasPrefix(host + ":") && authority.dropFirst(host.count + 1).allSatisfy(\.isNumber))
        }
    }
}
