import Codecs
import Consent
import Database
import Kernel
import RelyingParties

/// Whether a request can be answered without asking the person (OpenID Connect Core 1.0, section 3.1.2.3): a session that is young and
/// strong enough, and a living consent that covers everything asked.
final class SilentLogin: Sendable {
    let database: any Database
    let consents: Consents
    let people: any PersonDirectory
    let settings: ProviderSettings
    let ambient: Ambient
    let testPeople: any SandboxVisitors
    let store = TransactionStore()

    init(
        database: any Database, consents: Consents, people: any PersonDirectory, settings: ProviderSettings,
        ambient: Ambient, testPeople: any SandboxVisitors = Everybody()
    ) {
        self.database = database
        self.consents = consents
        self.people = people
        self.settings = settings
        self.ambient = ambient
        self.testPeople = testPeople
    }

    enum Answer: Sendable {
        /// The stored authorization; a code may be issued.
        case granted(Transaction)
        /// The person must log in.
        case loginRequired
        /// The person is known but must decide.
        case consentRequired
    }

    func answer(
        _ request: AuthorizationRequest, session: BrowserSession?, client: RelyingParty, browserHash: [UInt8]
    ) async throws -> Answer {
        let now = ambient.now()
        guard let session, !request.prompt.contains("login"), !request.prompt.contains("select_account"),
            isStrongEnough(session, for: request)
        else { return .loginRequired }
        if client.environment == .sandbox, try await !testPeople.mayTry(client, session.personID) {
            return .loginRequired
        }
        if let maximum = request.maximumAge, now.seconds - session.authTime.seconds > maximum { return .loginRequired }
        if let subject = request.subject {
            guard try await people.subject(of: session.personID, sector: client.subjectSector) == subject else {
                return .loginRequired
            }
        }
        guard !request.prompt.contains("consent"), request.authorizationDetails == nil else { return .consentRequired }
        let item = template(request, session: session, browserHash: browserHash, now: now)
        return try await database.transaction { connection in
            guard
                let consent = try await self.consents.covering(
                    request.attributes, person: session.personID, clientID: request.clientID,
                    purposeCode: request.purposeCode, in: connection)
            else { return .consentRequired }
            var item = item
            item.consentID = consent.id
            item.granted = request.attributes.filter(consent.granted.contains)
            guard
                try await self.store.insertApproved(
                    item, subjectKey: ApprovalService.subjectKey(session.personID), in: connection)
            else { throw RumdulError.requestStale }
            return .granted(item)
        }
    }

    private func isStrongEnough(_ session: BrowserSession, for request: AuthorizationRequest) -> Bool {
        guard !request.acrValues.isEmpty else { return true }
        let satisfied = request.acrValues.contains { wanted in
            session.acr.map { settings.policy.satisfies($0, requested: wanted) } ?? false
        }
        // A wish that the session does not meet asks for a new login; under prompt=none it stays a wish.
        return satisfied || (!request.acrEssential && request.prompt.contains("none"))
    }

    private func template(
        _ request: AuthorizationRequest, session: BrowserSession, browserHash: [UInt8], now: Instant
    ) -> Transaction {
        Transaction(
            id: ambient.newID(), clientID: request.clientID, personID: session.personID, status: .approved,
            createdAt: now, expiresAt: now.adding(seconds: settings.approvalLifetime), browserHash: browserHash,
            sharedRequest: Shared(request), detailsText: "", detailsHash: "", number: 0, numbers: [],
            deviceID: session.deviceID,
            decidedAt: session.authTime, granted: [], consentID: nil, factors: session.factors, acr: session.acr,
            sessionID: session.root, sessionEndsAt: nil, binding: nil, refresh: nil)
    }
}
