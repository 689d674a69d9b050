import Accountability
import Database
import Kernel
import PopulationRegister

/// A birth registered anew in another's place: after an adoption the child gets a birth record that names the parents by
/// law. The old one becomes inactive and is sealed; the person, with their code, stays who they are.
extension CivilRegister {
    /// What a record may say otherwise than the one that it replaces; all else is a matter of corrections.
    private static func isReplaceable(_ field: String) -> Bool {
        ["mother.", "father.", "child.family_", "child.given_"].contains { field.hasPrefix($0) }
    }

    /// Asks for a new record in a birth's place; a second officer of the general department decides.
    ///
    /// Throws `officer.forbidden`, `civil.invalid`, `civil.state`, `civil.changed`.
    /// - Parameters:
    ///   - changed: the fields that become others, as typed: names of the child and all of the parents; an empty text
    ///     clears a field.
    ///   - basis: the adoption or decision that it rests on.
    public func requestReplacement(
        _ id: String, _ changed: [String: String], reason: String, basis: String, by step: CivilStep
    ) async throws -> VitalRecord {
        let (reason, basis) = (try Self.reason(reason), try Self.reason(basis, field: "basis"))
        if let done = try await repeated(step) { return done }
        let known = try await database.read { try await self.open(id, in: $0).record }
        var raw = known.declaration.values
        for (field, value) in changed { raw[field] = value }
        let changes = known.declaration.changes(to: try await checkCorrection(known, raw).declaration)
        var refused = changes.filter { !Self.isReplaceable($0.field) }.map {
            FieldError(
                $0.field,
                LocalizedText(
                    km: "ចន្លោះនេះត្រូវកែតាមសំណើកែតម្រូវ។", en: "This field is changed by a correction, not by a new record."))
        }
        if changes.isEmpty {
            refused.append(FieldError("changes", LocalizedText(km: "គ្មានអ្វីប្រែប្រួលទេ។", en: "Nothing changes.")))
        }
        guard refused.isEmpty else { throw RumdulError.civilInvalid(refused) }
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilRevoke, in: open.record.office)
            guard open.record.declaration == known.declaration else { throw RumdulError.civilChanged }
            var content = ActionContent()
            (content.changes, content.reason, content.basis) = (changes, reason, basis)
            try await append(.requestReplacement, content, to: &open, by: actor, step, in: connection)
        }
    }

    /// Registers the new record and lets the old one rest, sealed, in one transaction: another officer than the one who
    /// asked. Answers the new record.
    ///
    /// Throws `officer.forbidden`, `civil.same_person`, `civil.state`, `civil.changed`, `civil.person`.
    public func approveReplacement(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        if let done = try await repeated(step) { return try await successor(of: done) }
        let known = try await database.read { try await self.open(id, in: $0).record }
        guard let pending = known.pending, pending.kind == .replacement else { throw RumdulError.civilState }
        let checked = try await checkCorrection(known, try known.declaration.applying(pending.changes).values)
        let old = try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilRevoke, in: open.record.office)
            guard open.record.pending == pending else { throw RumdulError.civilChanged }
            guard pending.by != step.officer.id else { throw RumdulError.civilSamePerson }
            let replaced = open.record
            var fresh = try await begin(replaced.kind, office: replaced.office, in: connection)
            var content = ActionContent()
            content.record = fresh.record.id
            try await append(.supersede, content, to: &open, by: actor, step, in: connection)
            try await enter(checked, in: &fresh, insteadOf: replaced, by: actor, in: connection)
            try await retire(&open, reason: pending.reason, by: actor, in: connection)
        }
        return try await successor(of: old)
    }

    /// Turns a replacement down. Throws `officer.forbidden`, `civil.same_person`, `civil.state`.
    public func rejectReplacement(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        try await decide(.rejectReplacement, id, by: step) { _, _, _, _ in }
    }

    private func successor(of record: VitalRecord) async throws -> VitalRecord {
        guard let id = record.successor else { throw RumdulError.civilState }
        return try await database.read { try await self.open(id, in: $0).record }
    }

    /// The new record, from its beginning to its registration: declared by who asked, registered by who approved.
    private func enter(
        _ checked: Checked, in fresh: inout OpenRecord, insteadOf replaced: VitalRecord, by approver: CivilActor,
        in connection: any SQLConnection
    ) async throws {
        let asked = CivilActor(
            kind: approver.kind, id: replaced.pending?.by ?? approver.id, role: approver.role, office: approver.office)
        var content = ActionContent()
        content.declaration = checked.declaration.values
        try await append(.create, content, to: &fresh, by: asked, transactionID: nil, in: connection)
        content.persons = checked.persons.merging(replaced.persons.filter { $0.key == .child }) { $1 }
        // As late or as timely as the birth was registered first.
        content.lateness = replaced.lateness
        content.rules = checked.rules
        content.flags = checked.flags
        try await append(.declare, content, to: &fresh, by: asked, transactionID: nil, in: connection)
        let consequences = Consequences(register: self, actor: approver.actor, isReplay: true)
        try await consequences.checkAges(fresh.record, in: connection)
        for (role, person) in fresh.record.persons { try await consequences.require(person, role, in: connection) }
        var registration = ActionContent()
        registration.number = try await nextNumber(replaced.kind, replaced.office, in: connection).text
        registration.record = replaced.id
        try await append(.register, registration, to: &fresh, by: approver, transactionID: nil, in: connection)
        if replaced.isSealed {
            try await append(.seal, ActionContent(), to: &fresh, by: approver, transactionID: nil, in: connection)
        }
        try await setLookups(of: fresh.record, in: connection)
        try await setBlocks(of: fresh.record, in: connection)
    }

    /// Puts a replaced record into force again: the one that had replaced it becomes inactive and sealed. The
    /// person stays who they are; what corrections of the replacing record said of the parents is taken back.
    func putBack(_ id: String, instead successor: String, by step: CivilStep) async throws -> VitalRecord {
        try await database.transaction { connection in
            if let transaction = step.transactionID { try await connection.lock("civil-request:" + transaction) }
            for one in [id, successor].sorted() { try await connection.lock("civil:" + one) }
            if let done = try await repeated(step, in: connection) {
                guard done.id == id else { throw RumdulError.civilChanged }
                return done
            }
            var old = try await open(id, in: connection)
            if let expected = step.expected, expected != old.record.sequence { throw RumdulError.civilChanged }
            let actor = try actor(step.officer, .civilRevoke, in: old.record.office)
            guard old.record.successor == successor, old.record.state == .inactive,
                let pending = old.record.pending, pending.kind == .reinstatement
            else { throw RumdulError.civilState }
            guard pending.by != step.officer.id else { throw RumdulError.civilSamePerson }
            var other = try await open(successor, in: connection)
            guard other.record.allows(.supersede) else {
                throw RumdulError.civilState.because("the record that replaced it is not in force, or under decision")
            }
            let wasSealed = other.record.isSealed
            var content = ActionContent()
            content.record = id
            try await append(.supersede, content, to: &other, by: actor, transactionID: nil, in: connection)
            try await retire(&other, reason: pending.reason, by: actor, in: connection)
            let consequences = Consequences(register: self, actor: actor.actor)
            if other.record.predecessor != nil {
                try await consequences.undoCorrectedParents(of: other.record, in: connection)
            }
            if old.record.predecessor != nil {
                try await consequences.redoCorrectedParents(of: old.record, in: connection)
            }
            try await append(.approveReinstatement, ActionContent(), to: &old, by: actor, step, in: connection)
            if old.record.isSealed, !wasSealed {
                var opening = ActionContent()
                opening.reason = pending.reason
                try await append(.unseal, opening, to: &old, by: actor, transactionID: nil, in: connection)
            }
            try await setLookups(of: old.record, in: connection)
            try await setBlocks(of: old.record, in: connection)
            return old.record
        }
    }

    /// Seals a record that another has taken the place of, and takes it out of searches and comparisons.
    private func retire(
        _ open: inout OpenRecord, reason: String, by actor: CivilActor, in connection: any SQLConnection
    ) async throws {
        if !open.record.isSealed {
            var sealing = ActionContent()
            sealing.reason = reason
            try await append(.seal, sealing, to: &open, by: actor, transactionID: nil, in: connection)
        }
        try await setLookups(of: open.record, in: connection)
        try await duplicates.setBlocks([], of: open.record.id, in: connection)
    }
}
