import Authenticators
import Codecs
import Consent
import Database
import Kernel
import RelyingParties

/// What an authenticator proved for an approval, and what the consent keeps of it.
struct ApprovalProof: Sendable {
    /// Identifier of the device or the passkey.
    var authenticator: String
    var factors: Set<AuthenticationFactor>
    /// How the consent names the way: `device`, `passkey`.
    var channel: String
    /// The signed decision.
    var evidence: String
    /// Whether the person was made to approve: they typed their duress PIN.
    var isForced = false
}

/// What a person chose when they approved.
struct ApprovalChoice: Sendable {
    /// Names of the attributes that the person lets go.
    var attributes: [String]
    /// The number picked.
    var number: Int
}

/// The end of a request for approval, whichever authenticator decides. The order of checks is the device protocol's, section 4.
extension ApprovalService {
    /// What became of a decision that was well signed. A refusal is a result and not a thrown error where something must be kept: the count
    /// of PIN tries, the counter of a passkey, the end of a transaction after a wrong number.
    enum Outcome: Sendable {
        case done(TransactionStatus)
        case refused(RumdulError)
    }

    /// Checks and carries out a decision that a device signed, all in one transaction: the transaction's row, the consent and its ledger
    /// entry.
    func decide(_ id: String, jws: String, pinSignature: String?, device: Device) async throws -> TransactionStatus {
        let decision = try authenticators.decision(jws, by: device)
        guard decision.txn == id else { throw RumdulError.deviceProofInvalid }
        return try await carryOut(id) { connection in
            try await self.weigh(decision, pinSignature: pinSignature, deviceID: device.id, in: connection)
        }
    }

    /// Runs a decision in a transaction and tells those who wait: the browser, the client.
    func carryOut(
        _ id: String, _ work: @escaping @Sendable (any SQLConnection) async throws -> Outcome
    ) async throws -> TransactionStatus {
        let outcome = try await database.transaction { connection in try await work(connection) }
        pings?.queue.wake()
        browsers.ring(id)
        switch outcome {
        case .done(let status): return status
        case .refused(let error): throw error
        }
    }

    /// This person's request while it can be decided. Throws `transaction.not_found`, `transaction.decided`, `transaction.expired`.
    func undecided(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws -> Transaction {
        guard let item = try await store.find(id, in: connection), item.personID == person else {
            throw RumdulError.transactionNotFound
        }
        guard item.status == .pending else { throw RumdulError.transactionDecided }
        guard ambient.now() < item.expiresAt else { throw RumdulError.transactionExpired }
        return item
    }

    /// Ends a request with a no.
    /// - Parameter authenticator: the device; `nil` when the person said it on a page.
    func decline(
        _ undecided: Transaction, _ action: DecisionAction, by authenticator: String?, in connection: any SQLConnection
    ) async throws -> Outcome {
        var item = undecided
        item.deviceID = authenticator
        item.decidedAt = ambient.now()
        item.status = action == .report ? .reported : .denied
        if action == .report, let person = item.personID {
            try await authenticators.reportNotMe(
                of: person, client: item.clientID, device: authenticator, in: connection)
        }
        return try await close(item, in: connection)
    }

    /// Ends a request with a yes; with a mismatch when the number is another than the browser shows.
    func approve(
        _ undecided: Transaction, _ choice: ApprovalChoice, _ proof: ApprovalProof, in connection: any SQLConnection
    ) async throws -> Outcome {
        guard Set(choice.attributes).isSubset(of: undecided.request.attributes),
            Set(choice.attributes).count == choice.attributes.count
        else { return .refused(.transactionAttribute) }
        var item = undecided
        item.deviceID = proof.authenticator
        item.decidedAt = ambient.now()
        if choice.number == item.number {
            try await grant(&item, choice, proof, in: connection)
        } else {
            item.status = .mismatch
        }
        let outcome = try await close(item, in: connection)
        // Who stands beside the person sees what they would see after the right PIN.
        if proof.isForced, case .done = outcome { return .done(.approved) }
        return outcome
    }

    /// The level that these factors reach for this person now.
    func level(
        _ factors: Set<AuthenticationFactor>, of person: PersonID, in connection: any SQLConnection
    ) async throws -> String? {
        let highest = try await authenticators.highestRank(of: person, in: connection)
        return settings.policy.reached(by: factors, highestRank: highest)?.acr
    }

    private func close(_ item: Transaction, in connection: any SQLConnection) async throws -> Outcome {
        guard try await store.decide(item, in: connection) else { throw RumdulError.transactionDecided }
        try await pings?.decided(item, in: connection)
        return item.status == .mismatch ? .refused(.transactionNumberMismatch) : .done(item.status)
    }

    private func grant(
        _ item: inout Transaction, _ choice: ApprovalChoice, _ proof: ApprovalProof, in connection: any SQLConnection
    ) async throws {
        guard let person = item.personID else { throw RumdulError.transactionNotFound }
        item.factors = proof.factors
        item.acr = try await level(proof.factors, of: person, in: connection)
        item.status = .approved
        if proof.isForced { return try await holdBack(&item, in: connection) }
        // Below an essential level there will be no code, so nothing is granted either.
        guard item.meetsEssentialLevel(settings.policy) else { return }
        item.granted = item.request.attributes.filter(choice.attributes.contains)
        // Opening the browser's session costs no row of its own.
        if !item.request.redirectURI.isEmpty {
            item.sessionEndsAt = item.decidedAt?.adding(seconds: settings.sessionLifetime)
        }
        item.consentID = try await recordConsent(item, of: person, proof, in: connection)
    }

    /// What a duress PIN grants: a login at the first level that opens no session and shares no data. The person's own pages,
    /// and whatever is authorised beyond a login, end as refused at the service.
    private func holdBack(_ item: inout Transaction, in connection: any SQLConnection) async throws {
        let party = try await parties.party(item.clientID, in: connection)
        if party?.firstParty != false || item.request.authorizationDetails != nil { item.status = .denied }
    }

    private func recordConsent(
        _ item: Transaction, of person: PersonID, _ proof: ApprovalProof, in connection: any SQLConnection
    ) async throws -> String? {
        guard let party = try await parties.party(item.clientID, in: connection),
            let purpose = party.purpose(item.request.purposeCode)
        else { throw RumdulError.transactionDetailsMismatch }
        if party.firstParty { return nil }
        return try await consents.grant(
            ConsentGrant(
                personID: person, clientID: item.clientID, clientName: party.name, purposeCode: purpose.code,
                purposeText: purpose.text, granted: item.granted,
                refused: item.request.attributes.filter { !item.granted.contains($0) },
                validTo: TransactionDetails.validUntil(purpose, from: item.createdAt), channel: proof.channel,
                acr: item.acr ?? "", noticeHash: item.detailsHash, deviceID: proof.authenticator,
                decision: proof.evidence),
            in: connection)
    }
}

// MARK: - The device's side

extension ApprovalService {
    private func weigh(
        _ decision: DeviceDecision, pinSignature: String?, deviceID: String, in connection: any SQLConnection
    ) async throws -> Outcome {
        guard let device = try await authenticators.device(deviceID, in: connection), device.state == .active else {
            return .refused(.deviceNotActive)
        }
        let item = try await undecided(decision.txn, of: device.personID, in: connection)
        guard decision.clientID == item.clientID, decision.detailsHash == item.detailsHash else {
            return .refused(.transactionDetailsMismatch)
        }
        guard decision.action == .approve else {
            return try await decline(item, decision.action, by: device.id, in: connection)
        }
        // A request that cannot be right spends no try of the PIN.
        guard Set(decision.attributes).isSubset(of: item.request.attributes),
            Set(decision.attributes).count == decision.attributes.count
        else { return .refused(.transactionAttribute) }
        guard let pinSignature else { return .refused(.transactionDecision) }
        var isForced = false
        switch try await authenticators.checkPIN(
            signature: pinSignature, over: decision, device: device, in: connection)
        {
        case .locked: return .refused(.devicePINLocked)
        case .wrong(let left):
            return .refused(left > 0 ? RumdulError.devicePINWrong.with("tries_left", left) : .devicePINLocked)
        case .refused(let error): return .refused(error)
        case .duress: isForced = true
        case .correct: break
        }
        let proof = ApprovalProof(
            authenticator: device.id,
            factors: device.factors(trustsSoftware: settings.policy.trustsSoftware).union([.pin]),
            channel: "device", evidence: decision.jws, isForced: isForced)
        return try await approve(
            item, ApprovalChoice(attributes: decision.attributes, number: decision.number), proof, in: connection)
    }
}
