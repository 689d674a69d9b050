import Codecs
import Crypto
import Foundation
import JOSE
import Kernel
import RumdulServer

/// The relying parties of the provider's figures.
struct ProviderClients: Sendable {
    /// Proves itself with a secret; may ask for its own tokens and for refresh tokens.
    let confidential: ProviderClient
    /// Proves itself with signed assertions.
    let asserting: ProviderClient
    /// A public client: its refresh tokens rotate.
    let unproven: ProviderClient
    /// FAPI 2.0: pushed requests, assertions, DPoP.
    let financial: ProviderClient
    /// A resource server that asks what tokens are worth.
    let resource: ProviderClient
    /// The resource's audience.
    static let audience = "https://api.resource.example"

    /// Registers them in a world that nobody serves at the moment.
    static func register(in world: LoginWorld) async throws -> ProviderClients {
        var configuration = Configuration()
        configuration.dataDirectory = world.folder
        configuration.database = world.database
        configuration.port = world.port
        configuration.syntheticPeople = true
        let node = try await Node.open(configuration)
        let issuer = "http://127.0.0.1:\(world.port)"
        func add(_ id: String, _ members: JSONObject, key: P256.Signing.PrivateKey? = nil) async throws
            -> ProviderClient
        {
            var document = try Self.document(id, key: key)
            for member in members.members { document[member.name] = member.value }
            let made = try await node.provider.registry.register(document)
            return ProviderClient(id: id, issuer: issuer, secret: made.secret ?? "", key: key)
        }
        do {
            let (assertionKey, financialKey) = (P256.Signing.PrivateKey(), P256.Signing.PrivateKey())
            let code: JSONValue = ["authorization_code", "refresh_token"]
            let clients = ProviderClients(
                confidential: try await add(
                    "bench-confidential",
                    [
                        "token_endpoint_auth_method": "client_secret_basic", "profile": "oidc-legacy",
                        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                        "scope": "accounts:read", "resources": .strings([audience]),
                        "id_token_signed_response_alg": "ES256",
                    ]),
                asserting: try await add(
                    "bench-asserting",
                    [
                        "token_endpoint_auth_method": "private_key_jwt", "scope": "accounts:read",
                        "grant_types": ["authorization_code", "client_credentials"],
                    ], key: assertionKey),
                unproven: try await add(
                    "bench-public",
                    [
                        "token_endpoint_auth_method": "none", "grant_types": code,
                        "id_token_signed_response_alg": "ES256",
                    ]),
                financial: try await add(
                    "bench-fapi",
                    [
                        "token_endpoint_auth_method": "private_key_jwt", "profile": "fapi2",
                        "dpop_bound_access_tokens": true, "id_token_signed_response_alg": "ES256",
                    ], key: financialKey),
                resource: try await add(
                    "bench-resource",
                    [
                        "token_endpoint_auth_method": "client_secret_basic", "profile": "oidc-legacy",
                        "resources": .strings([audience]),
                    ]))
            await node.close()
            return clients
        } catch {
            await node.close()
            throw error
        }
    }

    private static func document(_ id: String, key: P256.Signing.PrivateKey?) throws -> JSONObject {
        var document: JSONObject = [
            "client_id": .string(id), "client_name": ["km": "វាស់ល្បឿន", "en": .string("Measured \(id)")],
            "redirect_uris": .strings(["https://\(id).example/callback"]),
            "purposes": [
                [
                    "code": "measuring", "text": ["km": "វាស់ល្បឿន", "en": "Measuring"],
                    "essential": ["name_km", "birthdate"], "optional": ["phone_number"], "valid_days": 90,
                ]
            ],
        ]
        if let key {
            var jwk = try JWK(.p256(key.publicKey)).json
            jwk["kid"] = "k1"
            document["jwks"] = ["keys": [.object(jwk)]]
        }
        return document
    }
}

/// A relying party's own side: how it proves itself, and the forms it sends.
struct ProviderClient: Sendable {
    let id: String
    let issuer: String
    let secret: String
    let key: P256.Signing.PrivateKey?

    var redirectURI: String { "https://\(id).example/callback" }
    var escapedRedirect: String { "https%3A%2F%2F\(id).example%2Fcallback" }

    /// `Authorization: Basic`.
    var basic: (String, String) { ("Authorization", "Basic " + Base64.encode(Array("\(id):\(secret)".utf8))) }

    /// The form members of a fresh assertion (RFC 7523).
    func assertion(_ ambient: Ambient) throws -> String {
        guard let key else { throw RumdulError.bench("\(id) has no key") }
        let now = ambient.now().seconds
        let jwt = try CompactJWT.sign(
            #"{"alg":"ES256","kid":"k1"}"#,
            """
            {"iss":"\(id)","sub":"\(id)","aud":"\(issuer)","jti":"\(ambient.newSecret(bytes: 16))","iat":\(now),"exp":\(now + 290)}
            """, key: key)
        return "&client_id=\(id)&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
            + "&client_assertion=\(jwt)"
    }
}

/// A key of one client instance for DPoP (RFC 9449).
struct ProofKey: Sendable {
    private let key = P256.Signing.PrivateKey()
    private let header: String
    let thumbprint: String
    private let issuer: String

    init(issuer: String) throws {
        let jwk = try JWK(.p256(key.publicKey))
        header = #"{"typ":"dpop+jwt","alg":"ES256","jwk":\#(JSON.text(jwk.json))}"#
        thumbprint = jwk.thumbprintText
        self.issuer = issuer
    }

    /// The header field of a request.
    func proof(_ method: String, _ path: String, token: String? = nil, _ ambient: Ambient) throws -> (String, String) {
        let bound = token.map { #","ath":"\#(Base64URL.encode(Array(SHA256.hash(data: Array($0.utf8)))))""# } ?? ""
        let jwt = try CompactJWT.sign(
            header,
            """
            {"htm":"\(method)","htu":"\(issuer + path)","iat":\(ambient.now().seconds),"jti":"\(ambient.newSecret(bytes: 16))"\(bound)}
            """, key: key)
        return ("DPoP", jwt)
    }
}

/// ES256 over texts as they stand, without waiting for anything.
enum CompactJWT {
    static func sign(_ header: String, _ claims: String, key: P256.Signing.PrivateKey) throws -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        let signature = try key.signature(for: Array(input.utf8))
        return input + "." + Base64URL.encode(Array(signature.rawRepresentation))
    }
}
