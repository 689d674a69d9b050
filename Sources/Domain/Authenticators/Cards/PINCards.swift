import Codecs
import Database
import Kernel
import KeyVault
import Ledger

/// The PIN cards of all persons: a person has at most one, and five wrong PINs in a row lock it until an officer unlocks it
/// in the person's presence. Changes are audited as those of devices are.
///
/// The server never sees a PIN: browsers send a proof, PBKDF2 of the PIN salted with the card's secret (``CardAttempt``). What is
/// stored is a MAC of it by a key of the vault. That secret has 100 bits and stands on the card alone, so neither the database
/// nor database and vault together are enough to search for a PIN; whoever holds the card as well could, and whoever holds
/// the card alone has five tries.
public struct PINCards: Sendable {
    private let vault: any KeyVault
    private let ledger: Ledger
    private let ambient: Ambient
    private let store = PINCardStore()

    init(vault: any KeyVault, ledger: Ledger, ambient: Ambient) {
        self.vault = vault
        self.ledger = ledger
        self.ambient = ambient
    }

    // MARK: At the counter

    /// Makes a new card in place of the one in use. The result is the only time that its secret is in the clear.
    ///
    /// Throws `card.shown_once` when this request key printed a card before.
    /// - Parameters:
    ///   - evidence: codes of what the officer saw, for the audit.
    ///   - requestKey: an unguessable value of the form.
    public func issue(
        for person: PersonID, ial: IdentityAssuranceLevel, evidence: [String], requestKey: String, by officer: String,
        in connection: any SQLConnection
    ) async throws -> PrintedCard {
        guard try await !store.isPrinted(requestKey: requestKey, in: connection) else {
            throw RumdulError.cardShownOnce
        }
        let key = try await vault.activeKey(.mac)
        let id = PINCard.prefix + ambient.newID()
        let text = CardText(ambient)
        let old = try await store.replace(of: person, in: connection)
        let new = PINCardStore.NewCard(
            id: id, requestKey: requestKey, number: text.number, personID: person, keyID: key.id,
            secretHash: try await secretHash(text, id: id, key: key.id), ial: ial, issuedAt: ambient.now())
        guard try await store.insert(new, in: connection) else { throw RumdulError.cardShownOnce }
        var payload: JSONObject = [
            "card": .string(id), "by": .string(officer), "evidence": .strings(evidence),
            "ial": .integer(Int64(ial.rawValue)),
        ]
        payload["replaces"] = old.map(JSONValue.string)
        try await audit("card.issued", person: person, payload, in: connection)
        guard let card = try await store.card(id, in: connection) else { throw RumdulError.cardNotFound }
        return PrintedCard(card: card, text: text)
    }

    /// The person's card in use, with or without a PIN, or `nil`.
    public func card(of person: PersonID, in connection: any SQLConnection) async throws -> PINCard? {
        try await store.living(of: person, in: connection)
    }

    /// Sets the PIN of a card that has none yet. Throws `card.refused` when it is not this person's card, has a PIN, or has
    /// ended.
    public func setPIN(
        _ attempt: CardAttempt, of person: PersonID, by officer: String, in connection: any SQLConnection
    ) async throws {
        guard let found = try await genuine(attempt.text, in: connection), found.card.personID == person,
            try await store.setPIN(
                found.card.id, verifier(attempt, id: found.card.id, key: found.keyID), in: connection)
        else { throw RumdulError.cardRefused }
        try await audit(
            "card.pin_set", person: person, ["card": .string(found.card.id), "by": .string(officer)], in: connection)
    }

    /// Gives all tries of a card back. Does nothing when none was used. Throws `card.not_found`.
    public func unlock(
        _ id: String, of person: PersonID, by officer: String, reason: String, in connection: any SQLConnection
    ) async throws {
        try await require(id, of: person, in: connection)
        guard try await store.unlock(id, in: connection) else { return }
        try await audit(
            "card.unlocked", person: person,
            ["card": .string(id), "by": .string(officer), "reason": .string(reason)], in: connection)
    }

    /// Ends a card; what was approved with it ends too. Does nothing when it has ended. Throws `card.not_found`.
    public func end(
        _ id: String, of person: PersonID, by officer: String, reason: String, in connection: any SQLConnection
    ) async throws {
        try await require(id, of: person, in: connection)
        guard try await store.end(id, in: connection) else { return }
        try await audit(
            "card.ended", person: person,
            ["card": .string(id), "by": .string(officer), "reason": .string(reason)], in: connection)
    }

    // MARK: Use

    /// Whose card this is, if the secret is right and the card can be used; the PIN is not looked at.
    public func owner(of text: CardText, in connection: any SQLConnection) async throws -> PersonID? {
        guard let found = try await genuine(text, in: connection), found.card.state == .active else { return nil }
        return found.card.personID
    }

    /// Tries a PIN. A wrong try is counted in the caller's transaction, which must be **committed** whatever the answer is.
    /// The fifth wrong try in a row locks; a locked card answers `.locked` for right and wrong alike.
    public func check(_ attempt: CardAttempt, in connection: any SQLConnection) async throws -> CardCheck {
        guard let found = try await genuine(attempt.text, in: connection), found.card.state == .active,
            let stored = found.verifier
        else { return .refused }
        let card = found.card
        guard !card.isLocked else { return .locked }
        let computed = try await verifier(attempt, id: card.id, key: found.keyID)
        if constantTimeEquals(stored, computed) {
            guard try await store.accept(card.id, in: connection) else { return .locked }
            try await audit("card.used", person: card.personID, ["card": .string(card.id)], in: connection)
            return .correct(card: card.id, person: card.personID)
        }
        guard let failures = try await store.countFailure(card.id, in: connection) else { return .locked }
        guard failures >= PINCard.tries else { return .wrong(triesLeft: PINCard.tries - failures) }
        try await audit("card.locked", person: card.personID, ["card": .string(card.id)], in: connection)
        return .locked
    }

    // MARK: Within

    /// The card with this number, if the secret is its own.
    private func genuine(
        _ text: CardText, in connection: any SQLConnection
    ) async throws -> PINCardStore.Record? {
        guard let found = try await store.record(number: text.number, in: connection),
            constantTimeEquals(
                found.secretHash, try await secretHash(text, id: found.card.id, key: found.keyID))
        else { return nil }
        return found
    }

    private func require(_ id: String, of person: PersonID, in connection: any SQLConnection) async throws {
        guard let card = try await store.card(id, in: connection), card.personID == person else {
            throw RumdulError.cardNotFound
        }
    }

    private func secretHash(_ text: CardText, id: String, key: String) async throws -> [UInt8] {
        try await vault.mac(
            Self.label("rumdul-card-secret", id) + Array(text.secret.utf8), purpose: .mac, keyID: key)
    }

    private func verifier(_ attempt: CardAttempt, id: String, key: String) async throws -> [UInt8] {
        try await vault.mac(Self.label("rumdul-card-pin", id) + attempt.proof, purpose: .mac, keyID: key)
    }

    private static func label(_ parts: String...) -> [UInt8] { parts.flatMap { Array($0.utf8) + [0] } }

    private func audit(
        _ kind: String, person: PersonID, _ payload: JSONObject, in connection: any SQLConnection
    ) async throws {
        try await ledger.append(
            LedgerEntry(
                stream: Ledger.shard("audit", by: person.text), kind: kind, subject: person.text,
                payload: .object(payload)), in: connection)
    }
}
