import Accountability
import Authenticators
import Codecs
import Consent
import Database
import Kernel
import KeyVault
import RelyingParties
import WebAuthn

/// Login and consent with a passkey, in the browser that asks: one signature over the decision, no number to compare, because
/// a passkey answers no other site than ours.
///
/// The decision (who, what for, which data, when) is fixed before the person touches the authenticator; its hash is the
/// challenge. Nothing is stored before it is signed: it travels sealed, bound to the browser's cookie, and its transaction's
/// identifier can be written once.
final class PasskeyLogin: Sendable {
    let database: any Database
    let vault: any KeyVault
    let people: any PersonDirectory
    let authenticators: Authenticators
    let consents: Consents
    let parties: RelyingPartyStore
    let settings: ProviderSettings
    let ambient: Ambient
    let testPeople: any SandboxVisitors
    let terminals: any AssistedTerminals
    let store = TransactionStore()

    /// Seconds for which a challenge is good.
    static let lifetime: Int64 = 300

    init(
        database: any Database, vault: any KeyVault, people: any PersonDirectory, authenticators: Authenticators,
        consents: Consents, parties: RelyingPartyStore, settings: ProviderSettings, ambient: Ambient,
        testPeople: any SandboxVisitors, terminals: any AssistedTerminals = NoAssistedTerminals()
    ) {
        self.database = database
        self.vault = vault
        self.people = people
        self.authenticators = authenticators
        self.consents = consents
        self.parties = parties
        self.settings = settings
        self.ambient = ambient
        self.testPeople = testPeople
        self.terminals = terminals
    }

    /// Whether passkeys work at this issuer's address.
    var isAvailable: Bool { authenticators.passkeys.isAvailable }

    /// What the browser needs: the options for `navigator.credentials.get`, and the sealed decision that comes back with the
    /// answer.
    func options(
        _ request: AuthorizationRequest, client: RelyingParties.RelyingParty, browserHash: [UInt8], origin: String
    ) async throws -> JSONObject {
        guard let purpose = client.purpose(request.purposeCode) else { throw RumdulError.requestStale }
        let now = ambient.now()
        let details = TransactionDetails.build(
            request: request, client: client, purpose: purpose, acr: settings.policy.levels.first?.acr ?? "",
            origin: origin, createdAt: now, expiresAt: now.adding(seconds: Self.lifetime))
        let decision = PasskeyDecision(
            transactionID: ambient.newID(), clientID: client.clientID, attributes: request.attributes,
            detailsHash: Base64URL.encode(sha256(try CanonicalJSON.encode(.object(details)))), issuer: settings.issuer,
            issuedAt: now.seconds)
        let sealed = try await vault.seal(
            JSON.bytes(.object(["r": .object(request.json), "d": .object(decision.json), "x": .object(details)])),
            purpose: .sealing, context: Self.context(browserHash))
        let options = AuthenticationOptions(
            relyingPartyID: authenticators.passkeys.relyingParty.id, challenge: try decision.challenge(),
            timeout: Int(Self.lifetime) * 1000, hints: request.assisted == nil ? [] : [.securityKey])
        return ["publicKey": .object(try options.json()), "state": .string(Base64URL.encode(sealed))]
    }

    /// Carries out a signed decision: the approved transaction, the consent and its ledger entry, all in one transaction.
    /// Throws `authorize.request_stale`, `passkey.*`, `webauthn.*`, `assist.*`.
    /// - Parameter terminal: the officer's terminal that the answer comes from: the one that the decision names, or none.
    func complete(
        state: String, credential: JSONObject, browserHash: [UInt8], terminal: AssistedMark?
    ) async throws -> Transaction {
        let (request, decision, details) = try await open(state, browserHash: browserHash)
        guard request.assisted?.session == terminal?.session else { throw RumdulError.requestStale }
        let challenge = try decision.challenge()
        try await requireAllowed(credential, clientID: request.clientID)
        let outcome: Result<Transaction, RumdulError> = try await database.transaction { [self] connection in
            let used = try await authenticators.passkeys.use(credential, challenge: challenge, in: connection)
            switch used {
            case .refused(let error): return .failure(error)
            case .accepted(let passkey, let authentication):
                let evidence = PasskeyEvidence(
                    decision: decision, credential: credential, assisted: request.assisted
                ).text
                return .success(
                    try await approve(
                        request, decision, details, passkey, authentication, evidence: evidence,
                        browserHash: browserHash, in: connection))
            }
        }
        return try outcome.get()
    }

    /// The owner of the passkey must be able to log in, and to try a sandbox client. Asked before the transaction, because
    /// others answer it.
    private func requireAllowed(_ credential: JSONObject, clientID: String) async throws {
        let (person, party) = try await database.read { [self] connection in
            (
                try await authenticators.passkeys.owner(of: credential, in: connection),
                try await parties.party(clientID, in: connection)
            )
        }
        guard let person, let party, try await people.mayLogIn(person) else { throw RumdulError.passkeyRefused }
        if party.environment == .sandbox, try await !testPeople.mayTry(party, person) {
            throw RumdulError.passkeyRefused
        }
    }

    private func approve(
        _ request: AuthorizationRequest, _ decision: PasskeyDecision, _ details: JSONObject, _ passkey: Passkey,
        _ authentication: Authentication, evidence: String, browserHash: [UInt8], in connection: any SQLConnection
    ) async throws -> Transaction {
        let person = passkey.personID
        guard let party = try await parties.party(request.clientID, in: connection),
            let purpose = party.purpose(request.purposeCode)
        else { throw RumdulError.requestStale }
        let now = ambient.now()
        let factors = passkey.factors(userVerified: authentication.userVerified)
        let highest = try await authenticators.highestRank(of: person, in: connection)
        var item = Transaction(
            id: decision.transactionID, clientID: request.clientID, personID: person, status: .approved,
            createdAt: Instant(seconds: decision.issuedAt), expiresAt: now.adding(seconds: Self.lifetime),
            browserHash: browserHash, sharedRequest: Shared(request), detailsText: JSON.text(details),
            detailsHash: decision.detailsHash, number: 0, numbers: [], deviceID: passkey.id, decidedAt: now,
            granted: [], consentID: nil, factors: factors,
            acr: settings.policy.reached(by: factors, highestRank: highest)?.acr,
            sessionID: nil, sessionEndsAt: nil, binding: nil, refresh: nil)
        if let mark = request.assisted {
            try await terminals.admit(
                person, transaction: item.id, clientID: party.clientID, method: "passkey", at: mark, in: connection)
        }
        // Below an essential level there will be no code, so nothing is granted either.
        if item.meetsEssentialLevel(settings.policy) {
            item.granted = decision.attributes
            // Nothing of the person stays in an officer's browser.
            if request.assisted == nil { item.sessionEndsAt = now.adding(seconds: settings.sessionLifetime) }
            if !party.firstParty {
                item.consentID = try await consents.grant(
                    ConsentGrant(
                        personID: person, clientID: party.clientID, clientName: party.name, purposeCode: purpose.code,
                        purposeText: purpose.text, granted: item.granted, refused: [],
                        validTo: TransactionDetails.validUntil(purpose, from: item.createdAt), channel: "passkey",
                        acr: item.acr ?? "", noticeHash: decision.detailsHash, deviceID: passkey.id,
                        decision: evidence), in: connection)
            }
        }
        guard
            try await store.insertApproved(
                item, subjectKey: ApprovalService.subjectKey(person), in: connection)
        else { throw RumdulError.requestStale }
        return item
    }

    private func open(
        _ state: String, browserHash: [UInt8]
    ) async throws -> (AuthorizationRequest, PasskeyDecision, JSONObject) {
        guard state.utf8.count <= 32_768, let sealed = Base64URL.decode(state),
            let bytes = try? await vault.open(sealed, purpose: .sealing, context: Self.context(browserHash)),
            let object = try? JSON.parseObject(bytes), let text = object.object("r"),
            let request = AuthorizationRequest(json: text),
            let decision = object.object("d").flatMap({ PasskeyDecision(json: $0) }), let details = object.object("x"),
            ambient.now().seconds - decision.issuedAt <= Self.lifetime
        else { throw RumdulError.requestStale }
        return (request, decision, details)
    }

    private static func context(_ browserHash: [UInt8]) -> [UInt8] { Array("rumdul-passkey-v1".utf8) + browserHash }
}
