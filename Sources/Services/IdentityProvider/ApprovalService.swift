import Accountability
import Authenticators
import Codecs
import Consent
import Database
import Kernel
import KeyVault
import RelyingParties
import Web

/// What the browser asks of the transaction engine when a person has typed an identifier and chosen attributes.
struct ApprovalStart: Sendable {
    var request: AuthorizationRequest
    var client: RelyingParty
    /// Digits that the person typed; empty for a person who is known already.
    var identifier: String
    /// The person of the browser's session.
    var knownPerson: PersonID?
    /// The session that the browser is in: goes on when its own person approves.
    var session: BrowserSession?
    var browserHash: [UInt8]
    var origin: String
    /// The address that the request came from; `nil` for a relying party's own servers. Kept as a keyed tag only.
    var address: String?
    /// The network that the browser is in, in words of ours.
    var network: String?
    /// The place of that network, roughly, where a list of places knows it.
    var place: LocalizedText?
    /// Seconds; `nil` for the provider's setting.
    var lifetime: Int64?
    /// What the person compares with the other side (CIBA).
    var bindingMessage: String?
    /// Further rows, written in the transaction that stores the request.
    var alongside: (@Sendable (Transaction, any SQLConnection) async throws -> Void)?
}

extension ApprovalStart {
    /// Adds what is known of where the browser is.
    func describeSurroundings(in details: inout JSONObject) {
        if let network { details["network"] = .string(network) }
        if let place { details["place"] = ["km": .string(place.km), "en": .string(place.en)] }
    }
}

/// The one engine for approvals: a request is stored, its details go to the person's devices, one device signs a decision, the browser
/// goes on. Login is its first user; signatures and data sharing are the same transaction with other details.
final class ApprovalService: Sendable {
    let database: any Database
    let people: any PersonDirectory
    let authenticators: Authenticators
    let consents: Consents
    let parties: RelyingPartyStore
    let blindIndex: BlindIndex
    let settings: ProviderSettings
    let ambient: Ambient
    /// Tells clients without a browser that the person decided.
    let pings: CIBAPings?
    let testPeople: any SandboxVisitors
    let bell = PromptBell()
    /// Browsers that wait for a decision.
    let browsers: BrowserBell
    let notifier: any ApprovalNotifier

    /// Seconds after the approval within which the browser must come for the code; an approval is no standing login.
    static let pickUpLifetime: Int64 = 600
    let store = TransactionStore()

    init(
        database: any Database, people: any PersonDirectory, authenticators: Authenticators, consents: Consents,
        parties: RelyingPartyStore, blindIndex: BlindIndex, settings: ProviderSettings, ambient: Ambient,
        pings: CIBAPings? = nil, testPeople: any SandboxVisitors = Everybody(),
        notifier: any ApprovalNotifier = NoApprovalNotifier()
    ) {
        self.database = database
        self.people = people
        self.authenticators = authenticators
        self.consents = consents
        self.parties = parties
        self.blindIndex = blindIndex
        self.settings = settings
        self.ambient = ambient
        self.pings = pings
        self.testPeople = testPeople
        self.notifier = notifier
        browsers = BrowserBell(ambient: ambient)
    }

    /// The tag of a network: what a person silences for one relying party with "this was not me". Who asks from elsewhere, the person among
    /// them, is not silenced, so that nobody can keep another from a service by beginning logins in their name.
    func asker(_ address: String?) async throws -> [UInt8] {
        try await blindIndex.tag(address.map(NetworkName.subscriber(address:)) ?? "", domain: "approval-asker")
    }

    /// Stores a request for approval and rings the person's devices: one row. Unknown people, and people who reported this relying party
    /// asking from this network, get a decoy that looks the same. Throws `authorize.too_many_prompts` (for known and unknown alike), `authorize.identifier_invalid`.
    func start(_ start: ApprovalStart) async throws -> Transaction {
        guard let purpose = start.client.purpose(start.request.purposeCode) else { throw RumdulError.requestStale }
        let now = ambient.now()
        let expires = now.adding(seconds: start.lifetime ?? settings.approvalLifetime)
        let acr = settings.policy.levels.first?.acr ?? ""
        var details = TransactionDetails.build(
            request: start.request, client: start.client, purpose: purpose, acr: acr, origin: start.origin,
            createdAt: now, expiresAt: expires)
        start.describeSurroundings(in: &details)
        if let message = start.bindingMessage { details["binding_message"] = .string(message) }
        let detailsText = JSON.text(details)
        let hash = Base64URL.encode(sha256(try CanonicalJSON.encode(.object(details))))
        let numbers = MatchingNumbers.draw(ambient)
        let id = ambient.newID()
        let person = try await person(for: start)
        let decoyName = start.knownPerson?.text ?? start.identifier
        let decoyKey = "x:" + Hex.encode(try await blindIndex.tag(decoyName, domain: "login-identifier"))
        let asker = try await asker(start.address)
        let item = try await database.transaction { connection in
            let subjectKey = person.map(Self.subjectKey) ?? decoyKey
            var unapproved = try await self.store.unapproved(
                subjectKey: subjectKey, clientID: start.client.clientID, asker: asker, now: now, in: connection)
            if unapproved.reported > 0 {
                // The decoys after a report count too, so that nobody learns of the report by asking on and on.
                let decoys = try await self.store.unapproved(
                    subjectKey: decoyKey, clientID: start.client.clientID, asker: asker, now: now, in: connection)
                unapproved.open += decoys.open
                unapproved.recent += decoys.recent
                unapproved.day += decoys.day
            }
            guard !unapproved.isExhausted(self.settings) else { throw RumdulError.tooManyPrompts }
            let item = Transaction(
                id: id, clientID: start.client.clientID, personID: unapproved.reported > 0 ? nil : person,
                status: .pending, createdAt: now, expiresAt: expires, browserHash: start.browserHash,
                sharedRequest: Shared(start.request), detailsText: detailsText, detailsHash: hash,
                number: numbers.number,
                numbers: numbers.choices, deviceID: nil, decidedAt: nil, granted: [], consentID: nil, factors: [],
                acr: nil,
                sessionID: person == start.session?.personID ? start.session?.root : nil, sessionEndsAt: nil,
                binding: nil, refresh: nil)
            try await self.store.insert(
                item, subjectKey: unapproved.reported > 0 ? decoyKey : subjectKey, asker: asker, in: connection)
            try await start.alongside?(item, connection)
            return item
        }
        if let person = item.personID {
            bell.ring(person)
            notifier.waits(for: person, id: item.id, until: item.expiresAt)
        }
        return item
    }

    /// The person who is asked; `nil`, hence a decoy, for unknown people and for those who may not try a sandbox client.
    private func person(for start: ApprovalStart) async throws -> PersonID? {
        var person = start.knownPerson
        if person == nil { person = try await people.person(loginIdentifier: start.identifier) }
        guard let found = person, start.client.environment == .sandbox else { return person }
        return try await testPeople.mayTry(start.client, found) ? found : nil
    }

    static func subjectKey(_ person: PersonID) -> String { "p:" + person.text }

    /// What waits for this person, at most `wait` seconds later when nothing does yet.
    func pending(for person: PersonID, waitSeconds: Int) async throws -> [Transaction] {
        let deadline = ambient.now().adding(seconds: Int64(waitSeconds))
        while true {
            let now = ambient.now()
            let found = try await store.pending(
                subjectKey: Self.subjectKey(person), now: now, in: database.statements)
            let left = (deadline.microseconds - now.microseconds) / 1000
            if !found.isEmpty || left <= 0 || Task.isCancelled { return found }
            await bell.wait(person, milliseconds: Int(min(left, 2000)))
        }
    }

    /// The transaction for the browser that started it. Throws `transaction.not_found` for any other browser.
    func transaction(_ id: String, browserHash: [UInt8]) async throws -> Transaction {
        let found = try await store.find(id, in: database.statements)
        guard let found, constantTimeEquals(found.browserHash, browserHash) else {
            throw RumdulError.transactionNotFound
        }
        return found
    }

    /// Where a transaction stands, for the browser that started it.
    func status(_ id: String, browserHash: [UInt8]) async throws -> (status: TransactionStatus, expired: Bool) {
        let found = try await store.status(id, in: database.statements)
        guard let found, constantTimeEquals(found.browserHash, browserHash) else {
            throw RumdulError.transactionNotFound
        }
        return (found.status, found.status == .pending && ambient.now() >= found.expiresAt)
    }
}
