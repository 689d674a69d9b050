import Codecs
import Kernel

extension Authenticator {
    /// Approves a transaction.
    /// - Parameters:
    ///   - transaction: as ``pendingTransactions(wait:)`` gave it; the hash in the signature is computed from what it
    ///     shows.
    ///   - number: the number the browser shows, 0 to 99.
    ///   - pin: the PIN as typed now.
    ///   - attributes: the names of the attributes to give, a subset of those asked for; `nil` gives all.
    /// - Throws: `device.kind_unsupported`, `device.number_not_offered`, `transaction.attribute_not_requested`,
    ///   `transaction.expired` before anything is sent; `device.pin_wrong`, `device.pin_locked`, `device.not_active`,
    ///   `transaction.*` when the server refuses.
    @discardableResult
    public func approve(
        _ transaction: PendingTransaction, number: Int, pin: PIN, attributes: [String]? = nil
    ) async throws -> DecisionStatus {
        let details = transaction.details
        guard TransactionDetails.knownKinds.contains(details.kind) else { throw RumdulError.kindUnsupported }
        guard (0...99).contains(number), transaction.numbers.isEmpty || transaction.numbers.contains(number) else {
            throw RumdulError.numberNotOffered
        }
        guard details.expiresAt > ambient.now() else { throw RumdulError.transactionExpired }
        // The order of the request is kept, so that the same choice always gives the same list.
        let chosen = details.attributes.map(\.name).filter { name in
            attributes?.contains { sameCodePoints($0, name) } ?? true
        }
        if let attributes {
            guard Set(attributes.map { Array($0.utf8) }).count == chosen.count else {
                throw RumdulError.attributeNotRequested
            }
        }
        return try await decide(transaction, "approve", attributes: chosen, number: number, pin: pin)
    }

    /// Denies a transaction. Needs no PIN.
    @discardableResult
    public func deny(_ transaction: PendingTransaction) async throws -> DecisionStatus {
        try await decide(transaction, "deny", attributes: [], number: 0, pin: nil)
    }

    /// "This was not me": denies, and stops this relying party's prompts to this person for a day. Needs no PIN.
    @discardableResult
    public func report(_ transaction: PendingTransaction) async throws -> DecisionStatus {
        try await decide(transaction, "report", attributes: [], number: 0, pin: nil)
    }

    private func decide(
        _ transaction: PendingTransaction, _ action: String, attributes: [String], number: Int, pin: PIN?
    ) async throws -> DecisionStatus {
        let record = try await enrolment()
        let claims: JSONObject = [
            "iss": .string(record.deviceID), "aud": .string(record.issuer.text), "txn": .string(transaction.id),
            "action": .string(action), "client_id": .string(transaction.details.clientID),
            "attributes": .strings(attributes), "number": .integer(Int64(number)),
            "details_hash": .string(try transaction.details.hash()), "iat": .integer(ambient.now().seconds),
            "jti": .string(ambient.newSecret(bytes: 16)),
        ]
        let decision = try await DeviceSigner(keyID: record.deviceID, keys.sign).token(
            claims, type: "rumdul-decision+jwt")
        var body: JSONObject = ["decision": .string(decision)]
        if let pin {
            let key = try PINKey(pin: pin, deviceSecret: try await keys.deviceSecret())
            body["pin_signature"] = .string(Base64URL.encode(try key.sign(Array(decision.utf8))))
        }
        let answer = try await call(
            record, "POST", "/device/v1/transactions/\(transaction.id)/decision", body: JSON.bytes(body))
        guard let status = answer.string("status").flatMap(DecisionStatus.init(rawValue:)) else {
            throw RumdulError.answerMalformed("status")
        }
        let expected: DecisionStatus = action == "approve" ? .approved : action == "deny" ? .denied : .reported
        guard status == expected else { throw RumdulError.answerMalformed("status of another decision") }
        return status
    }
}
