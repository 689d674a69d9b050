import Authenticators
import Codecs
import Database
import Kernel

/// Logins that begin with a picture instead of a number: the request is nobody's until a device reads a frame of its rotating QR
/// code. Nobody can be prompted this way who does not hold the phone to the screen.
extension ApprovalService {
    /// Stores a request that waits for a device to claim it.
    func startOpen(_ start: ApprovalStart) async throws -> Transaction {
        guard let purpose = start.client.purpose(start.request.purposeCode) else { throw RumdulError.requestStale }
        let now = ambient.now()
        let expires = now.adding(seconds: start.lifetime ?? settings.approvalLifetime)
        var request = start.request
        request.startsByQR = true
        var details = TransactionDetails.build(
            request: request, client: start.client, purpose: purpose, acr: settings.policy.levels.first?.acr ?? "",
            origin: start.origin, createdAt: now, expiresAt: expires)
        start.describeSurroundings(in: &details)
        let numbers = MatchingNumbers.draw(ambient)
        let item = Transaction(
            id: ambient.newID(), clientID: start.client.clientID, personID: nil, status: .pending, createdAt: now,
            expiresAt: expires, browserHash: start.browserHash, sharedRequest: Shared(request),
            detailsText: JSON.text(details),
            detailsHash: Base64URL.encode(sha256(try CanonicalJSON.encode(.object(details)))), number: numbers.number,
            numbers: numbers.choices, deviceID: nil, decidedAt: nil, granted: [], consentID: nil, factors: [], acr: nil,
            sessionID: nil, sessionEndsAt: nil, binding: nil, refresh: nil)
        let asker = try await asker(start.address)
        try await database.transaction { [self] connection in
            try await store.insert(item, subjectKey: "q:" + item.id, asker: asker, in: connection)
            try await start.alongside?(item, connection)
        }
        return item
    }

    /// Makes a request this device's owner's. Again is no error for the same person. Throws `transaction.frame_stale`,
    /// `transaction.not_found`, `authorize.too_many_prompts`.
    func claim(_ frame: QRFrame, by device: Device) async throws -> Transaction {
        let person = device.personID
        let found = try await store.find(frame.transactionID, in: database.statements)
        guard let found, found.request.startsByQR else { throw RumdulError.transactionNotFound }
        let party = try await parties.party(found.clientID, in: database)
        guard let party else { throw RumdulError.transactionNotFound }
        if party.environment == .sandbox, try await !testPeople.mayTry(party, person) {
            throw RumdulError.transactionNotFound
        }
        let now = ambient.now()
        return try await database.transaction { [self] connection in
            guard var item = try await store.find(frame.transactionID, in: connection), item.isPending(at: now) else {
                throw RumdulError.transactionExpired
            }
            if item.personID == person { return item }
            guard item.personID == nil else { throw RumdulError.transactionNotFound }
            let key = Self.subjectKey(person)
            // The person who reads the picture asks for themselves: only the budget counts.
            let unapproved = try await store.unapproved(
                subjectKey: key, clientID: item.clientID, asker: [], now: now, in: connection)
            guard !unapproved.isExhausted(settings) else { throw RumdulError.tooManyPrompts }
            guard try await store.claim(item.id, by: person, subjectKey: key, in: connection) else {
                throw RumdulError.transactionNotFound
            }
            item.personID = person
            return item
        }
    }
}

extension RumdulError {
    /// The picture is older than some seconds, or none of ours.
    static let frameStale = RumdulError(
        "transaction.frame_stale", .gone, km: "រូប QR នេះហួសពេលហើយ។ សូមស្កេនម្តងទៀតពីអេក្រង់។",
        en: "This QR code is out of date. Scan it again from the screen.")
}
