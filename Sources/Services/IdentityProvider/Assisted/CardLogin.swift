import Authenticators
import Codecs
import Consent
import Database
import Kernel
import KeyVault
import RelyingParties

/// Logging in with a PIN card at an officer's terminal. The first level, no session in the browser, and a consent that says
/// that no device signed it and who assisted.
final class CardLogin: Sendable {
    let approvals: ApprovalService
    let cards: PINCards
    let terminals: any AssistedTerminals
    let deviceGrant: DeviceGrantService

    static let factors: Set<AuthenticationFactor> = [.pin, .pinCard]

    init(
        approvals: ApprovalService, vault: any KeyVault, terminals: any AssistedTerminals,
        deviceGrant: DeviceGrantService
    ) {
        self.approvals = approvals
        self.terminals = terminals
        self.deviceGrant = deviceGrant
        cards = approvals.authenticators.pinCards(vault: vault)
    }

    /// Whether a card can reach the level that this request calls essential.
    func suffices(for request: AuthorizationRequest) -> Bool {
        guard request.acrEssential, !request.acrValues.isEmpty else { return true }
        let policy = approvals.settings.policy
        guard let level = policy.reached(by: Self.factors, highestRank: 1) else { return false }
        return request.acrValues.contains { policy.satisfies(level.acr, requested: $0) }
    }

    /// Tries a card and its PIN; the approved transaction, or why it was refused. Throws `assist.*`.
    /// - Parameters:
    ///   - request: with the terminal's mark, narrowed to what the person chose.
    ///   - card: what was scanned or typed.
    ///   - proof: what the browser made of the PIN, base64url.
    func complete(
        _ request: AuthorizationRequest, card: String, proof: String, client: RelyingParty, browserHash: [UInt8],
        origin: String
    ) async throws -> Result<Transaction, RumdulError> {
        guard let mark = request.assisted, let purpose = client.purpose(request.purposeCode) else {
            throw RumdulError.requestStale
        }
        guard suffices(for: request) else { throw RumdulError.assistLevel }
        guard let text = CardText(card), let attempt = CardAttempt(text, proof: proof),
            try await mayTry(text, client, mark)
        else {
            try await approvals.database.transaction { try await self.terminals.noteRefusal(at: mark, in: $0) }
            return .failure(.cardRefused)
        }
        let draft = try draft(request, client: client, purpose: purpose, browserHash: browserHash, origin: origin)
        let attach = deviceGrant.attachment(request)
        return try await approvals.database.transaction { connection in
            let person: PersonID
            var item = draft
            switch try await self.cards.check(attempt, in: connection) {
            case .correct(let card, let owner): (item.deviceID, item.personID, person) = (card, owner, owner)
            case .refused: return try await self.refuse(.cardRefused, mark, in: connection)
            case .locked: return try await self.refuse(.cardPINLocked, mark, in: connection)
            case .wrong(let left):
                return try await self.refuse(RumdulError.cardPINWrong.with("tries_left", left), mark, in: connection)
            }
            try await self.terminals.admit(
                person, transaction: item.id, clientID: client.clientID, method: "card", at: mark, in: connection)
            item.consentID = try await self.recordConsent(
                item, person: person, client: client, purpose: purpose, mark, in: connection)
            guard
                try await self.approvals.store.insertApproved(
                    item, subjectKey: ApprovalService.subjectKey(person), in: connection)
            else { throw RumdulError.requestStale }
            try await attach?(item, connection)
            return .success(item)
        }
    }

    /// Whether the card is genuine and its owner may log in here and now. Asked before the transaction, because others
    /// answer it. Throws `assist.*`.
    private func mayTry(_ text: CardText, _ client: RelyingParty, _ mark: AssistedMark) async throws -> Bool {
        let person = try await approvals.database.read { connection in
            let owner = try await self.cards.owner(of: text, in: connection)
            if let owner { try await self.terminals.require(owner, at: mark, in: connection) }
            return owner
        }
        guard let person, try await approvals.people.mayLogIn(person) else { return false }
        guard client.environment == .sandbox else { return true }
        return try await approvals.testPeople.mayTry(client, person)
    }

    private func refuse(
        _ error: RumdulError, _ mark: AssistedMark, in connection: any SQLConnection
    ) async throws -> Result<Transaction, RumdulError> {
        try await terminals.noteRefusal(at: mark, in: connection)
        return .failure(error)
    }

    private func draft(
        _ request: AuthorizationRequest, client: RelyingParty, purpose: RegisteredPurpose, browserHash: [UInt8],
        origin: String
    ) throws -> Transaction {
        let now = approvals.ambient.now()
        var item = Transaction(
            id: approvals.ambient.newID(), clientID: client.clientID, personID: nil, status: .approved,
            createdAt: now, expiresAt: now.adding(seconds: approvals.settings.approvalLifetime),
            browserHash: browserHash, sharedRequest: Shared(request), detailsText: "", detailsHash: "", number: 0,
            numbers: [], deviceID: nil, decidedAt: now, granted: request.attributes, consentID: nil,
            factors: Self.factors, acr: approvals.settings.policy.reached(by: Self.factors, highestRank: 1)?.acr,
            sessionID: nil, sessionEndsAt: nil, binding: nil, refresh: nil)
        let details = TransactionDetails.build(
            request: request, client: client, purpose: purpose, acr: item.acr ?? "", origin: origin, createdAt: now,
            expiresAt: item.expiresAt)
        item.detailsHash = Base64URL.encode(sha256(try CanonicalJSON.encode(.object(details))))
        return item
    }

    private func recordConsent(
        _ item: Transaction, person: PersonID, client: RelyingParty, purpose: RegisteredPurpose, _ mark: AssistedMark,
        in connection: any SQLConnection
    ) async throws -> String {
        // What stands where a device's signature would: it says that there is none.
        let record: JSONObject = [
            "v": 1, "channel": "card", "device_signature": .bool(false),
            "statement":
                "The person used a printed PIN card at an officer's terminal. No device signed: the provider alone attests it.",
            "assisted": .object(mark.json), "approver": .string(item.deviceID ?? ""), "txn": .string(item.id),
            "client_id": .string(item.clientID), "attributes": .strings(item.granted),
            "details_hash": .string(item.detailsHash), "iat": .integer(item.createdAt.seconds),
        ]
        return try await approvals.consents.grant(
            ConsentGrant(
                personID: person, clientID: client.clientID, clientName: client.name, purposeCode: purpose.code,
                purposeText: purpose.text, granted: item.granted, refused: [],
                validTo: TransactionDetails.validUntil(purpose, from: item.createdAt), channel: "card",
                acr: item.acr ?? "", noticeHash: item.detailsHash, deviceID: item.deviceID ?? "",
                decision: JSON.text(record)), in: connection)
    }
}
