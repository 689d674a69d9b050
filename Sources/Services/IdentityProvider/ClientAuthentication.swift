import Codecs
import Database
import JOSE
import Kernel
import ProofOfPossession
import RelyingParties
import Web

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

    /// The client that this says it is, proven or not.
    var claimedID: String? {
        switch self {
        case .basic(let id, _), .post(let id, _), .publicClient(let id): id
        case .assertion(let jwt, let id): id ?? (try? JWT.unverifiedClaims(jwt).claims.string("iss"))
        }
    }

    /// RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    private static func readBasic(_ header: String) throws(OAuthError) -> (String, String) {
        guard let field = AuthorizationField(header), field.isScheme("basic"),
            let bytes = Base64.decode(field.credentials), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let id = try? FormDecoder.value(bytes[..<colon]), let secret = try? FormDecoder.value(bytes[(colon + 1)...])
        else { throw .invalidClient }
        return (id, secret)
    }
}

/// Proves relying parties wherever they talk to the provider directly. Every failure is the same `invalid_client`.
final class ClientAuthenticator: Sendable {
    let database: any Database
    let issuer: String
    let parties: RelyingPartyStore
    let clientKeys: ClientKeyResolver
    let replay: any ReplayMemory
    /// The roots that client certificates of `tls_client_auth` must chain to.
    let roots: CertificateRoots?
    let ambient: Ambient

    init(
        database: any Database, issuer: String, parties: RelyingPartyStore, clientKeys: ClientKeyResolver,
        replay: any ReplayMemory, roots: CertificateRoots?, ambient: Ambient
    ) {
        self.database = database
        self.issuer = issuer
        self.parties = parties
        self.clientKeys = clientKeys
        self.replay = replay
        self.roots = roots
        self.ambient = ambient
    }

    /// The relying party behind a request. Reads the database and may fetch the client's keys, so call it outside of transactions.
    func authenticate(_ request: ClientRequest) async throws -> RelyingParty {
        try await authenticate(try request.credentials.get(), keys: request.keys)
    }

    func authenticate(_ credentials: ClientCredentials, keys: PresentedKeys) async throws -> RelyingParty {
        switch credentials {
        case .basic(let id, let secret): return try await check(id, secret, .clientSecretBasic)
        case .post(let id, let secret): return try await check(id, secret, .clientSecretPost)
        case .publicClient(let id):
            guard let party = try await party(id) else { throw OAuthError.invalidClient }
            switch party.authentication {
            case .none: return party
            case .tlsClientAuth, .selfSignedTLSClientAuth:
                try await checkCertificate(keys.certificate, of: party)
                return party
            default: throw OAuthError.invalidClient
            }
        case .assertion(let jwt, let id): return try await check(assertion: jwt, clientID: id)
        }
    }

    private func party(_ id: String) async throws -> RelyingParty? {
        try await parties.party(id, in: database)
    }

    private func check(
        _ id: String, _ secret: String, _ method: ClientAuthenticationMethod
    ) async throws -> RelyingParty {
        let hash = sha256(Array(secret.utf8))
        let party = try await party(id)
        let expected = party?.secretHash ?? [UInt8](repeating: 0, count: 32)
        guard constantTimeEquals(hash, expected), let party, party.secretHash != nil, party.authentication == method
        else {
            // An unknown client was looked for in the database: a refusal of a known one takes as long.
            if party != nil { try await parties.lookAgain(id, in: database) }
            throw OAuthError.invalidClient
        }
        return party
    }

    /// RFC 7523 section 3; the audience is the issuer alone, as one string (RFC 9700 and the audience injection attacks).
    private func check(assertion: String, clientID: String?) async throws -> RelyingParty {
        guard let claimed = try? JWT.unverifiedClaims(assertion).claims.string("iss"),
            clientID == nil || clientID == claimed, let party = try await party(claimed),
            party.authentication == .privateKeyJWT
        else { throw OAuthError.invalidClient }
        let now = ambient.now()
        do {
            let validator = JWTValidator(
                issuer: claimed, audiences: [issuer], algorithms: Set(party.assertionAlgorithms),
                types: ["JWT", "client-authentication+jwt"], typeRequired: false,
                requiredClaims: ["exp", "sub", "jti"],
                soleAudience: true, maximumLifetime: 300)
            let keys = try await clientKeys.verificationKeys(for: party, token: assertion)
            let claims = try validator.validate(assertion, keys: keys, now: now).claims
            guard claims.string("aud") != nil, claims.string("sub") == claimed, let jti = claims.string("jti"),
                jti.utf8.count <= 256, let exp = claims.integer("exp"), exp <= now.seconds + 330,
                try await replay.isFirst(
                    ReplayKey("assertion", claimed, jti), until: Instant(seconds: exp + 60), now: now)
            else { throw OAuthError.invalidClient }
        } catch let error as RumdulError where error.kind == .unavailable {
            throw error
        } catch {
            throw OAuthError.invalidClient
        }
        return party
    }

    /// RFC 8705 section 2: a certificate of a trusted issuer with the registered name, or one of the registered keys.
    private func checkCertificate(_ der: [UInt8]?, of party: RelyingParty) async throws {
        guard let der, let certificate = try? ClientCertificate(der: der) else { throw OAuthError.invalidClient }
        do {
            if party.authentication == .tlsClientAuth {
                guard let roots, let subject = party.certificateSubject?.member,
                    let expected = CertificateMatch(member: subject.name, value: subject.value)
                else { throw OAuthError.invalidClient }
                try await roots.validate(certificate, now: ambient.now())
                try expected.check(certificate)
            } else {
                try certificate.requireValid(at: ambient.now())
                try certificate.requireRegistered(in: try await clientKeys.keys.keys(of: party, keyID: nil).keys)
            }
        } catch {
            throw OAuthError.invalidClient
        }
    }
}
