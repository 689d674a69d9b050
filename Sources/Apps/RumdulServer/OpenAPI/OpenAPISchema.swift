import Codecs

/// The schemas (JSON Schema 2020-12) of bodies and answers.
enum OpenAPISchema {
    static let text: JSONValue = ["type": "string"]
    static let seconds: JSONValue = ["type": "integer", "minimum": 0]
    static let truth: JSONValue = ["type": "boolean"]
    static let texts: JSONValue = ["type": "array", "items": text]
    static let anyObject: JSONValue = ["type": "object"]

    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/" + name)] }

    static func choice(_ values: String...) -> JSONValue { ["type": "string", "enum": .strings(values)] }

    static func object(_ members: [(String, JSONValue)], required: [String] = []) -> JSONValue {
        var object: JSONObject = ["type": "object", "properties": .object(JSONObject(members))]
        if !required.isEmpty { object["required"] = .strings(required) }
        return .object(object)
    }

    /// A form: texts, and the few parameters that may come more than once.
    static func form(_ names: [String], required: [String] = [], repeatable: [String] = []) -> JSONValue {
        object(names.map { ($0, text) } + repeatable.map { ($0, texts) }, required: required)
    }

    static var all: JSONObject {
        var schemas = JSONObject()
        for (name, schema) in common + oauth + devices + registers + notifications + verification + records + checks
            + dciRegistry + population + households + stays
        {
            schemas[name] = schema
        }
        return schemas
    }

    private static var common: [(String, JSONValue)] {
        let both = object([("km", text), ("en", text)], required: ["km", "en"])
        let field = object([("field", text), ("detail", text), ("message", both)], required: ["field", "detail"])
        return [
            (
                "Problem",
                object(
                    [
                        ("type", text), ("title", text), ("status", seconds), ("detail", text), ("code", text),
                        ("message", both), ("traceId", text), ("errors", ["type": "array", "items": field]),
                    ], required: ["type", "title", "status", "detail", "code", "message", "traceId"])
            ),
            (
                "OAuthError",
                object(
                    [
                        ("error", ["type": "string", "pattern": "^[!#-\\[\\]-~]+$"]),
                        ("error_description", ["type": "string", "pattern": "^[ !#-\\[\\]-~]*$"]), ("error_uri", text),
                        ("trace_id", text),
                    ], required: ["error"])
            ),
            (
                "JWKSet",
                object(
                    [
                        (
                            "keys",
                            [
                                "type": "array",
                                "items": object([("kty", text), ("kid", text), ("use", text)], required: ["kty"]),
                            ]
                        )
                    ], required: ["keys"])
            ), ("JWT", ["type": "string", "pattern": "^[A-Za-z0-9_.-]+$"]), ("Page", text),
        ]
    }

    private static var oauth: [(String, JSONValue)] {
        [
            (
                "ProviderMetadata",
                object(
                    [
                        ("issuer", text), ("authorization_endpoint", text), ("token_endpoint", text),
                        ("jwks_uri", text),
                        ("response_types_supported", texts), ("subject_types_supported", texts),
                        ("id_token_signing_alg_values_supported", texts),
                    ],
                    required: [
                        "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported",
                        "subject_types_supported", "id_token_signing_alg_values_supported",
                    ])
            ),
            (
                "TokenResponse",
                object(
                    [
                        ("access_token", text), ("token_type", choice("Bearer", "DPoP")), ("expires_in", seconds),
                        ("id_token", text), ("refresh_token", text), ("scope", text), ("issued_token_type", text),
                        ("authorization_details", ["type": "array", "items": anyObject]),
                    ], required: ["access_token", "token_type", "expires_in"])
            ),
            (
                "Introspection",
                object(
                    [
                        ("active", truth), ("iss", text), ("sub", text), ("client_id", text), ("scope", text),
                        ("token_type", text), ("iat", seconds), ("exp", seconds),
                    ], required: ["active"])
            ), ("UserInfo", object([("sub", text)], required: ["sub"])),
            (
                "PushedRequest",
                object([("request_uri", text), ("expires_in", seconds)], required: ["request_uri", "expires_in"])
            ),
            (
                "BackchannelRequest",
                object(
                    [
                        ("auth_req_id", text), ("expires_in", seconds), ("interval", seconds),
                        ("user_number", ["type": "integer", "minimum": 10, "maximum": 99]),
                    ], required: ["auth_req_id", "expires_in", "user_number"])
            ),
            (
                "DeviceAuthorization",
                object(
                    [
                        ("device_code", text), ("user_code", text), ("verification_uri", text),
                        ("verification_uri_complete", text), ("expires_in", seconds), ("interval", seconds),
                    ], required: ["device_code", "user_code", "verification_uri", "expires_in"])
            ),
            (
                "ClientInformation",
                object(
                    [
                        ("client_id", text), ("client_secret", text), ("registration_access_token", text),
                        ("registration_client_uri", text), ("redirect_uris", texts),
                    ], required: ["client_id"])
            ), ("ClientMetadata", clientMetadata),
        ]
    }

    /// What a registration may hold; names of other members are refused or passed over as RFC 7591 says.
    private static var clientMetadata: JSONValue {
        object(
            [
                ("redirect_uris", texts), ("response_types", texts), ("grant_types", texts), ("client_name", text),
                ("logo_uri", text), ("client_uri", text), ("policy_uri", text), ("tos_uri", text), ("jwks_uri", text),
                ("jwks", anyObject), ("sector_identifier_uri", text), ("subject_type", choice("pairwise", "public")),
                ("token_endpoint_auth_method", text), ("id_token_signed_response_alg", text),
                ("userinfo_signed_response_alg", text), ("initiate_login_uri", text),
                ("backchannel_logout_uri", text), ("post_logout_redirect_uris", texts),
                ("dpop_bound_access_tokens", truth),
            ])
    }

    private static var devices: [(String, JSONValue)] {
        let key = object([("kty", choice("EC")), ("crv", choice("P-256")), ("x", text), ("y", text)])
        let transaction = object(
            [
                ("id", text), ("details", anyObject),
                ("numbers", ["type": "array", "items": ["type": "integer"], "minItems": 3, "maxItems": 3]),
            ], required: ["id", "details", "numbers"])
        let protection = choice("software", "tee", "strongbox", "secure_enclave")
        let attestation = object(
            [
                ("format", choice("software", "android-key-attestation", "apple-app-attest")),
                ("x5c", ["type": "array", "items": ["type": "string"], "maxItems": 8]), ("statement", text),
                ("key_id", text), ("unlock", choice("none", "biometric")),
            ], required: ["format"])
        let notice = object(
            [("kind", text), ("at", seconds), ("device_name", text)], required: ["kind", "at", "device_name"])
        return [
            (
                "ActivationRequest",
                object(
                    [
                        ("code", text), ("device_name", text), ("platform", text), ("device_key", key),
                        ("pin_key", key),
                        ("proof", text), ("pin_proof", text), ("attestation", attestation),
                    ],
                    required: ["code", "device_name", "platform", "device_key", "pin_key", "proof", "pin_proof"])
            ),
            (
                "Activation",
                object(
                    [
                        ("device_id", text), ("server_nonce", text), ("state", text), ("key_protection", protection),
                        ("expires_at", seconds),
                    ], required: ["device_id", "server_nonce", "state", "key_protection", "expires_at"])
            ),
            (
                "Device",
                object(
                    [
                        ("device_id", text), ("name", text),
                        ("state", choice("pending", "active", "blocked", "revoked")), ("pin_locked", truth),
                        ("pin_tries_left", ["type": "integer", "minimum": 0, "maximum": 5]),
                        ("ial", ["type": "integer", "minimum": 1, "maximum": 3]),
                        ("key_protection", protection), ("unlock", choice("none", "biometric")),
                        ("notices", ["type": "array", "items": notice]), ("held_until", seconds),
                    ],
                    required: [
                        "device_id", "name", "state", "pin_locked", "pin_tries_left", "ial", "key_protection", "unlock",
                        "notices",
                    ])
            ),
            (
                "PINChangeRequest",
                object(
                    [
                        ("change", text), ("pin_key", key), ("pin_signature", text),
                        ("new_pin_signature", text),
                    ], required: ["change", "pin_key", "pin_signature", "new_pin_signature"])
            ),
            ("PINChange", object([("status", choice("changed"))], required: ["status"])),
            (
                "DuressPINRequest",
                object(
                    [
                        ("change", text), ("pin_signature", text), ("duress_key", key), ("duress_signature", text),
                    ], required: ["change", "pin_signature"])
            ),
            ("DuressPIN", object([("status", choice("set", "cleared"))], required: ["status"])),
            (
                "Transactions",
                object([("transactions", ["type": "array", "items": transaction])], required: ["transactions"])
            ),
            ("DecisionRequest", object([("decision", text), ("pin_signature", text)], required: ["decision"])),
            ("Decision", object([("status", choice("approved", "denied", "reported"))], required: ["status"])),
        ]
    }
}
