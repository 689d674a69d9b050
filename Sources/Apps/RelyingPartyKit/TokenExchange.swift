import Codecs
import JOSE
import Kernel

/// What the token endpoint gave, unchecked but well-formed.
struct TokenAnswer: Sendable {
    var accessToken: String
    /// Bound to our DPoP key.
    var isBound: Bool
    var idToken: String
    var expiresAt: Instant?
    var scope: [String]?
}

extension RelyingParty {
    /// Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
    func redeem(_ code: String, session: LoginSession) async throws -> TokenAnswer {
        let metadata = try await cache.metadata()
        let form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", configuration.redirectURI),
            ("code_verifier", session.codeVerifier),
        ]
        let response = try await sendToProvider {
            try await authenticatedRequest(metadata.tokenEndpoint, form, issuer: metadata.issuer)
        }
        return try tokens(response)
    }

    /// A form for one of the provider's endpoints, with the proof of who we are.
    func authenticatedRequest(
        _ endpoint: String, _ parameters: [(String, String)], issuer: String
    ) async throws -> OIDCRequest {
        var form = parameters
        var headers: [(name: String, value: String)] = [
            ("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded"),
        ]
        try await authenticate(&form, &headers, issuer: issuer)
        return OIDCRequest(
            method: "POST", url: endpoint, headers: headers, body: Array(FormEncoding.encode(form).utf8))
    }

    /// Adds the proof of who we are (OpenID Connect Core 1.0, section 9).
    private func authenticate(
        _ form: inout [(String, String)], _ headers: inout [(name: String, value: String)], issuer: String
    ) async throws {
        // A pushed request names the client already.
        let named = form.contains { $0.0 == "client_id" } ? [] : [("client_id", configuration.clientID)]
        switch configuration.credentials {
        case .none: form += named
        case .clientSecretPost(let secret): form += named + [("client_secret", secret)]
        case .clientSecretBasic(let secret):
            // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
            let pair = FormEncoding.escape(configuration.clientID) + ":" + FormEncoding.escape(secret)
            headers.append(("authorization", "Basic " + Base64.encode(Array(pair.utf8))))
        case .privateKeyJWT(let signer):
            let now = ambient.now().seconds
            let claims: JSONObject = [
                "iss": .string(configuration.clientID), "sub": .string(configuration.clientID),
                "aud": .string(issuer), "jti": .string(ambient.newSecret(bytes: 16)), "iat": .integer(now),
                "exp": .integer(now + 60),
            ]
            let assertion = try await JWSProducer(signer: signer, type: "JWT").sign(claims)
            form +=
                named + [
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    ("client_assertion", assertion),
                ]
        }
    }

    private func tokens(_ response: OIDCResponse) throws(RumdulError) -> TokenAnswer {
        guard response.body.count <= 1 << 20 else { throw RumdulError.providerAnswer("longer than 1 MiB") }
        let object = try? JSON.parseObject(response.body)
        guard response.status == 200 else {
            if let error = object?.string("error") { throw RumdulError.tokenRefused(error) }
            if response.status >= 500 { throw RumdulError.providerUnreachable.because("status \(response.status)") }
            throw RumdulError.providerAnswer("token status \(response.status)")
        }
        guard let object else { throw RumdulError.providerAnswer("token answer is no JSON object") }
        // A token that is not bound where we asked for a bound one could be used by whoever steals it.
        let isBound = configuration.protection.proofKey != nil
        guard object.string("token_type")?.lowercased() == (isBound ? "dpop" : "bearer") else {
            throw RumdulError.providerAnswer("token_type")
        }
        guard let accessToken = object.string("access_token"), !accessToken.isEmpty,
            accessToken.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { throw RumdulError.providerAnswer("access_token") }
        guard let idToken = object.string("id_token") else { throw RumdulError.providerAnswer("id_token") }
        var expiresAt: Instant?
        if object.has("expires_in") {
            guard let seconds = object.integer("expires_in"), (0...31_536_000).contains(seconds) else {
                throw RumdulError.providerAnswer("expires_in")
            }
            expiresAt = ambient.now().adding(seconds: seconds)
        }
        return TokenAnswer(
            accessToken: accessToken, isBound: isBound, idToken: idToken, expiresAt: expiresAt,
            scope: object.string("scope")?.words)
    }
}
