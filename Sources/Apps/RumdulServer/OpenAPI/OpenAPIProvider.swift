import Codecs

extension OpenAPIOperation {
    /// What programs read before they talk.
    static var discovery: [OpenAPIOperation] {
        let metadata = OpenAPIAnswer.json(200, "The provider's metadata", "ProviderMetadata")
        let keys = OpenAPIAnswer(
            status: 200, description: "The key set", content: [("application/jwk-set+json", "JWKSet")])
        return [
            OpenAPIOperation(
                method: "get", path: "/.well-known/openid-configuration", id: "openIDConfiguration", tag: "Discovery",
                summary: "OpenID Connect Discovery 1.0", answers: [metadata]),
            OpenAPIOperation(
                method: "get", path: "/.well-known/oauth-authorization-server", id: "serverMetadata", tag: "Discovery",
                summary: "RFC 8414, with the same members", answers: [metadata]),
            OpenAPIOperation(
                method: "get", path: "/jwks", id: "keys", tag: "Discovery", summary: "Keys of tokens (RFC 7517)",
                answers: [keys, .unavailable]),
        ]
    }

    /// Tokens, and what is done with them.
    static var tokens: [OpenAPIOperation] {
        [token, introspection, revocation] + userInfo
    }

    /// Parameters by which a client proves itself in the form.
    private static let proofNames = ["client_id", "client_secret", "client_assertion", "client_assertion_type"]

    private static var token: OpenAPIOperation {
        let names = [
            "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "auth_req_id",
            "device_code", "subject_token", "subject_token_type", "actor_token", "actor_token_type",
            "requested_token_type", "audience",
        ]
        return OpenAPIOperation(
            method: "post", path: "/token", id: "token", tag: "Tokens",
            summary: "The token endpoint (RFC 6749, 3.2) with all its grants", parameters: [proof],
            body: form(
                OpenAPISchema.form(names + proofNames, required: ["grant_type"], repeatable: ["resource"])),
            security: clientProofs,
            answers: [.json(200, "The tokens", "TokenResponse")] + OpenAPIAnswer.clientRefusals)
    }

    private static var introspection: OpenAPIOperation {
        OpenAPIOperation(
            method: "post", path: "/introspect", id: "introspect", tag: "Tokens",
            summary: "Token introspection (RFC 7662; RFC 9701 when asked for)", parameters: [proof],
            body: form(OpenAPISchema.form(["token", "token_type_hint"] + proofNames, required: ["token"])),
            security: clientProofs,
            answers: [
                OpenAPIAnswer(
                    status: 200, description: "What the token is worth to this client",
                    content: [("application/json", "Introspection"), ("application/token-introspection+jwt", "JWT")])
            ] + OpenAPIAnswer.clientRefusals)
    }

    private static var revocation: OpenAPIOperation {
        OpenAPIOperation(
            method: "post", path: "/revoke", id: "revoke", tag: "Tokens", summary: "Token revocation (RFC 7009)",
            parameters: [proof],
            body: form(OpenAPISchema.form(["token", "token_type_hint"] + proofNames, required: ["token"])),
            security: clientProofs,
            answers: [OpenAPIAnswer(status: 200, description: "The token is worth nothing, or never was")]
                + OpenAPIAnswer.clientRefusals)
    }

    private static var userInfo: [OpenAPIOperation] {
        let answers = [
            OpenAPIAnswer(
                status: 200, description: "Claims of the person, live and journalled",
                content: [("application/json", "UserInfo"), ("application/jwt", "JWT")]),
            .oauth(400, "The token was sent in two ways"), .oauth(401, "No token, or one that is dead"),
            .oauth(403, "The token does not reach so far"), .tooMany, .unavailable,
        ]
        let body = form(OpenAPISchema.form(["access_token"]), required: false)
        return ["get", "post"].map { method in
            OpenAPIOperation(
                method: method, path: "/userinfo", id: method == "get" ? "userInfo" : "userInfoByPost", tag: "Tokens",
                summary: "The userinfo endpoint (OpenID Connect Core 1.0, 5.3)", parameters: [proof],
                body: method == "post" ? body : JSONValue?.none,
                security: ["accessToken", "boundAccessToken"], answers: answers)
        }
    }

    /// Requests that clients send ahead of the person.
    static var requests: [OpenAPIOperation] {
        let authorization = [
            "response_type", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
            "response_mode", "prompt", "max_age", "acr_values", "claims", "login_hint", "id_token_hint", "ui_locales",
            "display", "authorization_details", "dpop_jkt", "request",
        ]
        let decoupled = [
            "scope", "client_notification_token", "acr_values", "login_hint_token", "id_token_hint", "login_hint",
            "binding_message", "user_code", "requested_expiry", "request",
        ]
        return [
            OpenAPIOperation(
                method: "post", path: "/par", id: "pushRequest", tag: "Requests",
                summary: "Pushed authorization requests (RFC 9126)", parameters: [proof],
                body: form(OpenAPISchema.form(authorization + proofNames, repeatable: ["resource"])),
                security: clientProofs,
                answers: [.json(201, "The request is kept for 90 seconds", "PushedRequest")]
                    + OpenAPIAnswer.clientRefusals),
            OpenAPIOperation(
                method: "post", path: "/connect/ciba", id: "backchannelAuthentication", tag: "Requests",
                summary: "OpenID Connect CIBA Core 1.0", parameters: [proof],
                body: form(OpenAPISchema.form(decoupled + proofNames, repeatable: ["resource"])),
                security: clientProofs,
                answers: [.json(200, "The person is being asked", "BackchannelRequest")]
                    + OpenAPIAnswer.clientRefusals),
            deviceAuthorization,
        ]
    }

    private static var deviceAuthorization: OpenAPIOperation {
        let refusals = OpenAPIAnswer.clientRefusals.map { answer in
            var answer = answer
            // This endpoint counts by itself, in the words of RFC 8628.
            if answer.status == 429 { answer.content.append(("application/json", "OAuthError")) }
            return answer
        }
        return OpenAPIOperation(
            method: "post", path: "/device_authorization", id: "deviceAuthorization", tag: "Requests",
            summary: "Device authorization (RFC 8628)", parameters: [proof],
            body: form(
                OpenAPISchema.form(
                    ["scope", "acr_values", "claims", "authorization_details"] + proofNames, repeatable: ["resource"])),
            security: clientProofs,
            answers: [.json(200, "A pair of codes", "DeviceAuthorization")] + refusals)
    }
}
