import Accountability
import Codecs
import JOSE
import Kernel
import KeyVault
import RelyingParties

/// The provider's metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414) and its key set, as bytes made once.
enum Discovery {
    static func metadata(_ settings: ProviderSettings) -> [UInt8] {
        let issuer = settings.issuer
        let claims =
            [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "txn",
                "device_assurance",
            ]
            + AttributeCatalogue.all.map(\.name.rawValue)
        let signing = SigningAlgorithms.offered.map(\.rawValue)
        let object: JSONObject = [
            "issuer": .string(issuer), "authorization_endpoint": .string(issuer + "/authorize"),
            "token_endpoint": .string(issuer + "/token"), "userinfo_endpoint": .string(issuer + "/userinfo"),
            "jwks_uri": .string(issuer + "/jwks"), "service_documentation": .string(issuer + "/"),
            "scopes_supported": .strings(["openid"] + RequestedAttributes.scopes.keys.sorted()),
            "response_types_supported": ["code"], "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"], "subject_types_supported": ["pairwise"],
            "acr_values_supported": .strings(settings.policy.levels.map(\.acr)),
            "id_token_signing_alg_values_supported": .strings(signing),
            "userinfo_signing_alg_values_supported": .strings(signing),
            "userinfo_encryption_alg_values_supported": .strings(SigningAlgorithms.keyManagement.map(\.rawValue)),
            "userinfo_encryption_enc_values_supported": .strings(SigningAlgorithms.contentEncryption.map(\.rawValue)),
            "token_endpoint_auth_methods_supported": .strings(ClientAuthenticationMethod.allCases.map(\.rawValue)),
            "token_endpoint_auth_signing_alg_values_supported": .strings(
                SigningAlgorithms.clientAssertions.map(\.rawValue)),
            "claim_types_supported": ["normal"], "claims_supported": .strings(claims),
            "claims_parameter_supported": true, "request_parameter_supported": false,
            "request_uri_parameter_supported": false, "require_request_uri_registration": false,
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": true,
            "ui_locales_supported": ["km", "en"], "claims_locales_supported": ["km", "en"],
            "display_values_supported": ["page"], "prompt_values_supported": ["login", "consent"],
        ]
        return JSON.bytes(object)
    }

    /// The public keys: pre-published, active and retired ones, so that a rotation breaks nobody (RFC 7517, section 5).
    static func keySet(_ vault: any KeyVault) async throws -> [UInt8] {
        var keys: [JSONValue] = []
        for handle in try await vault.keys(.oidcSigning) {
            guard handle.state != .destroyed, let key = handle.publicKey else { continue }
            keys.append(.object(key.json))
        }
        let set: JSONObject = ["keys": .array(keys)]
        return JSON.bytes(set)
    }
}
