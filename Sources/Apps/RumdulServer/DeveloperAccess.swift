import Codecs
import Database
import DeveloperPortal
import IdentityProvider
import Kernel
import Outbound
import RelyingParties
import Web

/// The developers' pages as a relying party of the same node, without attributes.
struct DeveloperAccess: DeveloperLogin {
    static let clientID = "rumdul-developers"
    let provider: IdentityProvider
    let baseURL: String

    private var redirectURI: String { baseURL + "/developers/callback" }

    /// Registers the developers' pages, or brings their registration up to date.
    func install() async throws {
        let document: JSONObject = [
            "client_id": .string(Self.clientID),
            "client_name": ["km": "អ្នកអភិវឌ្ឍន៍ (រំដួល)", "en": "Developers (Rumdul)"],
            "redirect_uris": [.string(redirectURI)], "token_endpoint_auth_method": "none",
            "purposes": [
                [
                    "code": "developer-portal",
                    "text": ["km": "ចុះឈ្មោះ និងថែទាំសេវាដែលភ្ជាប់", "en": "Register and look after services"],
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

    func redeem(code: String, codeVerifier: String) async throws -> PersonID {
        try await provider.redeemFirstParty(
            code: code, verifier: codeVerifier, clientID: Self.clientID, redirectURI: redirectURI
        ).personID
    }
}

/// The provider's trial logins for the developers' pages.
struct ProviderTrials: TrialLogins {
    let provider: IdentityProvider

    func begin(
        clientID: String, redirectURI: String, purpose: String, state: String, nonce: String, codeChallenge: String,
        language: Language
    ) async throws -> String {
        try await provider.beginTrial(
            clientID: clientID, redirectURI: redirectURI, purpose: purpose, state: state, nonce: nonce,
            codeChallenge: codeChallenge, language: language)
    }

    func finish(
        code: String, verifier: String, clientID: String, redirectURI: String, traceID: String
    ) async throws -> TrialResult {
        let answer = try await provider.finishTrial(
            code: code, verifier: verifier, clientID: clientID, redirectURI: redirectURI, traceID: traceID)
        return TrialResult(
            header: answer.header, idToken: answer.idToken, userInfo: answer.userInfo, sealed: answer.sealed,
            scope: answer.scope, expiresIn: answer.expiresIn, isSenderConstrained: answer.isSenderConstrained)
    }
}

/// The developers' error log as the provider's sink.
struct DeveloperEvents: ClientEventSink {
    let log: ClientEventLog

    func refused(_ refusal: ClientRefusal) {
        log.refused(
            ClientEvent(
                clientID: refusal.clientID, endpoint: refusal.endpoint, code: refusal.code,
                description: refusal.description, traceID: refusal.traceID, at: refusal.at))
    }

    func loggedIn(clientID: String, at now: Instant) { log.loggedIn(clientID: clientID, at: now) }
}

/// Where people are real, sandbox clients are for the members of their organisation.
struct SandboxMembers: SandboxVisitors {
    let members: OrganisationMembers

    func mayTry(_ client: RelyingParty, _ person: PersonID) async throws -> Bool {
        try await members.contains(person, of: client)
    }
}

extension ProviderSurroundings {
    /// The same, with the developers' log and the rule for sandbox clients: everybody where all people are invented.
    func serving(
        developers log: ClientEventLog, database: any Database, syntheticPeople: Bool
    ) -> ProviderSurroundings {
        var copy = self
        copy.events = DeveloperEvents(log: log)
        if !syntheticPeople { copy.testPeople = SandboxMembers(members: OrganisationMembers(database: database)) }
        return copy
    }
}

extension Node {
    /// Adds the pages of developers and operators.
    func addDeveloperPages(to router: AppRouter, settings: WebSettings) async throws {
        let access = DeveloperAccess(provider: provider, baseURL: baseURL)
        try await access.install()
        DeveloperPortal(
            DeveloperPortal.Surroundings(
                database: database, registry: provider.registry, login: access,
                trials: ProviderTrials(provider: provider),
                documents: OutboundDocuments(documents: JSONDocuments(client: outbound)), officers: officers,
                audit: audit, errors: .node, ambient: ambient, baseURL: baseURL)
        ).addRoutes(to: router, settings: settings)
    }
}
