import Codecs
import Database
import JOSE
import Kernel
import RelyingParties
import Synchronization

/// What a relying party sent to prove itself (OpenID Connect Core 1.0, section 9).
enum ClientCredentials: Sendable {
    case basic(clientID: String, secret: String)
    case post(clientID: String, secret: String)
    case assertion(String, clientID: String?)
    case publicClient(clientID: String)

    /// Reads the one method that a token request used. Throws `invalid_request` for two at once, `invalid_client` for none.
    static func read(authorization: String?, form: [String: String]) throws(OAuthError) -> ClientCredentials {
        let basic = try authorization.map { header throws(OAuthError) in try readBasic(header) }
        let assertion = form["client_assertion"]
        let secret = form["client_secret"]
        guard [basic != nil, assertion != nil, secret != nil].filter({ $0 }).count <= 1 else {
            throw .invalidRequest("more than one client authentication method")
        }
        if let basic {
            if let id = form["client_id"], id != basic.0 {
                throw .invalidRequest("client_id differs from the Authorization header")
            }
            return .basic(clientID: basic.0, secret: basic.1)
        }
        if let assertion {
            guard form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" else {
                throw .invalidRequest("client_assertion_type is not jwt-bearer")
            }
            return .assertion(assertion, clientID: form["client_id"])
        }
        guard let id = form["client_id"], !id.isEmpty else { throw .invalidClient }
        if let secret { return .post(clientID: id, secret: secret) }
        return .publicClient(clientID: id)
    }

    /// RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    private static func readBasic(_ header: String) throws(OAuthError) -> (String, String) {
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Base64.decode(parts[1]),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":"),
            let id = formDecode(text[..<colon]), let secret = formDecode(text[text.index(after: colon)...])
        else { throw .invalidClient }
        return (id, secret)
    }

    private static func formDecode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var input = text.utf8.makeIterator()
        while let byte = input.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = input.next(), let low = input.next(),
                    let value = Hex.decode(String(decoding: [high, low], as: UTF8.self))?.first
                else { return nil }
                bytes.append(value)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// Assertion identifiers seen within their life; bounded. With several nodes each keeps its own: an assertion lives a minute or two and is
/// bound to the issuer, and the code it comes with is single-use in the database.
final class SeenOnce: Sendable {
    private let seen = Mutex<[String: (end: Int64, attempt: String)]>([:])
    private let limit = 100_000

    /// True the first time an identifier comes before its end.
    /// - Parameter attempt: names the request. A transaction that the database runs again asks twice for one request;
    ///   that is not a second use.
    func first(_ id: String, until end: Int64, now: Int64, attempt: String) -> Bool {
        seen.withLock { entries in
            if let known = entries[id], known.end > now { return known.attempt == attempt }
            if entries.count >= limit { entries = entries.filter { $0.value.end > now } }
            guard entries.count < limit else { return false }
            entries[id] = (end, attempt)
            return true
        }
    }
}

/// Proves relying parties at the token endpoint.
struct ClientAuthenticator: Sendable {
    let issuer: String
    let parties: RelyingPartyStore
    let ambient: Ambient
    let seen = SeenOnce()

    /// The relying party behind the credentials. Every failure is the same `invalid_client`.
    /// - Parameter attempt: a value of this request alone, the same when its transaction is run again.
    func authenticate(
        _ credentials: ClientCredentials, attempt: String, in connection: any SQLConnection
    ) async throws -> RelyingParty {
        switch credentials {
        case .basic(let id, let secret): return try await check(id, secret, .clientSecretBasic, in: connection)
        case .post(let id, let secret): return try await check(id, secret, .clientSecretPost, in: connection)
        case .publicClient(let id):
            guard let party = try await parties.party(id, in: connection), party.authentication == .none else {
                throw OAuthError.invalidClient
            }
            return party
        case .assertion(let jwt, let id):
            return try await check(assertion: jwt, clientID: id, attempt: attempt, in: connection)
        }
    }

    private func check(
        _ id: String, _ secret: String, _ method: ClientAuthenticationMethod, in connection: any SQLConnection
    ) async throws -> RelyingParty {
        let hash = sha256(Array(secret.utf8))
        let party = try await parties.party(id, in: connection)
        let expected = party?.secretHash ?? [UInt8](repeating: 0, count: 32)
        guard constantTimeEquals(hash, expected), let party, party.secretHash != nil, party.authentication == method
        else {
            throw OAuthError.invalidClient
        }
        return party
    }

    /// RFC 7523 section 3; the audience is the issuer alone, as one string (RFC 9700 and the audience injection attacks).
    private func check(
        assertion: String, clientID: String?, attempt: String, in connection: any SQLConnection
    ) async throws -> RelyingParty {
        guard let claimed = try? JWT.unverifiedClaims(assertion).claims.string("iss"),
            clientID == nil || clientID == claimed,
            let party = try await parties.party(claimed, in: connection), party.authentication == .privateKeyJWT,
            let keys = party.keys
        else { throw OAuthError.invalidClient }
        let now = ambient.now()
        do {
            let validator = JWTValidator(
                issuer: claimed, audiences: [issuer], algorithms: Set(SigningAlgorithms.clientAssertions),
                types: ["JWT", "client-authentication+jwt"], typeRequired: false,
                requiredClaims: ["exp", "sub", "jti"],
                soleAudience: true, maximumLifetime: 300)
            let claims = try validator.validate(assertion, keys: VerificationKeySet(keys), now: now).claims
            guard claims.string("aud") != nil, claims.string("sub") == claimed, let jti = claims.string("jti"),
                jti.utf8.count <= 256, let exp = claims.integer("exp"), exp <= now.seconds + 330,
                seen.first(claimed + " " + jti, until: exp + 60, now: now.seconds, attempt: attempt)
            else { throw OAuthError.invalidClient }
        } catch {
            throw OAuthError.invalidClient
        }
        return party
    }
}
