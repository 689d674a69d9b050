import Codecs
import JOSE
import Kernel

extension RelyingParty {
    /// The seconds for which a signed request holds. FAPI 2.0 Message Signing, section 5.3.1, allows sixty minutes.
    private static let requestLifetime: Int64 = 300

    /// The address for the browser: with the parameters, with one signed request, or with a reference to what was pushed.
    func authorizationAddress(_ parameters: [(String, String)]) async throws -> String {
        let metadata = try await cache.metadata()
        let endpoint = metadata.authorizationEndpoint
        var form = parameters
        if let signer = configuration.protection.requestSigner {
            let object = try await signedRequest(parameters, by: signer, issuer: metadata.issuer)
            form = [("client_id", configuration.clientID), ("request", object)]
            // OpenID Connect Core 1.0, section 6.1: these two stand outside as well, where the browser carries the request.
            if !configuration.protection.pushesRequests {
                form += parameters.filter { $0.0 == "response_type" || $0.0 == "scope" }
            }
        }
        if configuration.protection.pushesRequests {
            let reference = try await push(form, metadata)
            form = [("client_id", configuration.clientID), ("request_uri", reference)]
        }
        return endpoint + (endpoint.contains("?") ? "&" : "?") + FormEncoding.encode(form)
    }

    /// A request object (RFC 9101, section 4): parameters that are JSON or numbers are so in it too.
    private func signedRequest(
        _ parameters: [(String, String)], by signer: any JWSSigner, issuer: String
    ) async throws -> String {
        let now = ambient.now().seconds
        var claims: JSONObject = [
            "iss": .string(configuration.clientID), "aud": .string(issuer), "iat": .integer(now), "nbf": .integer(now),
            "exp": .integer(now + Self.requestLifetime), "jti": .string(ambient.newSecret(bytes: 16)),
        ]
        for (name, value) in parameters {
            claims[name] =
                switch name {
                case "claims": (try? JSON.parse(value)) ?? .string(value)
                case "max_age": Int64(value).map { .integer($0) } ?? .string(value)
                default: .string(value)
                }
        }
        return try await JWSProducer(signer: signer, type: "oauth-authz-req+jwt").sign(claims)
    }

    /// Pushes a request (RFC 9126, section 2) and gives the reference to it.
    /// - Throws: `rp.authorization.*` when the provider refuses the request.
    private func push(_ form: [(String, String)], _ metadata: ProviderMetadata) async throws -> String {
        guard let endpoint = metadata.pushedRequestEndpoint else {
            throw RumdulError.providerMetadata("pushed_authorization_request_endpoint")
        }
        let response = try await sendToProvider {
            try await authenticatedRequest(endpoint, form, issuer: metadata.issuer)
        }
        guard response.body.count <= 1 << 20 else { throw RumdulError.providerAnswer("longer than 1 MiB") }
        let object = try? JSON.parseObject(response.body)
        guard response.status == 201 else {
            if let error = object?.string("error") { throw RumdulError.authorizationRefused(error) }
            if response.status >= 500 { throw RumdulError.providerUnreachable.because("status \(response.status)") }
            throw RumdulError.providerAnswer("pushed request status \(response.status)")
        }
        guard let reference = object?.string("request_uri"), (1...2048).contains(reference.utf8.count) else {
            throw RumdulError.providerAnswer("request_uri")
        }
        return reference
    }
}
