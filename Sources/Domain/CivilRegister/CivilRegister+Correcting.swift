import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister

extension CivilRegister {
    /// Asks for a correction of a registered event; a second officer decides.
    ///
    /// A clerical one may touch only fields of the rule pack's list; anything else names a court decision. Every rule of
    /// a declaration holds for the corrected one too. Persons are corrected in births alone: elsewhere the registration
    /// is revoked and made anew.
    ///
    /// Throws `officer.forbidden`, `civil.invalid`, `civil.court_needed`, `civil.state`, `civil.changed`.
    /// - Parameters:
    ///   - changed: the new values of the fields that change, as typed; an empty text clears a field.
    ///   - basis: the number of the court decision.
    public func requestCorrection(
        _ id: String, _ changed: [String: String], reason: String, basis: String?, by step: CivilStep
    ) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        let basis = try basis.flatMap { $0.isEmpty ? nil : try Self.reason($0, field: "basis") }
        if let done = try await repeated(step) { return done }
        let known = try await database.read { try await self.open(id, in: $0).record }
        var raw = known.declaration.values
        for (field, value) in changed { raw[field] = value }
        let checked = try await checkCorrection(known, raw)
        let changes = known.declaration.changes(to: checked.declaration)
        guard !changes.isEmpty else {
            throw RumdulError.civilInvalid([
                FieldError("changes", LocalizedText(km: "គ្មានអ្វីប្រែប្រួលទេ។", en: "Nothing changes."))
            ])
        }
        let fields = Set(changes.map(\.field))
        if known.kind != .birth, fields.contains(where: { EventForm.of(known.kind)[$0]?.type == .person }) {
            throw RumdulError.civilState.because("persons are corrected in births alone")
        }
        let pack = RulePack.inForce(on: ambient.now().dayInCambodia)
        let isClerical = fields.isSubset(of: pack.clericalFields)
        guard isClerical || basis != nil else { throw RumdulError.civilCourtNeeded }
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilCorrectRequest, in: open.record.office)
            guard open.record.declaration == known.declaration else { throw RumdulError.civilChanged }
            var content = ActionContent()
            content.changes = changes
            content.correction = isClerical && basis == nil ? .clerical : .substantive
            content.reason = reason
            content.basis = basis
            try await append(.requestCorrection, content, to: &open, by: actor, step, in: connection)
        }
    }

    /// Approves a correction: another officer than the one who asked. The record gets its next version, certificates that
    /// show a changed field are superseded, and the persons follow. Throws `officer.forbidden`, `civil.same_person`,
    /// `civil.state`.
    public func approveCorrection(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        if let done = try await repeated(step) { return done }
        let known = try await database.read { try await self.open(id, in: $0).record }
        guard let pending = known.pending, pending.kind == .correction else { throw RumdulError.civilState }
        let checked = try await checkCorrection(known, try known.declaration.applying(pending.changes).values)
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilCorrectApprove, in: open.record.office)
            guard let now = open.record.pending, now == pending else { throw RumdulError.civilChanged }
            guard now.by != step.officer.id else { throw RumdulError.civilSamePerson }
            let before = open.record
            var content = ActionContent()
            let people = checked.persons.filter { $0.key != .child || !known.kind.entersPerson }
            // Whom a birth names is named anew as a whole; elsewhere those stay whom registering entered.
            let stood = before.persons.filter {
                known.kind.entersPerson ? $0.key != .child : people[$0.key] != nil
            }
            if people != stood { content.persons = people }
            try await append(.approveCorrection, content, to: &open, by: actor, step, in: connection)
            let consequences = Consequences(register: self, actor: actor.actor, isReplay: true)
            let fields = Set(pending.changes.map(\.field))
            if fields.contains(where: { $0 == "event.date" || $0.hasSuffix(".person") || $0.hasSuffix(".birthdate") }) {
                try await consequences.checkAges(open.record, in: connection)
            }
            try await consequences.correct(before, to: open.record, in: connection)
            try await setLookups(of: open.record, in: connection)
            try await setBlocks(of: open.record, in: connection)
        }
    }

    /// Turns a correction down. Throws `officer.forbidden`, `civil.same_person`, `civil.state`.
    public func rejectCorrection(_ id: String, reason: String, by step: CivilStep) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilCorrectApprove, in: open.record.office)
            guard open.record.pending?.by != step.officer.id else { throw RumdulError.civilSamePerson }
            var content = ActionContent()
            content.reason = reason
            try await append(.rejectCorrection, content, to: &open, by: actor, step, in: connection)
        }
    }

    /// The rules of a declaration, except that being late is no matter any more.
    func checkCorrection(_ record: VitalRecord, _ raw: [String: String]) async throws -> Checked {
        var raw = raw
        let form = EventForm.of(record.kind)
        let needsReason = form["event.late_reason"] != nil && raw["event.late_reason"] == nil
        if needsReason { raw["event.late_reason"] = "–" }
        var checked = try await check(record.kind, raw, isLegacy: record.isLegacy)
        if needsReason { checked.declaration["event.late_reason"] = nil }
        return checked
    }

    // MARK: Revocation and reinstatement

    /// Asks for the revocation of a registration that was a mistake or a fraud. Throws `officer.forbidden`, `civil.state`.
    public func requestRevocation(
        _ id: String, reason: String, basis: String, by step: CivilStep
    ) async throws -> VitalRecord {
        try await request(.requestRevocation, id, reason: reason, basis: basis, by: step)
    }

    /// Revokes: another officer than the one who asked. Certificates are superseded, what registering did to persons is
    /// taken back. Throws `officer.forbidden`, `civil.same_person`, `civil.state`, also when later records build on it.
    public func approveRevocation(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        try await decide(.approveRevocation, id, by: step) { consequences, record, first, connection in
            // What an inactive record had done is its successor's now.
            if record.state == .registered {
                try await consequences.undo(record, requestedBy: first, in: connection)
            }
        }
    }

    /// Turns a revocation down. Throws `officer.forbidden`, `civil.same_person`, `civil.state`.
    public func rejectRevocation(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        try await decide(.rejectRevocation, id, by: step) { _, _, _, _ in }
    }

    /// Asks for a revoked or inactive record to be in force again. Throws `officer.forbidden`, `civil.state`.
    public func requestReinstatement(
        _ id: String, reason: String, basis: String, by step: CivilStep
    ) async throws -> VitalRecord {
        try await request(.requestReinstatement, id, reason: reason, basis: basis, by: step)
    }

    /// Puts a record into force again, with every check anew; of one that another had replaced, that other becomes
    /// inactive. Throws as `register` and `approveRevocation` do.
    public func approveReinstatement(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        let known = try await database.read { try await self.open(id, in: $0).record }
        if let successor = known.successor { return try await putBack(id, instead: successor, by: step) }
        return try await decide(.approveReinstatement, id, by: step) { consequences, record, first, connection in
            try await consequences.redo(record, requestedBy: first, in: connection)
        }
    }

    /// Turns a reinstatement down. Throws `officer.forbidden`, `civil.same_person`, `civil.state`.
    public func rejectReinstatement(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        try await decide(.rejectReinstatement, id, by: step) { _, _, _, _ in }
    }

    private func request(
        _ action: VitalAction, _ id: String, reason: String, basis: String, by step: CivilStep
    ) async throws -> VitalRecord {
        let (reason, basis) = (try Self.reason(reason), try Self.reason(basis, field: "basis"))
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilRevoke, in: open.record.office)
            var content = ActionContent()
            (content.reason, content.basis) = (reason, basis)
            try await append(action, content, to: &open, by: actor, step, in: connection)
        }
    }

    func decide(
        _ action: VitalAction, _ id: String, by step: CivilStep,
        _ effect: @escaping @Sendable (Consequences, VitalRecord, Actor, any SQLConnection) async throws -> Void
    ) async throws -> VitalRecord {
        try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilRevoke, in: open.record.office)
            guard open.record.allows(action), let pending = open.record.pending else { throw RumdulError.civilState }
            guard pending.by != step.officer.id else { throw RumdulError.civilSamePerson }
            let first = Actor.officer(id: pending.by, role: actor.role)
            let before = open.record
            try await append(action, ActionContent(), to: &open, by: actor, step, in: connection)
            try await effect(Consequences(register: self, actor: actor.actor), before, first, connection)
        }
    }
}
