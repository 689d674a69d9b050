import Codecs
import Database
import JOSE
import Kernel
import RelyingParties

/// Fetches a request object from an address that a client registered. The composition root fills it in with the fetcher that cannot reach
/// private addresses.
public protocol RequestObjectFetcher: Sendable {
    /// The compact JWT behind an https address. Throws for anything else.
    func requestObject(at url: String) async throws -> String
}

/// Turns what arrived at the authorization or the pushed request endpoint into the parameters that count: pushed ones (RFC 9126), those of a
/// signed request object (RFC 9101, OpenID Connect Core 1.0 section 6), or the plain ones.
final class RequestResolver: Sendable {
    let database: any Database
    let pushed: PushedRequestStore
    let clientKeys: ClientKeyResolver
    let fetcher: (any RequestObjectFetcher)?
    let issuer: String
    let ambient: Ambient

    init(
        database: any Database, pushed: PushedRequestStore, clientKeys: ClientKeyResolver,
        fetcher: (any RequestObjectFetcher)?, issuer: String, ambient: Ambient
    ) {
        self.database = database
        self.pushed = pushed
        self.clientKeys = clientKeys
        self.fetcher = fetcher
        self.issuer = issuer
        self.ambient = ambient
    }

    /// Throws `OAuthError` when the request is refused before its redirect URI is known for certain.
    func resolve(
        _ outer: AuthorizationParameters, client: RelyingParty, isPushed: Bool
    ) async throws -> AuthorizationParameters {
        guard outer["registration"] == nil else {
            throw OAuthError("registration_not_supported", "the registration parameter is not supported")
        }
        guard outer["request"] == nil || outer["request_uri"] == nil else {
            throw OAuthError.invalidRequest("request and request_uri exclude each other")
        }
        if let uri = outer["request_uri"] {
            guard !isPushed else { throw OAuthError.invalidRequest("request_uri cannot be pushed") }
            if uri.hasPrefix(PushedRequestStore.prefix) { return try await stored(uri, client: client) }
            guard !client.requiresPushedRequest else { throw Self.pushRequired }
            return try await object(try await fetch(uri, client: client), outer: outer, client: client)
        }
        guard isPushed || !client.requiresPushedRequest else { throw Self.pushRequired }
        if let object = outer["request"] { return try await self.object(object, outer: outer, client: client) }
        guard !client.requiresSignedRequestObject else {
            throw OAuthError.invalidRequest("this client must sign its requests: request is missing")
        }
        return outer
    }

    private static let pushRequired = OAuthError.invalidRequest(
        "this client must push its authorization requests to the pushed authorization request endpoint")

    private func stored(_ uri: String, client: RelyingParty) async throws -> AuthorizationParameters {
        let unknown = OAuthError("invalid_request_uri", "request_uri is unknown, expired, used, or of another client")
        guard let id = PushedRequestStore.id(uri) else { throw unknown }
        let found = try await database.read { connection in
            try await self.pushed.find(id, clientID: client.clientID, now: self.ambient.now(), in: connection)
        }
        guard let found else { throw unknown }
        return found
    }

    private func fetch(_ uri: String, client: RelyingParty) async throws -> String {
        guard let fetcher, client.requestURIs.contains(where: { sameCodePoints($0, uri) }) else {
            throw OAuthError("invalid_request_uri", "request_uri is not registered for this client")
        }
        do { return try await fetcher.requestObject(at: uri) } catch {
            throw OAuthError("invalid_request_uri", "request_uri could not be fetched")
        }
    }

    /// Checks a request object: signature by the client, audience, time, and that it says the same client.
    func object(
        _ jwt: String, outer: AuthorizationParameters, client: RelyingParty
    ) async throws -> AuthorizationParameters {
        let claims = try await verify(jwt, client: client, strict: client.hasStrictRequestObjects)
        let inner = try AuthorizationParameters(requestObject: claims)
        guard inner["client_id"] == nil || inner["client_id"] == client.clientID else {
            throw Self.invalid("client_id of the request object is another client")
        }
        var object = inner
        if let jti = claims.string("jti") {
            object.objectID = Base64URL.encode(sha256(Array((client.clientID + " " + jti).utf8)))
        }
        object["client_id"] = client.clientID
        // RFC 9101 section 6.3: only what is signed counts. OpenID Connect Core lets the plain parameters fill the gaps.
        if client.hasStrictRequestObjects {
            object.proofThumbprint = outer.proofThumbprint
            return object
        }
        if let type = inner["response_type"], let plain = outer["response_type"], type != plain {
            throw Self.invalid("response_type differs inside and outside the request object")
        }
        return outer.merging(object)
    }

    /// The claims of a signed request. `strict` is FAPI's: audience and a window of sixty minutes are needed.
    func verify(_ jwt: String, client: RelyingParty, strict: Bool) async throws -> JSONObject {
        let validator = JWTValidator(
            issuer: strict ? client.clientID : nil, audiences: strict ? [issuer] : [],
            algorithms: Set(client.requestObjectAlgorithms), types: ["oauth-authz-req+jwt", "JWT"], typeRequired: false,
            requiredClaims: strict ? ["iss", "aud", "exp", "nbf"] : [])
        let now = ambient.now()
        let claims: JSONObject
        do {
            let keys = try await clientKeys.verificationKeys(for: client, token: jwt)
            claims = try validator.validate(jwt, keys: keys, now: now).claims
        } catch let error as OAuthError {
            throw error
        } catch is RumdulError {
            throw Self.invalid("the request object is not a valid JWT of this client: signature, algorithm or claims")
        }
        // RFC 9101, section 4: a request object does not point to another one.
        guard !claims.has("request"), !claims.has("request_uri") else {
            throw Self.invalid("a request object carries neither request nor request_uri")
        }
        if let claimed = claims.string("iss"), claimed != client.clientID {
            throw Self.invalid("iss is not the client")
        }
        if claims.has("aud"), !(claims.strings("aud") ?? [claims.string("aud") ?? ""]).contains(issuer) {
            throw Self.invalid("aud does not name this provider")
        }
        if strict, let nbf = claims.integer("nbf"), let exp = claims.integer("exp") {
            guard exp - nbf <= 3600, now.seconds - nbf <= 3600 + 30 else {
                throw Self.invalid("exp is more than 60 minutes after nbf, or nbf more than 60 minutes ago")
            }
        }
        return claims
    }

    private static func invalid(_ reason: String) -> OAuthError { OAuthError("invalid_request_object", reason) }
}
