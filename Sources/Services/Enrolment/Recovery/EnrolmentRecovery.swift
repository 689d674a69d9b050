import Accountability
import Authenticators
import Database
import Kernel

/// Lost phones, in person and with two officers: the first sees the evidence and stops the old devices at once, a second
/// one confirms, then a new device is activated as always, and the person's levels are held for a while.
extension EnrolmentService {
    private var recoveries: RecoveryStore { RecoveryStore() }

    /// Opens a recovery, blocks every active device of the person at once and ends the passkeys. Repeating it with the same request key
    /// gives the same case.
    ///
    /// Throws `officer.forbidden`, `enrolment.not_found`, `recovery.state` when one is under way already.
    /// - Parameter requestKey: an unguessable value of the form, 16...128 ASCII characters.
    public func openRecovery(
        person: PersonID, reason: RecoveryReason, evidence: Evidence, requestKey: String, by officer: Officer
    ) async throws -> RecoveryCase {
        guard (16...128).contains(requestKey.utf8.count), requestKey.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw RumdulError.recoveryState.because("request key")
        }
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        try officer.require(.deviceBlock, in: match.area)
        let actor = try officer.acting(.enrolmentOpen, in: match.area)
        let new = RecoveryCase(
            id: ambient.newID(), personID: match.personID, area: match.area, openedBy: officer.id, reason: reason,
            evidenceTypes: evidence.items.map(\.type), state: .open, openedAt: ambient.now(), confirmedBy: nil)
        return try await database.transaction { [recoveries, authenticators, audit] connection in
            try await connection.lock("recovery:" + match.personID.text)
            guard try await recoveries.insert(new, requestKey: requestKey, in: connection) else {
                guard let before = try await recoveries.find(requestKey: requestKey, in: connection),
                    before.personID == match.personID, before.openedBy == officer.id
                else { throw RumdulError.recoveryState }
                return before
            }
            try await audit.record(
                action: "recovery.opened", actor: actor, subject: match.personID.text,
                details: [
                    "recovery": .string(new.id), "reason": .string(reason.rawValue),
                    "evidence": .strings(new.evidenceTypes.map(\.rawValue)),
                ], in: connection)
            for device in try await authenticators.devices(of: match.personID, in: connection)
            where device.state == .active {
                try await authenticators.setState(
                    device.id, .blocked, by: officer.id, reason: reason.rawValue, in: connection)
            }
            // A passkey cannot be stopped for a while; whoever finds the phone again makes a new one in a minute.
            for passkey in try await authenticators.passkeys.passkeys(of: match.personID, in: connection)
            where passkey.state != .revoked {
                try await authenticators.passkeys.revoke(
                    passkey.id, of: match.personID, by: officer.id, in: connection)
            }
            try await authenticators.effects.reportedGone(by: match.personID, in: connection)
            return new
        }
    }

    /// The second officer's word. A stolen or broken device is revoked for good now; a lost one stays blocked. Repeating
    /// it changes nothing.
    ///
    /// Throws `recovery.not_found`, `officer.forbidden`, `recovery.same_officer`, `recovery.state`.
    public func confirmRecovery(_ id: String, of person: PersonID, by officer: Officer) async throws -> RecoveryCase {
        let now = ambient.now()
        return try await database.transaction { [recoveries, authenticators, audit] connection in
            try await connection.lock("recovery:" + person.text)
            let found = try await recovery(id, of: person, in: connection)
            let actor = try officer.acting(.enrolmentApprove, in: found.area)
            guard found.openedBy != officer.id else { throw RumdulError.recoverySameOfficer }
            if found.state == .confirmed, found.confirmedBy == officer.id { return found }
            guard try await recoveries.confirm(id, by: officer.id, at: now, in: connection) else {
                throw RumdulError.recoveryState
            }
            if found.reason != .lost {
                for device in try await authenticators.devices(of: person, in: connection)
                where device.state == .blocked {
                    try await authenticators.setState(
                        device.id, .revoked, by: officer.id, reason: found.reason.rawValue, in: connection)
                }
            }
            try await audit.record(
                action: "recovery.confirmed", actor: actor, subject: person.text,
                details: ["recovery": .string(id), "first_officer": .string(found.openedBy)], in: connection)
            return try await recovery(id, of: person, in: connection)
        }
    }

    /// Calls a recovery off; the devices stay blocked. Repeating it changes nothing.
    ///
    /// Throws `recovery.not_found`, `officer.forbidden`, `recovery.state` when it is done.
    public func cancelRecovery(_ id: String, of person: PersonID, by officer: Officer) async throws {
        try await database.transaction { [recoveries, audit] connection in
            try await connection.lock("recovery:" + person.text)
            let found = try await recovery(id, of: person, in: connection)
            let actor = try officer.acting(.enrolmentOpen, in: found.area)
            if found.state == .cancelled { return }
            guard found.state != .done,
                try await recoveries.move(id, from: found.state, to: .cancelled, in: connection)
            else { throw RumdulError.recoveryState }
            try await audit.record(
                action: "recovery.cancelled", actor: actor, subject: person.text, details: ["recovery": .string(id)],
                in: connection)
        }
    }

    /// The recovery of a person that is under way, and until when levels are held.
    public func recoveryStanding(
        of person: PersonID
    ) async throws -> (recovery: RecoveryCase?, hold: AssuranceHold?) {
        try await database.read { [recoveries, authenticators] connection in
            (
                try await recoveries.live(of: person, in: connection),
                try await authenticators.hold(of: person, in: connection)
            )
        }
    }

    // MARK: In an activation

    /// Refuses an activation while a recovery waits for its second officer. Throws `recovery.unconfirmed`.
    func requireNoOpenRecovery(of person: PersonID, in connection: any SQLConnection) async throws {
        guard try await recoveries.live(of: person, in: connection)?.state != .open else {
            throw RumdulError.recoveryUnconfirmed
        }
    }

    /// A new device became active: a confirmed recovery has reached its end, and the person's levels are held.
    func finishRecovery(
        of person: PersonID, device: String, by officer: Officer, in connection: any SQLConnection
    ) async throws {
        guard let found = try await recoveries.live(of: person, in: connection), found.state == .confirmed,
            try await recoveries.move(found.id, from: .confirmed, to: .done, in: connection)
        else { return }
        try await authenticators.hold(person, reason: "recovery", by: officer.id, in: connection)
    }

    private func recovery(
        _ id: String, of person: PersonID, in connection: any SQLConnection
    ) async throws -> RecoveryCase {
        guard let found = try await recoveries.find(id, in: connection), found.personID == person else {
            throw RumdulError.recoveryNotFound
        }
        return found
    }
}
