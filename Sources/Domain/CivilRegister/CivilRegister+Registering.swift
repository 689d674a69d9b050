import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister
import ReferenceData

extension CivilRegister {
    /// Registers an event: gives it its number, signs it, and changes the persons whom it is about, all in one
    /// transaction.
    ///
    /// A birth must be verified, others declared; a delayed one approved; nobody who is dead, married or too young
    /// marries. Throws `officer.forbidden`, `civil.state`, `civil.changed`, `civil.late_approval`, `civil.marriage`,
    /// `civil.person`, and what the population register throws.
    public func register(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        // The commune's numbers are given out one after the other; known before the transaction, the wait costs nothing.
        let office = try await store.record(id, in: database.statements)
        let numbers = office.map { "civil-numbers:" + series($0.kind, $0.office) }
        return try await self.step(on: id, step, locks: [numbers].compactMap(\.self)) { open, connection in
            let record = open.record
            let actor = try actor(step.officer, .civilRegister, in: record.office)
            guard record.allows(.register),
                !record.needsVerification || record.state == .verified
            else { throw record.state == .duplicateReview ? RumdulError.civilDuplicateOpen : RumdulError.civilState }
            guard record.lateness != .delayed || record.lateApproved else { throw RumdulError.civilLateApproval }
            try await putInForce(&open, by: actor, step, in: connection)
        }
    }

    /// Gives the record its number and changes the persons; the caller has checked that it may be registered.
    func putInForce(
        _ open: inout OpenRecord, by actor: CivilActor, _ step: CivilStep, in connection: any SQLConnection
    ) async throws {
        let record = open.record
        let consequences = Consequences(register: self, actor: actor.actor)
        let entered = try await consequences.apply(record, in: connection)
        var content = ActionContent()
        if let kept = record.keptNumber.flatMap({ RegistrationNumber($0) }) {
            guard try await store.record(number: kept.text, in: connection) == nil else {
                throw RumdulError.civilLegacyTaken
            }
            try await store.keep(kept, in: connection)
            content.number = kept.text
        } else {
            content.number = try await nextNumber(record.kind, record.office, in: connection).text
        }
        content.persons = entered.isEmpty ? nil : entered
        try await append(.register, content, to: &open, by: actor, step, in: connection)
    }

    private func series(_ kind: VitalEventKind, _ office: String) -> String {
        "\(kind.letter)-\(office)-\(ambient.now().dayInCambodia.year)"
    }

    /// The next number of a kind, commune and year. Throws `civil.numbers`.
    func nextNumber(
        _ kind: VitalEventKind, _ office: String, in connection: any SQLConnection
    ) async throws -> RegistrationNumber {
        let year = ambient.now().dayInCambodia.year
        let serial = try await store.next(series(kind, office), in: connection)
        guard serial <= 99_999 else { throw RumdulError.civilNumbers }
        return RegistrationNumber(kind, commune: office, year: year, serial: serial)
    }
}
