import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import KhmerText
import RelyingParties

/// Backchannel authentication (OpenID CIBA Core 1.0, section 7; FAPI-CIBA): a client asks for a person's approval
/// without a browser.
///
/// No unsolicited prompts: a client names a person by an ID token that it got for them here (`id_token_hint`). Only a
/// client that the operator trusts for it may begin with a bare number (`login_hint`), and only such a client learns
/// whether a number is anybody's.
struct CIBAService: Sendable {
    let database: any Database
    let vault: any KeyVault
    let people: any PersonDirectory
    let authentication: ClientAuthenticator
    let resolver: RequestResolver
    let hints: IDTokenHints
    let approvals: ApprovalService
    let pushed: PushedRequestStore
    let settings: ProviderSettings
    let ambient: Ambient
    let requests = CIBAStore()

    /// Seconds for which a request may last.
    static let lifetimes: ClosedRange<Int64> = 10...600
    static let maximumBindingMessage = 200
    /// Stands where the device shows the browser of other logins.
    static let origin = "No browser: asked by the service itself"

    /// The answer to an accepted request (CIBA Core 7.3), with the number that the client's agent or screen shows the
    /// person.
    struct Answer: Sendable {
        var authRequestID: String
        var expiresIn: Int64
        var interval: Int64
        var number: Int

        var json: [UInt8] {
            var writer = JSONWriter(capacity: 160)
            writer.beginObject()
            writer.member("auth_req_id", authRequestID)
            writer.member("expires_in", expiresIn)
            writer.member("interval", interval)
            writer.member("user_number", number)
            writer.endObject()
            return writer.bytes
        }
    }

    /// The refusal of prompts beyond a person's budget, before anybody is asked (CIBA Core 13 gives this meaning to
    /// `access_denied`).
    static let overBudget = OAuthError(
        "access_denied", "too many unanswered requests for this person: try again in five minutes", status: 403)
    static let unknownPerson = OAuthError("unknown_user_id", "the hint names nobody who can be asked")

    /// Checks a request and asks the person. Throws `OAuthError`.
    func start(_ request: ClientRequest) async throws -> Answer {
        let client = try await authentication.authenticate(request)
        guard client.authentication.isConfidential, client.grantTypes.contains(TokenService.Grant.ciba.rawValue) else {
            throw OAuthError("unauthorized_client", "the client is not registered for backchannel authentication")
        }
        let parameters = try await parameters(request, client: client)
        let checked = try AuthorizationRequest(decoupled: parameters, client: client, policy: settings.policy)
        let message = try Self.bindingMessage(parameters)
        let token = try Self.notificationToken(parameters, client: client)
        let lifetime = try Self.lifetime(parameters, standard: settings.approvalLifetime)
        let person = try await person(parameters, client: client)
        let authRequestID = ambient.newSecret()
        guard let key = CIBAStore.key(authRequestID) else { throw RumdulError.internal("auth_req_id") }
        var ping: [UInt8]?
        if let token {
            ping = try await CIBAPings.seal(.init(authRequestID: authRequestID, token: token), key: key, vault: vault)
        }
        var start = ApprovalStart(
            request: checked, client: client, identifier: "", knownPerson: person,
            browserHash: ambient.randomBytes(32), origin: Self.origin)
        start.lifetime = lifetime
        start.bindingMessage = message
        start.alongside = { [ping] item, connection in
            if let id = checked.objectID {
                guard try await pushed.spend(id, for: item.id, now: item.createdAt, in: connection) else {
                    throw OAuthError.invalidRequest("the jti of the request object was used before")
                }
            }
            try await requests.insert(
                .init(
                    id: key, transactionID: item.id, clientID: item.clientID, expiresAt: item.expiresAt,
                    pace: PollingPace(), ping: ping), in: connection)
        }
        do {
            let item = try await approvals.start(start)
            return Answer(
                authRequestID: authRequestID, expiresIn: lifetime, interval: PollingPace.standardInterval,
                number: item.number)
        } catch let error as RumdulError where error.kind == .rateLimited {
            throw Self.overBudget
        }
    }
}

// MARK: - Parameters

extension CIBAService {
    /// What proves the client; it stays outside of a signed request (CIBA Core 7.1.1).
    private static let authenticationParameters: Set<String> = [
        "client_id", "client_secret", "client_assertion", "client_assertion_type",
    ]

    /// The parameters that count: those of the signed request, or the plain ones of a client that need not sign.
    private func parameters(_ request: ClientRequest, client: RelyingParty) async throws -> AuthorizationParameters {
        if let id = request.form["client_id"], id != client.clientID {
            throw OAuthError.invalidRequest("client_id is not the client that proved itself")
        }
        let inner = request.form.filter { !Self.authenticationParameters.contains($0.key) }
        guard inner["request_uri"] == nil else { throw OAuthError.invalidRequest("request_uri is not supported here") }
        guard let jwt = inner["request"] else {
            guard !client.signsBackchannelRequests else {
                throw OAuthError.invalidRequest("this client must sign its requests: request is missing")
            }
            return AuthorizationParameters(inner, resources: request.resources)
        }
        guard inner.count == 1, request.resources.isEmpty else {
            throw OAuthError.invalidRequest("parameters beside a signed request")
        }
        do {
            return try await signed(jwt, client: client)
        } catch let error as OAuthError {
            // This endpoint knows no invalid_request_object (CIBA Core 13).
            throw OAuthError.invalidRequest(error.description)
        }
    }

    /// CIBA Core 7.1.1: `aud`, `iss`, `exp`, `iat`, `nbf` and `jti` are there; FAPI: sixty minutes at most.
    private func signed(_ jwt: String, client: RelyingParty) async throws -> AuthorizationParameters {
        if let algorithm = client.backchannelAuthentication?.requestAlgorithm {
            guard (try? JWT.unverifiedClaims(jwt))?.header.algorithm == algorithm.rawValue else {
                throw OAuthError.invalidRequest("the request is not signed with the registered algorithm")
            }
        }
        let claims = try await resolver.verify(jwt, client: client, strict: true)
        guard claims.integer("iat") != nil, claims.string("iss") == client.clientID, let jti = claims.string("jti"),
            (1...256).contains(jti.utf8.count)
        else { throw OAuthError.invalidRequest("iss, iat and jti are needed in a signed request") }
        if let inner = claims.string("client_id"), inner != client.clientID {
            throw OAuthError.invalidRequest("client_id of the request object is another client")
        }
        var parameters = try AuthorizationParameters(requestObject: claims)
        parameters.objectID = Base64URL.encode(sha256(Array((client.clientID + " " + jti).utf8)))
        return parameters
    }

    /// What the person compares on both sides (CIBA Core 7.1): 1 to 200 characters that can be shown.
    static func bindingMessage(_ parameters: AuthorizationParameters) throws(OAuthError) -> String? {
        guard let message = parameters["binding_message"] else { return nil }
        guard ShownText.isSafe(message, limit: maximumBindingMessage), hasKnownScripts(message) else {
            throw OAuthError(
                "invalid_binding_message",
                "binding_message is 1 to 200 characters of Khmer or Latin script, without control characters")
        }
        return message
    }

    /// Letters of Khmer and Latin alone, so that no look-alike of another script is shown; digits and punctuation are
    /// common to all.
    private static func hasKnownScripts(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x20...0x7E, 0xA0...0x24F, 0x1E00...0x1EFF: true
            case 0x1780...0x17FF, 0x19E0...0x19FF, 0x200B: true
            case 0x2010...0x2027, 0x2030...0x205E, 0x20A0...0x20CF: true
            default: false
            }
        }
    }

    /// The Bearer token for pings (CIBA Core 7.1), needed exactly in ping mode.
    static func notificationToken(
        _ parameters: AuthorizationParameters, client: RelyingParty
    ) throws(OAuthError) -> String? {
        guard client.backchannelAuthentication?.delivery == .ping else { return nil }
        guard let token = parameters["client_notification_token"] else {
            throw .invalidRequest("client_notification_token is missing: this client is registered for ping")
        }
        // RFC 6750 section 2.1: b64token.
        let isToken = token.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126, 43, 47, 61: true
            default: false
            }
        }
        guard isToken, (1...1024).contains(token.utf8.count) else {
            throw .invalidRequest("client_notification_token is not a Bearer token of at most 1024 characters")
        }
        return token
    }

    /// `requested_expiry`, brought into bounds; in a signed request it may be a number or a text.
    static func lifetime(_ parameters: AuthorizationParameters, standard: Int64) throws(OAuthError) -> Int64 {
        guard let text = parameters["requested_expiry"] else { return standard }
        guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let seconds = Int64(text), seconds > 0
        else { throw .invalidRequest("requested_expiry is not a positive number of seconds") }
        return min(max(seconds, lifetimes.lowerBound), lifetimes.upperBound)
    }

    /// The person whom exactly one hint names (CIBA Core 7.1).
    private func person(_ parameters: AuthorizationParameters, client: RelyingParty) async throws -> PersonID {
        let given = ["login_hint", "login_hint_token", "id_token_hint"].filter { parameters[$0] != nil }
        guard given.count == 1 else {
            throw OAuthError.invalidRequest("exactly one of login_hint, login_hint_token and id_token_hint is needed")
        }
        if let hint = parameters["id_token_hint"] { return try await person(idToken: hint, client: client) }
        guard let hint = parameters["login_hint"] else {
            throw OAuthError.invalidRequest("login_hint_token is not supported")
        }
        guard client.isTrustedForBackchannel else {
            throw OAuthError("unauthorized_client", "this client may name people by id_token_hint alone")
        }
        do {
            guard let person = try await people.person(loginIdentifier: try KhmerDigits.identifier(hint)) else {
                throw Self.unknownPerson
            }
            return person
        } catch let error as RumdulError where error.kind == .invalid {
            throw Self.unknownPerson
        }
    }

    /// Somebody who logged in at this client: the token names the transaction, and the transaction the person.
    private func person(idToken: String, client: RelyingParty) async throws -> PersonID {
        guard let hint = try await hints.read(idToken), hint.clientID == client.clientID else {
            throw OAuthError.invalidRequest("id_token_hint is not an ID token of this client")
        }
        guard let id = hint.transactionID else { throw Self.unknownPerson }
        let found = try await database.read { connection in try await approvals.store.find(id, in: connection) }
        guard let found, found.clientID == client.clientID, let person = found.personID else {
            throw Self.unknownPerson
        }
        return person
    }
}

extension RelyingParty {
    /// Whether backchannel requests must be signed: by profile, or because an algorithm is registered.
    var signsBackchannelRequests: Bool {
        hasStrictRequestObjects || self.requiresSignedRequestObject
            || self.backchannelAuthentication?.requestAlgorithm != nil
    }
}
