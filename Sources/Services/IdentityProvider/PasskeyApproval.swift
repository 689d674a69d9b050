import Authenticators
import Codecs
import Database
import Kernel
import KeyVault
import WebAuthn

/// Approving with a passkey what waits for a person: the phone with a browser alone is the authenticator.
///
/// What is signed is the decision itself (which request, which number, which data), so the number is always picked before the passkey is
/// used, and only a signature over the right one approves. The challenge travels sealed, bound to person and session; it serves once because
/// its request is decided once.
final class PasskeyApproval: Sendable {
    let approvals: ApprovalService
    let vault: any KeyVault

    /// Seconds for which a challenge is good.
    static let lifetime: Int64 = 300

    init(approvals: ApprovalService, vault: any KeyVault) {
        self.approvals = approvals
        self.vault = vault
    }

    private var passkeys: Passkeys { approvals.authenticators.passkeys }

    /// What the browser needs: the options for `navigator.credentials.get`, and the sealed decision that comes back with the answer.
    /// Nothing here depends on whether the number is right. Throws `transaction.*`, `passkey.refused`.
    /// - Parameter session: names the session of the pages that the person is in.
    func options(
        _ id: String, of person: PersonID, _ choice: ApprovalChoice, session: [UInt8]
    ) async throws -> JSONObject {
        let (item, own) = try await approvals.database.read { [self] connection in
            let item = try await approvals.undecided(id, of: person, in: connection)
            guard try await reaches(item, in: connection) else { throw RumdulError.transactionLevel }
            return (item, try await active(of: person, in: connection))
        }
        guard Set(choice.attributes).isSubset(of: item.request.attributes) else {
            throw RumdulError.transactionAttribute
        }
        guard !own.isEmpty else { throw RumdulError.passkeyRefused }
        let decision = PasskeyDecision(
            transactionID: item.id, clientID: item.clientID, attributes: choice.attributes, number: choice.number,
            detailsHash: item.detailsHash, issuer: approvals.settings.issuer,
            issuedAt: approvals.ambient.now().seconds)
        let sealed = try await vault.seal(
            JSON.bytes(decision.json), purpose: .sealing, context: Self.context(person, session))
        let options = AuthenticationOptions(
            relyingPartyID: passkeys.relyingParty.id, challenge: try decision.challenge(),
            timeout: Int(Self.lifetime) * 1000, allowed: own.map(\.descriptor))
        return ["publicKey": .object(try options.json()), "state": .string(Base64URL.encode(sealed))]
    }

    /// Carries out a signed decision. Throws `transaction.*`, `passkey.*`, `webauthn.*`.
    func complete(
        _ id: String, of person: PersonID, state: String, credential: JSONObject, session: [UInt8]
    ) async throws -> TransactionStatus {
        let decision = try await open(state, person, session)
        guard decision.transactionID == id, let number = decision.number else {
            throw RumdulError.transactionChallenge
        }
        guard try await approvals.people.mayLogIn(person) else { throw RumdulError.passkeyRefused }
        let challenge = try decision.challenge()
        return try await approvals.carryOut(id) { [self] connection in
            let item = try await approvals.undecided(id, of: person, in: connection)
            guard decision.clientID == item.clientID, decision.detailsHash == item.detailsHash else {
                return .refused(.transactionDetailsMismatch)
            }
            switch try await passkeys.use(credential, challenge: challenge, person: person, in: connection) {
            case .refused(let error): return .refused(error)
            case .accepted(let passkey, let authentication):
                let factors = passkey.factors(userVerified: authentication.userVerified)
                guard try await reaches(item, factors, in: connection) else { return .refused(.transactionLevel) }
                let proof = ApprovalProof(
                    authenticator: passkey.id, factors: factors, channel: "passkey",
                    evidence: PasskeyEvidence(decision: decision, credential: credential).text)
                return try await approvals.approve(
                    item, ApprovalChoice(attributes: decision.attributes, number: number), proof, in: connection)
            }
        }
    }

    /// A no, for which being logged in is enough. Throws `transaction.*`.
    func decline(_ id: String, of person: PersonID, _ action: DecisionAction) async throws {
        _ = try await approvals.carryOut(id) { [self] connection in
            let item = try await approvals.undecided(id, of: person, in: connection)
            return try await approvals.decline(item, action, by: nil, in: connection)
        }
    }

    /// A person's passkeys that may be used.
    func active(of person: PersonID, in connection: any SQLConnection) async throws -> [Passkey] {
        guard passkeys.isAvailable else { return [] }
        return try await passkeys.passkeys(of: person, in: connection).filter { $0.state == .active }
    }

    /// Whether the best that a passkey proves satisfies what the request calls essential.
    func reaches(_ item: Transaction, in connection: any SQLConnection) async throws -> Bool {
        try await reaches(item, [.possession, .userPresence, .userVerification, .phishingResistant], in: connection)
    }

    private func reaches(
        _ item: Transaction, _ factors: Set<AuthenticationFactor>, in connection: any SQLConnection
    ) async throws -> Bool {
        guard let person = item.personID else { return false }
        var reached = item
        reached.acr = try await approvals.level(factors, of: person, in: connection)
        return reached.meetsEssentialLevel(approvals.settings.policy)
    }

    private func open(_ state: String, _ person: PersonID, _ session: [UInt8]) async throws -> PasskeyDecision {
        guard state.utf8.count <= 16_384, let sealed = Base64URL.decode(state),
            let bytes = try? await vault.open(sealed, purpose: .sealing, context: Self.context(person, session)),
            let decision = (try? JSON.parseObject(bytes)).flatMap({ PasskeyDecision(json: $0) }),
            approvals.ambient.now().seconds - decision.issuedAt <= Self.lifetime
        else { throw RumdulError.transactionChallenge }
        return decision
    }

    private static func context(_ person: PersonID, _ session: [UInt8]) -> [UInt8] {
        Array("rumdul-passkey-approval-v1 \(person.text) ".utf8) + sha256(session)
    }
}
