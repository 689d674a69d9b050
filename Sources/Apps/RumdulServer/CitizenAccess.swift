import CitizenPortal
import Codecs
import Database
import IdentityProvider
import Kernel

/// The citizen's pages as a relying party of the same node, without attributes.
struct CitizenAccess: CitizenLogin {
    static let clientID = "rumdul-citizen"
    let provider: IdentityProvider
    let baseURL: String

    private var redirectURI: String { baseURL + "/app/callback" }

    /// Registers the citizen's pages, or brings their registration up to date.
    func install() async throws {
        let document: JSONObject = [
            "client_id": .string(Self.clientID),
            "client_name": ["km": "ទំព័ររបស់ខ្ញុំ (រំដួល)", "en": "My page (Rumdul)"],
            "redirect_uris": [.string(redirectURI)], "token_endpoint_auth_method": "none",
            "purposes": [
                [
                    "code": "citizen-portal",
                    "text": ["km": "មើលកំណត់ត្រា និងការយល់ព្រមរបស់ខ្ញុំ", "en": "See my records and what I granted"],
                ]
            ], "first_party": true,
        ]
        let registered = try await provider.registry.registration(Self.clientID)
        if registered?.document != document { _ = try await provider.register(document, firstParty: true) }
        if let registered, registered.state != .active {
            try await provider.setRelyingParty(Self.clientID, active: true)
        }
    }

    func authorizationURL(state: String, codeChallenge: String, language: Language) -> String {
        "/authorize?response_type=code&client_id=\(Self.clientID)&scope=openid&code_challenge_method=S256"
            + "&code_challenge=\(codeChallenge)&state=\(state)&ui_locales=\(language.rawValue)"
            + "&redirect_uri=" + redirectURI.replacing(":", with: "%3A").replacing("/", with: "%2F")
    }

    func redeem(code: String, codeVerifier: String) async throws -> CitizenProof {
        let login = try await provider.redeemFirstParty(
            code: code, verifier: codeVerifier, clientID: Self.clientID, redirectURI: redirectURI)
        return CitizenProof(
            person: login.personID, session: try await provider.sessionIdentifier(ofCode: code),
            isByCode: login.isByCode)
    }
}

extension CitizenAccess: CitizenSessions {
    func open(of person: PersonID) async throws -> [BrowserLogin] {
        try await provider.sessions(of: person).map { session in
            BrowserLogin(
                id: session.id, browser: session.origin, startedAt: session.startedAt, endsAt: session.endsAt,
                services: session.clients)
        }
    }

    func end(_ id: String, of person: PersonID) async throws -> Bool { try await provider.endSession(id, of: person) }

    func isEnded(_ id: String) async throws -> Bool { try await provider.isSessionEnded(id) }
}

extension CitizenAccess: WithdrawalEffects {
    func apply(
        by person: PersonID, clientID: String,
        withdrawal: @escaping @Sendable (any SQLConnection) async throws -> Void
    ) async throws {
        try await provider.consentWithdrawn(by: person, clientID: clientID, withdrawal: withdrawal)
    }
}
