import Codecs
import Kernel
import RelyingParties

/// A checked authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636).
struct AuthorizationRequest: Sendable, Equatable {
    var clientID: String
    /// Empty where no browser returns to the client (CIBA, device grant).
    var redirectURI: String
    var responseType = ResponseType.code
    var responseMode = ResponseMode(delivery: .query, isJWT: false)
    var state: String?
    var nonce: String?
    /// The S256 challenge; `nil` only for a client whose registration says so.
    var codeChallenge: String?
    /// Scope values that this provider knows, in the order asked.
    var scope: [String] = []
    var purposeCode: String
    var attributes: [String] = []
    var essential: Set<String> = []
    /// Attributes that were asked in the ID token itself.
    var idTokenAttributes: [String] = []
    /// Verified claims that were asked of userinfo, and in the ID token.
    var verifiedUserInfo: [VerifiedClaimsRequest] = []
    var verifiedIDToken: [VerifiedClaimsRequest] = []
    /// Attributes that were asked in verified claims alone, so that they do not travel outside of them.
    var verifiedOnly: [String] = []
    var dropped: [String] = []
    /// Requested `acr` values, best first.
    var acrValues: [String] = []
    /// Whether a login below all of `acrValues` must fail.
    var acrEssential = false
    /// The greatest age of the login in seconds.
    var maximumAge: Int64?
    var prompt: Set<String> = []
    /// The only subject that may log in, from `id_token_hint` or the `claims` parameter.
    var subject: String?
    var loginHint: String?
    /// Audiences of the access token (RFC 8707).
    var resources: [String] = []
    /// Rich authorization requests as checked JSON text (RFC 9396).
    var authorizationDetails: String?
    /// The DPoP key that the code is bound to (RFC 9449, section 10).
    var proofThumbprint: String?
    var pushedID: String?
    var objectID: String?
    /// The row of the device that waits for this approval (RFC 8628).
    var deviceCodeID: String?
    /// Whether a device becomes the request's by reading its QR code.
    var startsByQR = false
    /// The officer's terminal at which the person logs in; set by the provider, never by a parameter.
    var assisted: AssistedMark?

    /// Whether a refresh token is asked for (OpenID Connect Core 1.0, section 11).
    var isOffline: Bool { scope.contains("offline_access") }

    /// A request whose client and redirect URI are certain, but which is refused: the answer goes to the redirect URI.
    struct Refusal: Error {
        var redirectURI: String
        var mode: ResponseMode
        var state: String?
        var error: OAuthError
    }

    /// The part that must hold before anything is sent to the redirect URI. Throws `RumdulError` for an error page.
    static func trustedRedirect(_ parameters: AuthorizationParameters, client: RelyingParty) throws -> String {
        guard let redirectURI = parameters["redirect_uri"] else { throw RumdulError.missingRedirect }
        guard client.accepts(redirectURI: redirectURI) else {
            throw RumdulError.unknownRedirect
        }
        return redirectURI
    }

    /// Where and how an error returns, from parameters that may be wrong in every other way.
    static func refusal(
        _ error: OAuthError, _ parameters: AuthorizationParameters, client: RelyingParty, redirectURI: String
    ) -> Refusal {
        let type = parameters["response_type"].flatMap { ResponseType($0) } ?? .code
        let mode =
            parameters["response_mode"].flatMap { ResponseMode($0, for: type) }
            ?? client.standardMode(for: type)
        let state = parameters["state"].flatMap { $0.utf8.count <= maximumState ? $0 : nil }
        return Refusal(redirectURI: redirectURI, mode: mode, state: state, error: error)
    }

    static let maximumState = 1024
}

extension AuthorizationRequest {
    /// Checks everything else; each check is one line of the list. Throws `Refusal`.
    init(_ parameters: AuthorizationParameters, client: RelyingParty, redirectURI: String, policy: AssurancePolicy)
        throws
    {
        do {
            let check = RequestChecks(parameters: parameters, client: client, policy: policy)
            let type = try check.responseType()
            let mode = try check.responseMode(type)
            try check.lengths()
            try check.nonce(type)
            let challenge = try check.codeChallenge(type)
            let scope = try check.scope()
            guard let purpose = client.purpose(parameters["purpose"]) else {
                throw OAuthError.invalidRequest("purpose is not registered for this client")
            }
            let claims = try parameters["claims"].map { text throws(OAuthError) in try ClaimsRequest(text) }
            self.init(clientID: client.clientID, redirectURI: redirectURI, purposeCode: purpose.code)
            responseType = type
            responseMode = mode
            state = parameters["state"]
            nonce = parameters["nonce"]
            codeChallenge = challenge
            ask(scope: scope, claims: claims, purpose: purpose)
            (acrValues, acrEssential) = try check.assurance(claims)
            maximumAge = try check.maximumAge()
            prompt = try check.prompt()
            subject = claims?.subject
            loginHint = parameters["login_hint"]
            resources = try check.resources()
            authorizationDetails = try check.authorizationDetails()
            proofThumbprint = try check.proofThumbprint()
            pushedID = parameters.pushedID
            objectID = parameters.objectID
        } catch let error as OAuthError {
            throw Self.refusal(error, parameters, client: client, redirectURI: redirectURI)
        }
    }
}

extension AuthorizationRequest {
    /// The request as it travels, sealed, in the hidden field of the consent page, and as the transaction's row keeps it.
    var json: JSONObject {
        var object: JSONObject = [
            "c": .string(clientID), "r": .string(redirectURI), "p": .string(purposeCode), "a": .strings(attributes),
            "e": .strings(attributes.filter(essential.contains)), "o": .strings(scope),
        ]
        if responseType != .code { object["rt"] = .string(responseType.text) }
        if responseMode != .standard(for: responseType) { object["rm"] = .string(responseMode.text) }
        let texts: [(String, String?)] = [
            ("h", codeChallenge), ("s", state), ("n", nonce), ("u", subject), ("l", loginHint),
            ("d", authorizationDetails), ("j", proofThumbprint), ("pi", pushedID), ("oi", objectID),
            ("dc", deviceCodeID),
        ]
        for case (let name, let text?) in texts { object[name] = .string(text) }
        if !acrValues.isEmpty { object["v"] = .strings(acrValues) }
        if acrEssential { object["m"] = true }
        if startsByQR { object["qr"] = true }
        if let assisted { object["as"] = .object(assisted.json) }
        if !idTokenAttributes.isEmpty { object["i"] = .strings(idTokenAttributes) }
        if !verifiedUserInfo.isEmpty { object["vu"] = .array(verifiedUserInfo.map(\.json)) }
        if !verifiedIDToken.isEmpty { object["vi"] = .array(verifiedIDToken.map(\.json)) }
        if !verifiedOnly.isEmpty { object["vo"] = .strings(verifiedOnly) }
        if let maximumAge { object["x"] = .integer(maximumAge) }
        if !prompt.isEmpty { object["q"] = .strings(prompt.sorted()) }
        if !resources.isEmpty { object["z"] = .strings(resources) }
        return object
    }

    init?(json object: JSONObject) {
        guard let clientID = object.string("c"), let redirectURI = object.string("r"),
            let purpose = object.string("p"), let attributes = object.strings("a"), let essential = object.strings("e"),
            let scope = object.strings("o")
        else { return nil }
        self.init(clientID: clientID, redirectURI: redirectURI, purposeCode: purpose)
        if let text = object.string("rt") {
            guard let type = ResponseType(text) else { return nil }
            responseType = type
        }
        responseMode = .standard(for: responseType)
        if let text = object.string("rm") {
            guard let mode = ResponseMode(text, for: responseType) else { return nil }
            responseMode = mode
        }
        self.attributes = attributes
        self.essential = Set(essential)
        self.scope = scope
        codeChallenge = object.string("h")
        state = object.string("s")
        nonce = object.string("n")
        subject = object.string("u")
        loginHint = object.string("l")
        authorizationDetails = object.string("d")
        proofThumbprint = object.string("j")
        pushedID = object.string("pi")
        objectID = object.string("oi")
        deviceCodeID = object.string("dc")
        acrValues = object.strings("v") ?? []
        acrEssential = object.bool("m") ?? false
        startsByQR = object.bool("qr") ?? false
        assisted = object.object("as").flatMap { AssistedMark(json: $0) }
        idTokenAttributes = object.strings("i") ?? []
        verifiedUserInfo = (object.array("vu") ?? []).compactMap { VerifiedClaimsRequest(json: $0) }
        verifiedIDToken = (object.array("vi") ?? []).compactMap { VerifiedClaimsRequest(json: $0) }
        verifiedOnly = object.strings("vo") ?? []
        maximumAge = object.integer("x")
        prompt = Set(object.strings("q") ?? [])
        resources = object.strings("z") ?? []
    }

    private init(clientID: String, redirectURI: String, purposeCode: String) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.purposeCode = purposeCode
    }

    /// A request that no browser brings: CIBA and the device grant.
    init(withoutBrowser clientID: String, purposeCode: String) {
        self.init(clientID: clientID, redirectURI: "", purposeCode: purposeCode)
    }
}
