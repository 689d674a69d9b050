import Authenticators
import CivilRegister
import Consent
import Database
import Kernel
import KeyVault

/// What ends with a life, in the transaction that registers the death: authenticators of every kind, with the sessions and
/// grants that rest on them, and consents.
struct LifeEventAftermath: LifeEventEffects {
    let authenticators: Authenticators
    let consents: Consents
    let vault: any KeyVault

    private static let reason = "death"
    private static let by = "civil-register"

    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws {
        for device in try await authenticators.devices(of: person, in: connection) where device.state != .revoked {
            try await authenticators.setState(device.id, .revoked, by: Self.by, reason: Self.reason, in: connection)
        }
        for passkey in try await authenticators.passkeys.passkeys(of: person, in: connection)
        where passkey.state != .revoked {
            try await authenticators.passkeys.revoke(passkey.id, of: person, by: Self.by, in: connection)
        }
        let sheets = authenticators.codeSheets(vault: vault), cards = authenticators.pinCards(vault: vault)
        if let sheet = try await sheets.sheet(of: person, in: connection) {
            try await sheets.end(sheet.id, of: person, by: Self.by, reason: Self.reason, in: connection)
        }
        if let card = try await cards.card(of: person, in: connection) {
            try await cards.end(card.id, of: person, by: Self.by, reason: Self.reason, in: connection)
        }
        for consent in try await consents.records(of: person, limit: 10_000, in: connection)
        where consent.withdrawnAt == nil {
            try await consents.withdraw(consent.id, person: person, in: connection)
        }
    }
}
