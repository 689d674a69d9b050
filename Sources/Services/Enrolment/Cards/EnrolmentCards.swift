import Accountability
import Authenticators
import Database
import Kernel

/// What an officer can do to a PIN card.
public enum OfficerCardAction: String, Sendable, CaseIterable {
    case unlock
    case end

    /// The right that it needs.
    var permission: Permission { self == .unlock ? .deviceUnlock : .deviceBlock }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .unlock: LocalizedText(km: "ដោះសោប័ណ្ណ PIN", en: "Unlock the card")
        case .end: LocalizedText(km: "បញ្ឈប់ប័ណ្ណ PIN", en: "End the card")
        }
    }
}

/// PIN cards for people without a phone: printed at the counter; the person sets the PIN there.
extension EnrolmentService {
    private var cards: PINCards { authenticators.pinCards(vault: vault) }

    /// Prints a card for a person who is present; it ends the one before. The result is shown once.
    ///
    /// Throws `officer.forbidden`, `enrolment.not_found`, `card.shown_once` when the request key was used.
    /// - Parameter requestKey: an unguessable value of the form, 16...128 ASCII characters.
    public func issueCard(
        person: PersonID, evidence: Evidence, requestKey: String, by officer: Officer
    ) async throws -> PrintedCard {
        guard (16...128).contains(requestKey.utf8.count), requestKey.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw RumdulError.enrolmentState.because("request key")
        }
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        try officer.require(.cardIssue, in: match.area)
        let cards = cards
        return try await database.transaction { connection in
            try await connection.lock("card:" + match.personID.text)
            return try await cards.issue(
                for: match.personID, ial: evidence.assuranceLevel, evidence: evidence.items.map(\.type.rawValue),
                requestKey: requestKey, by: officer.id, in: connection)
        }
    }

    /// Sets the PIN that the person typed twice, of which the browser sends a proof. The card's own secret must come with it.
    ///
    /// Throws `officer.forbidden`, `enrolment.not_found`, `card.pin_unusable`, `card.refused`.
    public func setCardPIN(
        card: String, proof: String, of person: PersonID, by officer: Officer
    ) async throws {
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        try officer.require(.cardIssue, in: match.area)
        guard let text = CardText(card) else { throw RumdulError.cardRefused }
        guard let attempt = CardAttempt(text, proof: proof) else { throw RumdulError.cardPINUnusable }
        let cards = cards
        try await database.transaction { connection in
            try await cards.setPIN(attempt, of: match.personID, by: officer.id, in: connection)
        }
    }

    /// The card that a person uses, or `nil`.
    public func card(of match: PersonMatch) async throws -> PINCard? {
        let cards = cards
        return try await database.read { try await cards.card(of: match.personID, in: $0) }
    }

    /// What this officer may do to a card now.
    public func actions(on card: PINCard, area: String?, by officer: Officer) -> [OfficerCardAction] {
        OfficerCardAction.allCases.filter { action in
            (action == .end || card.failures > 0) && officer.may(action.permission, in: area)
        }
    }

    /// Unlocks or ends a card; audited with the reason. Repeating it changes nothing. Throws `officer.forbidden`,
    /// `enrolment.not_found`, `card.not_found` for a card of somebody else.
    public func perform(
        _ action: OfficerCardAction, onCard id: String, of person: PersonID, reason: OfficerDeviceReason,
        by officer: Officer
    ) async throws {
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        try officer.require(action.permission, in: match.area)
        let cards = cards
        try await database.transaction { connection in
            switch action {
            case .unlock:
                try await cards.unlock(
                    id, of: match.personID, by: officer.id, reason: reason.rawValue, in: connection)
            case .end:
                try await cards.end(id, of: match.personID, by: officer.id, reason: reason.rawValue, in: connection)
            }
        }
    }
}
