import Accountability
import Codecs
import Database
import Kernel

/// Why a record is closed.
public enum Retirement: Sendable, Hashable {
    /// It is the same person as another record, which stays.
    case merged(into: PersonID)
    /// By decision.
    case annulled
    /// There is no such person.
    case error
}

extension PopulationRegister {
    /// Closes a record. Its code is retired and never given out again; of a merged one it leads registrars to the
    /// survivor. Aliases end. It takes two officers. Writes the audit entry `person.retired`.
    ///
    /// Throws `officer.same_person`, `person.not_found`, `person.retired`.
    public func retire(
        _ person: PersonID, _ reason: Retirement, requestedBy: Actor, approvedBy: Actor,
        in connection: any SQLConnection
    ) async throws {
        try requireTwo(requestedBy, approvedBy)
        guard var row = try await store.person(person, in: connection) else { throw RumdulError.personNotFound }
        guard row.record == .active else { throw RumdulError.personRetired }
        switch reason {
        case .merged(let survivor):
            guard survivor != person, let other = try await store.person(survivor, in: connection) else {
                throw RumdulError.personNotFound
            }
            guard other.record == .active else { throw RumdulError.personRetired }
            row.record = .merged
            row.survivor = survivor
        case .annulled: row.record = .annulled
        case .error: row.record = .error
        }
        let now = ambient.now()
        try await store.update(row, at: now, in: connection)
        try await store.retireCodes(of: person, as: row.record, at: now, in: connection)
        try await store.closeAliases(of: person, in: connection)
        try await index.withdraw([person.text], in: connection)
        try await retireMemberships(of: person, survivor: row.survivor, by: requestedBy, in: connection)
        var details: JSONObject = [
            "reason": .string(row.record.rawValue), "approved_by": .string(approvedBy.identifier ?? ""),
        ]
        if let survivor = row.survivor { details["survivor"] = .string(survivor.text) }
        try await audit.record(
            action: "person.retired", actor: requestedBy, subject: person.text, details: details, in: connection)
    }

    /// Erases a person's data for good: the data key goes, and with it every sealed copy; so do the tags by which the
    /// person was found. What stays is that the code was given out once, and the ledger's entries about an identifier
    /// that means nothing any more. It takes two officers. Writes the audit entry `person.erased`.
    ///
    /// Throws `officer.same_person`, `person.not_found`, `person.erased`.
    public func erase(
        _ person: PersonID, requestedBy: Actor, approvedBy: Actor, in connection: any SQLConnection
    ) async throws {
        try requireTwo(requestedBy, approvedBy)
        guard var row = try await store.person(person, in: connection) else { throw RumdulError.personNotFound }
        guard row.dataKey != nil else { throw RumdulError.personErased }
        let now = ambient.now()
        row.dataKey = nil
        row.snapshot = nil
        if row.record == .active { row.record = .annulled }
        try await store.update(row, at: now, in: connection)
        try await store.retireCodes(of: person, as: .annulled, at: now, in: connection)
        try await store.erase(person, in: connection)
        try await retireMemberships(of: person, survivor: nil, by: requestedBy, in: connection)
        try await index.withdraw([person.text], in: connection)
        try await audit.record(
            action: "person.erased", actor: requestedBy, subject: person.text,
            details: ["approved_by": .string(approvedBy.identifier ?? "")], in: connection)
    }

    func requireTwo(_ first: Actor, _ second: Actor) throws {
        guard case .officer(let one, _) = first, case .officer(let two, _) = second, one != two else {
            throw RumdulError.officerSamePerson
        }
    }
}
