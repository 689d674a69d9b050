import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import Ledger

/// The consent registry: one record per decision of a person for one relying party, with the decision that the person's device
/// signed. A withdrawal counts from the first request after its answer, on every node, because every use of a consent asks the database.
public final class Consents: Sendable {
    /// The tables of this module.
    public static var migrations: ModuleMigrations { ConsentStore.migrations }

    private let ledger: Ledger
    let receiptVault: any KeyVault
    private let ambient: Ambient
    let receiptIssuer: String
    private let store = ConsentStore()

    /// - Parameter issuer: the identifier of the consent manager in receipts, the issuer URL.
    public init(ledger: Ledger, vault: any KeyVault, ambient: Ambient, issuer: String) {
        self.ledger = ledger
        self.receiptVault = vault
        self.ambient = ambient
        self.receiptIssuer = issuer
    }

    /// Records a grant and anchors the signed decision in the ledger: two rows. Returns the consent's identifier.
    public func grant(_ grant: ConsentGrant, in connection: any SQLConnection) async throws -> String {
        let id = ambient.newID()
        try await store.insert(id, grant, at: ambient.now(), in: connection)
        try await append(
            "consent.granted", person: grant.personID,
            [
                "consent": .string(id), "client": .string(grant.clientID), "purpose": .string(grant.purposeCode),
                "attributes": .strings(grant.granted), "decision": .string(grant.decision),
            ], in: connection)
        return id
    }

    /// Returns when the consent is granted at this moment. Throws `consent.not_active` otherwise.
    public func requireActive(_ id: String, in connection: any SQLConnection) async throws {
        guard try await isActive(id, in: connection) else { throw RumdulError.consentNotActive }
    }

    /// Whether the consent is granted at this moment.
    public func isActive(_ id: String, in connection: any SQLConnection) async throws -> Bool {
        guard let validity = try await store.validity(id, in: connection), !validity.withdrawn else { return false }
        return ambient.now() < validity.validTo
    }

    /// One consent, or `nil`.
    public func record(_ id: String, in connection: any SQLConnection) async throws -> ConsentRecord? {
        try await store.record(id, in: connection)
    }

    /// The newest living consent of a person for one client and purpose whose decision covers all these attributes: each was granted or
    /// refused then, so there is nothing to ask. `nil` when there is none.
    public func covering(
        _ attributes: [String], person: PersonID, clientID: String, purposeCode: String,
        in connection: any SQLConnection
    ) async throws -> (id: String, granted: Set<String>)? {
        try await store.decisions(
            person: person, clientID: clientID, purposeCode: purposeCode, at: ambient.now(), in: connection
        ).first { Set(attributes).isSubset(of: $0.granted.union($0.refused)) }.map { ($0.id, $0.granted) }
    }

    /// The person's consents, newest first, at most `limit`.
    public func records(
        of person: PersonID, limit: Int = 200, in connection: any SQLConnection
    ) async throws -> [ConsentRecord] {
        try await store.records(of: person, limit: limit, in: connection)
    }

    /// Withdraws one consent of this person; repeating it changes nothing. Throws `consent.not_found` for another person's.
    public func withdraw(_ id: String, person: PersonID, in connection: any SQLConnection) async throws {
        if try await store.withdraw(id, person: person, at: ambient.now(), in: connection) {
            try await append("consent.withdrawn", person: person, ["consent": .string(id)], in: connection)
            return
        }
        guard let record = try await store.record(id, in: connection), record.grant.personID == person else {
            throw RumdulError.consentNotFound
        }
    }

    /// Withdraws everything that this person granted to one relying party; returns how many consents that ended.
    @discardableResult
    public func withdrawAll(
        person: PersonID, clientID: String, in connection: any SQLConnection
    ) async throws -> Int {
        let ids = try await store.withdraw(person: person, clientID: clientID, at: ambient.now(), in: connection)
        for id in ids {
            try await append(
                "consent.withdrawn", person: person, ["consent": .string(id), "client": .string(clientID)],
                in: connection)
        }
        return ids.count
    }

    private func append(
        _ kind: String, person: PersonID, _ payload: JSONObject, in connection: any SQLConnection
    ) async throws {
        try await ledger.append(
            LedgerEntry(
                stream: Ledger.shard("consent", by: person.text), kind: kind, subject: person.text,
                payload: .object(payload)), in: connection)
    }
}
