import Codecs
import Kernel
import RelyingParties

/// A checked authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636).
struct AuthorizationRequest: Sendable, Equatable {
    var clientID: String
    var redirectURI: String
    var state: String?
    var nonce: String?
    var codeChallenge: String
    var purposeCode: String
    var attributes: [String]
    var essential: Set<String>
    var dropped: [String]
    /// Requested `acr` values, best first.
    var acrValues: [String]
    /// Whether a login below all of `acrValues` must fail.
    var acrEssential: Bool

    /// A request whose client and redirect URI are certain, but which is refused: the answer goes to the redirect URI.
    struct Refusal: Error {
        var redirectURI: String
        var state: String?
        var error: OAuthError
    }

    /// The part that must hold before anything is sent to the redirect URI. Throws `RumdulError` for an error page.
    static func trustedRedirect(_ parameters: [String: String], client: RelyingParty?) throws -> (RelyingParty, String)
    {
        guard let client else { throw RumdulError.unknownClient }
        guard let redirectURI = parameters["redirect_uri"], !redirectURI.isEmpty else {
            throw RumdulError.missingRedirect
        }
        guard client.redirectURIs.contains(where: { sameCodePoints($0, redirectURI) }) else {
            throw RumdulError.unknownRedirect
        }
        return (client, redirectURI)
    }

    /// Checks everything else; each check is one line of the list.
    init(_ parameters: [String: String], client: RelyingParty, redirectURI: String, policy: AssurancePolicy) throws {
        let state = parameters["state"]
        do {
            try Self.checkUnsupported(parameters)
            try Self.checkResponseType(parameters)
            try Self.checkLengths(parameters)
            let challenge = try Self.codeChallenge(parameters)
            let scope = try Self.scope(parameters)
            try Self.checkPrompt(parameters)
            try Self.checkMaxAge(parameters)
            guard let purpose = client.purpose(parameters["purpose"]) else {
                throw OAuthError.invalidRequest("purpose is not registered for this client")
            }
            let claims = try parameters["claims"].map { text throws(OAuthError) in
                try RequestedAttributes.parseClaims(text)
            }
            let requested = RequestedAttributes(scope: scope, claimNames: claims?.userInfo ?? [], purpose: purpose)
            var acr = claims?.acr ?? []
            if acr.isEmpty { acr = (parameters["acr_values"] ?? "").split(separator: " ").prefix(10).map(String.init) }
            let essential = claims?.acrEssential ?? false
            if essential, !acr.isEmpty, !acr.contains(where: { value in policy.levels.contains { $0.acr == value } }) {
                throw OAuthError.unmetAuthentication
            }
            self.init(
                clientID: client.clientID, redirectURI: redirectURI, state: state, nonce: parameters["nonce"],
                codeChallenge: challenge, purposeCode: purpose.code, attributes: requested.shown,
                essential: requested.essential, dropped: requested.dropped, acrValues: acr, acrEssential: essential)
        } catch let error as OAuthError {
            let echo = (state?.utf8.count ?? 0) <= 1024 ? state : nil
            throw Refusal(redirectURI: redirectURI, state: echo, error: error)
        }
    }

    private init(
        clientID: String, redirectURI: String, state: String?, nonce: String?, codeChallenge: String,
        purposeCode: String,
        attributes: [String], essential: Set<String>, dropped: [String], acrValues: [String], acrEssential: Bool
    ) {
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.state = state
        self.nonce = nonce
        self.codeChallenge = codeChallenge
        self.purposeCode = purposeCode
        self.attributes = attributes
        self.essential = essential
        self.dropped = dropped
        self.acrValues = acrValues
        self.acrEssential = acrEssential
    }

    private static func checkUnsupported(_ parameters: [String: String]) throws(OAuthError) {
        if parameters["request"] != nil {
            throw OAuthError("request_not_supported", "request objects are not supported")
        }
        if parameters["request_uri"] != nil {
            throw OAuthError("request_uri_not_supported", "request_uri is not supported")
        }
        if parameters["registration"] != nil {
            throw OAuthError("registration_not_supported", "the registration parameter is not supported")
        }
    }

    private static func checkResponseType(_ parameters: [String: String]) throws(OAuthError) {
        guard let type = parameters["response_type"] else { throw .invalidRequest("response_type is missing") }
        guard type == "code" else {
            throw OAuthError("unsupported_response_type", "only response_type=code is supported")
        }
        if let mode = parameters["response_mode"], mode != "query" {
            throw .invalidRequest("only response_mode=query is supported")
        }
    }

    private static func checkLengths(_ parameters: [String: String]) throws(OAuthError) {
        if let state = parameters["state"], state.utf8.count > 1024 {
            throw .invalidRequest("state is longer than 1024 bytes")
        }
        if let nonce = parameters["nonce"], nonce.utf8.count > 512 {
            throw .invalidRequest("nonce is longer than 512 bytes")
        }
    }

    /// RFC 7636 section 4.3 with S256 only: the challenge is the base64url of a SHA-256, 43 characters.
    private static func codeChallenge(_ parameters: [String: String]) throws(OAuthError) -> String {
        guard let challenge = parameters["code_challenge"] else {
            throw .invalidRequest("code_challenge is missing: PKCE is required")
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw .invalidRequest("code_challenge_method must be S256")
        }
        guard challenge.utf8.count == 43, Base64URL.decode(challenge)?.count == 32 else {
            throw .invalidRequest("code_challenge is not the base64url of a SHA-256")
        }
        return challenge
    }

    private static func scope(_ parameters: [String: String]) throws(OAuthError) -> [String] {
        let scope = (parameters["scope"] ?? "").split(separator: " ").map(String.init)
        guard scope.contains("openid") else { throw OAuthError("invalid_scope", "scope must contain openid") }
        guard scope.count <= 50 else { throw OAuthError("invalid_scope", "too many scope values") }
        return scope
    }

    /// Every login is approved afresh on the device, so `prompt=none` can never be silent (OpenID Connect Core 1.0, section 3.1.2.6).
    private static func checkPrompt(_ parameters: [String: String]) throws(OAuthError) {
        let prompts = (parameters["prompt"] ?? "").split(separator: " ")
        if prompts.contains("none") {
            if prompts.count > 1 { throw .invalidRequest("prompt=none stands alone") }
            throw OAuthError("login_required", "the person must approve on the device")
        }
    }

    private static func checkMaxAge(_ parameters: [String: String]) throws(OAuthError) {
        guard let text = parameters["max_age"] else { return }
        guard let seconds = Int(text), seconds >= 0 else { throw .invalidRequest("max_age is not a number of seconds") }
    }
}

extension AuthorizationRequest {
    /// The request as it travels, sealed, in the hidden field of the consent page.
    var json: JSONObject {
        var object: JSONObject = [
            "c": .string(clientID), "r": .string(redirectURI), "h": .string(codeChallenge), "p": .string(purposeCode),
            "a": .strings(attributes), "e": .strings(attributes.filter(essential.contains)), "v": .strings(acrValues),
            "m": .bool(acrEssential),
        ]
        if let state { object["s"] = .string(state) }
        if let nonce { object["n"] = .string(nonce) }
        return object
    }

    init?(json object: JSONObject) {
        guard let clientID = object.string("c"), let redirectURI = object.string("r"),
            let challenge = object.string("h"),
            let purpose = object.string("p"), let attributes = object.strings("a"), let essential = object.strings("e"),
            let acr = object.strings("v"), let must = object.bool("m")
        else { return nil }
        self.init(
            clientID: clientID, redirectURI: redirectURI, state: object.string("s"), nonce: object.string("n"),
            codeChallenge: challenge, purposeCode: purpose, attributes: attributes, essential: Set(essential),
            dropped: [],
            acrValues: acr, acrEssential: must)
    }
}
