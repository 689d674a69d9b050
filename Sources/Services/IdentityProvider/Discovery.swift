import Accountability
import Codecs
import JOSE
import Kernel
import KeyVault
import RelyingParties

/// The provider's metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414) and its key set, as bytes made once.
enum Discovery {
    static func metadata(_ settings: ProviderSettings) -> [UInt8] {
        var object = endpoints(settings.issuer)
        for part in [openID(settings), oauth(), messageSigning(), backchannel(), identityAssurance()] {
            for name in part.names { object[name] = part[name] }
        }
        if let base = settings.mutualTLSBase { object["mtls_endpoint_aliases"] = .object(aliases(base)) }
        return JSON.bytes(object)
    }

    private static func endpoints(_ issuer: String) -> JSONObject {
        [
            "issuer": .string(issuer), "authorization_endpoint": .string(issuer + "/authorize"),
            "token_endpoint": .string(issuer + "/token"), "userinfo_endpoint": .string(issuer + "/userinfo"),
            "jwks_uri": .string(issuer + "/jwks"), "service_documentation": .string(issuer + "/"),
            "pushed_authorization_request_endpoint": .string(issuer + "/par"),
            "introspection_endpoint": .string(issuer + "/introspect"),
            "revocation_endpoint": .string(issuer + "/revoke"),
            "registration_endpoint": .string(issuer + "/connect/register"),
            "end_session_endpoint": .string(issuer + LogoutRoutes.path),
            "device_authorization_endpoint": .string(issuer + "/device_authorization"),
            "backchannel_authentication_endpoint": .string(issuer + "/connect/ciba"),
        ]
    }

    /// The endpoints that take client certificates, on the listener that asks for them (RFC 8705, section 5).
    private static func aliases(_ base: String) -> JSONObject {
        [
            "token_endpoint": .string(base + "/token"), "userinfo_endpoint": .string(base + "/userinfo"),
            "pushed_authorization_request_endpoint": .string(base + "/par"),
            "introspection_endpoint": .string(base + "/introspect"),
            "revocation_endpoint": .string(base + "/revoke"),
            "device_authorization_endpoint": .string(base + "/device_authorization"),
            "backchannel_authentication_endpoint": .string(base + "/connect/ciba"),
        ]
    }

    private static func openID(_ settings: ProviderSettings) -> JSONObject {
        let claims =
            [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "c_hash", "sid",
                "txn", "device_assurance",
            ] + AttributeCatalogue.all.map(\.name.rawValue)
        let signing = JSONValue.strings(SigningAlgorithms.offered.map(\.rawValue))
        let keyManagement = JSONValue.strings(SigningAlgorithms.keyManagement.map(\.rawValue))
        let encryption = JSONValue.strings(SigningAlgorithms.contentEncryption.map(\.rawValue))
        return [
            "scopes_supported": .strings(
                ["openid", "offline_access"] + RequestedAttributes.scopes.keys.sorted()),
            "subject_types_supported": ["pairwise", "public"],
            "acr_values_supported": .strings(settings.policy.levels.map(\.acr)),
            "id_token_signing_alg_values_supported": signing,
            "id_token_encryption_alg_values_supported": keyManagement,
            "id_token_encryption_enc_values_supported": encryption,
            "userinfo_signing_alg_values_supported": signing,
            "userinfo_encryption_alg_values_supported": keyManagement,
            "userinfo_encryption_enc_values_supported": encryption,
            "claim_types_supported": ["normal"], "claims_supported": .strings(claims),
            "claims_parameter_supported": true, "ui_locales_supported": ["km", "en"],
            "claims_locales_supported": ["km", "en"], "display_values_supported": ["page", "popup", "touch"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "backchannel_logout_supported": true, "backchannel_logout_session_supported": true,
        ]
    }

    private static func oauth() -> JSONObject {
        let methods = ClientAuthenticationMethod.allCases.map(\.rawValue)
        let confidential = JSONValue.strings(methods.filter { $0 != "none" })
        let assertions = JSONValue.strings(SigningAlgorithms.clientAssertions.map(\.rawValue))
        return [
            // The other types put access tokens into URLs; a client needs a recorded acceptance of that risk, so they are not offered here.
            "response_types_supported": ["code", "code id_token"],
            "response_modes_supported": .strings(ResponseMode.all),
            "grant_types_supported": .strings(TokenService.Grant.allCases.map(\.rawValue)),
            "token_endpoint_auth_methods_supported": .strings(methods),
            "token_endpoint_auth_signing_alg_values_supported": assertions,
            "introspection_endpoint_auth_methods_supported": confidential,
            "introspection_endpoint_auth_signing_alg_values_supported": assertions,
            "introspection_signing_alg_values_supported": .strings(SigningAlgorithms.offered.map(\.rawValue)),
            "revocation_endpoint_auth_methods_supported": .strings(methods),
            "revocation_endpoint_auth_signing_alg_values_supported": assertions,
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": true,
            "require_pushed_authorization_requests": false,
            "dpop_signing_alg_values_supported": .strings(SigningAlgorithms.clientAssertions.map(\.rawValue)),
            "tls_client_certificate_bound_access_tokens": true,
            "authorization_details_types_supported": .strings(AuthorizationDetails.types.map(\.name)),
        ]
    }

    /// Signed requests (RFC 9101) and signed responses (JARM).
    private static func messageSigning() -> JSONObject {
        [
            "request_parameter_supported": true, "request_uri_parameter_supported": true,
            "require_request_uri_registration": true,
            "request_object_signing_alg_values_supported": .strings(
                SigningAlgorithms.requestObjects.map(\.rawValue)),
            "authorization_signing_alg_values_supported": .strings(SigningAlgorithms.offered.map(\.rawValue)),
            "authorization_encryption_alg_values_supported": .strings(
                SigningAlgorithms.keyManagement.map(\.rawValue)),
            "authorization_encryption_enc_values_supported": .strings(
                SigningAlgorithms.contentEncryption.map(\.rawValue)),
        ]
    }

    /// OpenID Connect for Identity Assurance 1.0, section 7.
    private static func identityAssurance() -> JSONObject {
        [
            "verified_claims_supported": true,
            "trust_frameworks_supported": [.string(VerificationFacts.trustFramework)],
            "claims_in_verified_claims_supported": .strings(AssuredAttributes.names),
            "evidence_supported": ["electronic_record", "document"],
            "electronic_records_supported": [.string(VerificationFacts.recordType)],
            "documents_supported": .strings(VerifiedDocument.allCases.map(\.rawValue)),
            "documents_check_methods_supported": [.string(VerificationFacts.documentCheck)],
        ]
    }

    /// OpenID Connect CIBA Core 1.0, section 4.
    private static func backchannel() -> JSONObject {
        [
            "backchannel_token_delivery_modes_supported": ["poll", "ping"],
            "backchannel_authentication_request_signing_alg_values_supported": .strings(
                SigningAlgorithms.clientAssertions.map(\.rawValue)),
            "backchannel_user_code_parameter_supported": false,
        ]
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
