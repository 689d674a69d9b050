import Codecs
import Kernel
import RelyingParties

/// The checks of an authorization request, one function each. Each throws the error that its standard names.
struct RequestChecks {
    let parameters: AuthorizationParameters
    let client: RelyingParty
    let policy: AssurancePolicy

    /// OpenID Connect Core 1.0, section 3: which tokens come from where.
    func responseType() throws(OAuthError) -> ResponseType {
        guard let text = parameters["response_type"] else { throw .invalidRequest("response_type is missing") }
        guard let type = ResponseType(text) else {
            throw OAuthError("unsupported_response_type", "response_type is none of code, id_token and token")
        }
        guard client.allows(responseType: type.text) else {
            throw OAuthError("unsupported_response_type", "response_type is not registered for this client")
        }
        guard !(type.token && client.requiresSenderConstraint) else {
            throw OAuthError(
                "unsupported_response_type",
                "tokens of this client are bound to a key and cannot pass through a browser")
        }
        return type
    }

    /// Tokens never travel in a query (Multiple Response Types, section 5; JARM, section 2.3.1).
    func responseMode(_ type: ResponseType) throws(OAuthError) -> ResponseMode {
        guard let text = parameters["response_mode"] else { return client.standardMode(for: type) }
        guard let mode = ResponseMode(text, for: type) else { throw .invalidRequest("response_mode is not supported") }
        guard !(type.isFrontChannel && mode.delivery == .query) else {
            throw .invalidRequest("response_mode=query does not fit a response_type with tokens")
        }
        guard mode.isJWT || !client.requiresJWTResponse, client.allows(responseMode: mode.text) else {
            throw .invalidRequest("the profile of this client does not allow this response_mode")
        }
        return mode
    }

    func lengths() throws(OAuthError) {
        if let state = parameters["state"], state.utf8.count > AuthorizationRequest.maximumState {
            throw .invalidRequest("state is longer than 1024 bytes")
        }
        if let nonce = parameters["nonce"], nonce.utf8.count > 512 {
            throw .invalidRequest("nonce is longer than 512 bytes")
        }
    }

    /// An ID token from the authorization endpoint needs a nonce (OpenID Connect Core 1.0, section 3.2.2.1).
    func nonce(_ type: ResponseType) throws(OAuthError) {
        if type.idToken, parameters["nonce"] == nil { throw .invalidRequest("nonce is missing") }
    }

    /// RFC 7636 section 4.3 with S256 only: the challenge is the base64url of a SHA-256, 43 characters.
    func codeChallenge(_ type: ResponseType) throws(OAuthError) -> String? {
        guard type.code else { return nil }
        guard let challenge = parameters["code_challenge"] else {
            guard parameters["code_challenge_method"] == nil, !client.requiresPKCE else {
                throw .invalidRequest("code_challenge is missing: PKCE is required")
            }
            return nil
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw .invalidRequest("code_challenge_method must be S256")
        }
        guard challenge.utf8.count == 43, Base64URL.decode(challenge)?.count == 32 else {
            throw .invalidRequest("code_challenge is not the base64url of a SHA-256")
        }
        return challenge
    }

    /// Scope values that are known here; unknown ones are ignored (OpenID Connect Core 1.0, section 3.1.2.1).
    func scope() throws(OAuthError) -> [String] {
        let words = (parameters["scope"] ?? "").words
        guard words.contains("openid") else { throw OAuthError("invalid_scope", "scope must contain openid") }
        guard words.count <= 50 else { throw OAuthError("invalid_scope", "too many scope values") }
        var seen: Set<String> = []
        return words.filter { word in
            guard word == "openid" || RequestedAttributes.scopes[word] != nil || isOffline(word) else { return false }
            return seen.insert(word).inserted
        }
    }

    /// `offline_access` counts for a code flow of a client that may refresh (OpenID Connect Core 1.0, section 11).
    private func isOffline(_ word: String) -> Bool {
        word == "offline_access" && client.grantTypes.contains("refresh_token")
            && (parameters["response_type"].flatMap { ResponseType($0) }?.code ?? true)
    }

    /// OpenID Connect Core 1.0, section 3.1.2.1; unknown values are ignored.
    func prompt() throws(OAuthError) -> Set<String> {
        let words = Set((parameters["prompt"] ?? "").words)
        guard !words.contains("none") || words.count == 1 else { throw .invalidRequest("prompt=none stands alone") }
        return words.intersection(["none", "login", "consent", "select_account"])
    }

    func maximumAge() throws(OAuthError) -> Int64? {
        guard let text = parameters["max_age"] else { return client.defaultMaximumAge }
        guard let seconds = Int64(text), seconds >= 0 else {
            throw .invalidRequest("max_age is not a number of seconds")
        }
        return seconds
    }

    /// The wanted levels, best first, and whether less must fail (OpenID Connect Core 1.0, section 5.5.1.1).
    func assurance(_ claims: ClaimsRequest?) throws(OAuthError) -> ([String], Bool) {
        var acr = claims?.acrValues ?? []
        if acr.isEmpty { acr = (parameters["acr_values"] ?? "").split(separator: " ").prefix(10).map(String.init) }
        if acr.isEmpty { acr = client.defaultACRValues }
        let essential = claims?.acrEssential ?? false
        if essential, !acr.isEmpty, !acr.contains(where: { value in policy.levels.contains { $0.acr == value } }) {
            throw .unmetAuthentication
        }
        return (acr, essential)
    }

    /// RFC 8707 section 2: absolute URIs without fragment that this client may name.
    func resources() throws(OAuthError) -> [String] {
        guard parameters.resources.count <= 10 else { throw OAuthError("invalid_target", "too many resources") }
        for resource in parameters.resources where !client.resources.contains(resource) {
            throw OAuthError("invalid_target", "the resource is not registered for this client")
        }
        return parameters.resources
    }

    func authorizationDetails() throws(OAuthError) -> String? {
        guard let text = parameters["authorization_details"] else { return nil }
        return try AuthorizationDetails(text, allowed: client.authorizationDetailTypes).text
    }

    /// RFC 9449 section 10: the parameter and the proof at the pushed request must name the same key.
    func proofThumbprint() throws(OAuthError) -> String? {
        guard let thumbprint = parameters["dpop_jkt"] else { return parameters.proofThumbprint }
        guard thumbprint.utf8.count == 43, Base64URL.decode(thumbprint)?.count == 32 else {
            throw .invalidRequest("dpop_jkt is not the base64url of a SHA-256")
        }
        guard parameters.proofThumbprint == nil || parameters.proofThumbprint == thumbprint else {
            throw .invalidRequest("dpop_jkt is not the key of the DPoP proof")
        }
        return thumbprint
    }
}
