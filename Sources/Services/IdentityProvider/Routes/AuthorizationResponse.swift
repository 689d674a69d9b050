import Codecs
import HTTPTypes
import Hummingbird
import JOSE
import Kernel
import KeyVault
import RelyingParties
import Web

/// What returns to the relying party: always with `iss` (RFC 9207), in the query, the fragment, a form, or inside one signed JWT (JARM).
struct AuthorizationResponse: Sendable {
    var parameters: [(String, String)] = []

    init(_ parameters: [(String, String?)]) {
        for case (let name, let value?) in parameters { self.parameters.append((name, value)) }
    }

    static func error(_ error: OAuthError, state: String?, issuer: String) -> AuthorizationResponse {
        AuthorizationResponse([
            ("error", error.error), ("error_description", error.description), ("state", state), ("iss", issuer),
        ])
    }

    /// The registered URI with these parameters added to whatever query it has.
    static func location(_ uri: String, _ parameters: [(String, String?)]) -> String {
        var location = uri
        for case (let name, let value?) in parameters {
            location += location.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
            location += name + "=" + percentEncode(value)
        }
        return location
    }

    /// The URI with the parameters in its fragment.
    static func fragment(_ uri: String, _ parameters: [(String, String)]) -> String {
        uri + "#" + parameters.map { $0.0 + "=" + percentEncode($0.1) }.joined(separator: "&")
    }

    private static func percentEncode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [37, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Sends authorization responses in the mode that the request asked for.
struct ResponseSender: Sendable {
    let vault: any KeyVault
    let issuer: String
    let clientKeys: ClientKeyResolver
    let ambient: Ambient
    private let keys = OwnKeys()

    /// Seconds of life of a JARM response.
    static let responseLifetime: Int64 = 300

    init(vault: any KeyVault, issuer: String, clientKeys: ClientKeyResolver, ambient: Ambient) {
        self.vault = vault
        self.issuer = issuer
        self.clientKeys = clientKeys
        self.ambient = ambient
    }

    func send(
        _ answer: AuthorizationResponse, to uri: String, mode: ResponseMode, client: RelyingParty,
        after request: Request,
        context: AppContext
    ) async throws -> Response {
        var parameters = answer.parameters
        if mode.isJWT { parameters = [("response", try await signed(answer, client: client))] }
        switch mode.delivery {
        case .query: return Redirect.to(AuthorizationResponse.location(uri, parameters), after: request)
        case .fragment: return Redirect.to(AuthorizationResponse.fragment(uri, parameters), after: request)
        case .formPost: return context.show(ProviderPages.formPost(parameters, to: uri, client: client))
        }
    }

    /// JARM section 2.1: the parameters as claims, with issuer, audience and end.
    private func signed(_ answer: AuthorizationResponse, client: RelyingParty) async throws -> String {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("iss", issuer)
        writer.member("aud", client.clientID)
        writer.member("exp", ambient.now().seconds + Self.responseLifetime)
        for (name, value) in answer.parameters where name != "iss" { writer.member(name, value) }
        writer.endObject()
        let token = try await keys.producer(client.authorizationResponseAlgorithm, type: "JWT", vault: vault)
            .sign(writer.bytes)
        guard let encryption = client.authorizationResponseEncryption else { return token }
        return try await clientKeys.encrypt(Array(token.utf8), for: client, encryption, contentType: "JWT")
    }
}

extension AuthorizationResponse {
    static func location(_ uri: String, _ parameters: [(String, String)]) -> String {
        location(uri, parameters.map { ($0.0, Optional($0.1)) })
    }
}
