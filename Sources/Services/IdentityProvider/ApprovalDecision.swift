import Authenticators
import Codecs
import Consent
import Database
import Kernel
import RelyingParties

/// The device's side of an approval: the order of checks is the device protocol's, section 4.
extension ApprovalService {
    /// What became of a decision that was well signed. A refusal is a result and not a thrown error where something must be kept: the count
    /// of PIN tries, the end of a transaction after a wrong number.
    enum Outcome: Sendable {
        case done(TransactionStatus)
        case refused(RumdulError)
    }

    /// Checks and carries out a signed decision, all in one transaction: the transaction's row, the consent and its ledger entry.
    func decide(_ id: String, jws: String, pinSignature: String?, device: Device) async throws -> TransactionStatus {
        let decision = try authenticators.decision(jws, by: device)
        guard decision.txn == id else { throw RumdulError.deviceProofInvalid }
        let outcome: Outcome = try await database.transaction { connection in
            try await self.carryOut(decision, pinSignature: pinSignature, deviceID: device.id, in: connection)
        }
        pings?.queue.wake()
        browsers.ring(id)
        switch outcome {
        case .done(let status): return status
        case .refused(let error): throw error
        }
    }

    private func carryOut(
        _ decision: DeviceDecision, pinSignature: String?, deviceID: String, in connection: any SQLConnection
    ) async throws -> Outcome {
        let now = ambient.now()
        guard let device = try await authenticators.device(deviceID, in: connection), device.state == .active else {
            return .refused(.deviceNotActive)
        }
        guard var item = try await store.find(decision.txn, in: connection), item.personID == device.personID else {
            return .refused(.transactionNotFound)
        }
        guard item.status == .pending else { return .refused(.transactionDecided) }
        guard now < item.expiresAt else { return .refused(.transactionExpired) }
        guard decision.clientID == item.clientID, decision.detailsHash == item.detailsHash else {
            return .refused(.transactionDetailsMismatch)
        }
        item.deviceID = device.id
        item.decidedAt = now
        var isForced = false
        switch decision.action {
        case .deny: item.status = .denied
        case .report: item.status = .reported
        case .approve:
            if let refusal = try await approve(
                &item, isForced: &isForced, decision: decision, pinSignature: pinSignature, device: device,
                in: connection)
            {
                return .refused(refusal)
            }
        }
        guard try await store.decide(item, in: connection) else { throw RumdulError.transactionDecided }
        try await pings?.decided(item, in: connection)
        if item.status == .mismatch { return .refused(.transactionNumberMismatch) }
        // Who stands beside the person sees what they would see after the right PIN.
        return .done(isForced ? .approved : item.status)
    }

    /// Fills in an approval, or says why it is refused while the transaction stays pending.
    private func approve(
        _ item: inout Transaction, isForced: inout Bool, decision: DeviceDecision, pinSignature: String?,
        device: Device,
        in connection: any SQLConnection
    ) async throws -> RumdulError? {
        guard Set(decision.attributes).isSubset(of: item.request.attributes),
            Set(decision.attributes).count == decision.attributes.count
        else { return .transactionAttribute }
        guard let pinSignature else { return .transactionDecision }
        switch try await authenticators.checkPIN(
            signature: pinSignature, over: decision, device: device, in: connection)
        {
        case .locked: return .devicePINLocked
        case .wrong(let left): return left > 0 ? RumdulError.devicePINWrong.with("tries_left", left) : .devicePINLocked
        case .refused(let error): return error
        case .duress: isForced = true
        case .correct: break
        }
        guard decision.number == item.number else {
            item.status = .mismatch
            return nil
        }
        item.factors = [.pin, .possession, device.keyStorage == .hardware ? .hardwareKey : .softwareKey]
        let highest = try await authenticators.highestRank(of: device.personID, in: connection)
        item.acr = settings.policy.reached(by: item.factors, highestRank: highest)?.acr
        item.status = .approved
        if isForced {
            try await holdBack(&item, in: connection)
            return nil
        }
        // Below an essential level there will be no code, so nothing is granted either.
        guard item.meetsEssentialLevel(settings.policy) else { return nil }
        item.granted = item.request.attributes.filter(decision.attributes.contains)
        // Opening the browser's session costs no row of its own.
        if !item.request.redirectURI.isEmpty {
            item.sessionEndsAt = item.decidedAt?.adding(seconds: settings.sessionLifetime)
        }
        item.consentID = try await recordConsent(item, decision: decision, device: device, in: connection)
        return nil
    }

    /// What a duress PIN grants: a login at the first level that opens no session and shares no data. The person's own pages,
    /// and whatever is authorised beyond a login, end as refused at the service.
    private func holdBack(_ item: inout Transaction, in connection: any SQLConnection) async throws {
        let party = try await parties.party(item.clientID, in: connection)
        if party?.firstParty != false || item.request.authorizationDetails != nil { item.status = .denied }
    }

    private func recordConsent(
        _ item: Transaction, decision: DeviceDecision, device: Device, in connection: any SQLConnection
    ) async throws -> String? {
        guard let party = try await parties.party(item.clientID, in: connection),
            let purpose = party.purpose(item.request.purposeCode)
        else { throw RumdulError.transactionDetailsMismatch }
        if party.firstParty { return nil }
        return try await consents.grant(
            ConsentGrant(
                personID: device.personID, clientID: item.clientID, clientName: party.name, purposeCode: purpose.code,
                purposeText: purpose.text, granted: item.granted,
                refused: item.request.attributes.filter { !item.granted.contains($0) },
                validTo: TransactionDetails.validUntil(purpose, from: item.createdAt), channel: "device",
                acr: item.acr ?? "", noticeHash: item.detailsHash, deviceID: device.id, decision: decision.jws),
            in: connection)
    }
}
