import Accountability
import Kernel

/// Objections to a marriage whose notice is posted. While one is open the marriage is not registered.
extension CivilRegister {
    /// Notes that somebody objects, and on which ground; a further objection is kept beside the first.
    ///
    /// Throws `officer.forbidden`, `civil.state`, `civil.changed`, `civil.invalid` without a ground.
    /// - Parameters:
    ///   - reason: who objects, and why.
    ///   - basis: the paper that it rests on, if any.
    public func raiseObjection(
        _ id: String, reason: String, basis: String = "", by step: CivilStep
    ) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        let basis = basis.isEmpty ? nil : try Self.reason(basis, field: "basis")
        return try await self.step(on: id, step) { open, connection in
            let permission: Permission =
                step.officer.may(.civilDeclare, in: open.record.office) ? .civilDeclare : .civilRegister
            let actor = try actor(step.officer, permission, in: open.record.office)
            var content = ActionContent()
            (content.reason, content.basis) = (reason, basis)
            try await append(.raiseObjection, content, to: &open, by: actor, step, in: connection)
        }
    }

    /// Decides the objections to a marriage: dismissed, it can be registered; upheld, it goes back to the parties. By a
    /// registrar, or the district where the registrar noted one of them: never by who did.
    ///
    /// Throws `officer.forbidden`, `civil.same_person`, `civil.state`, `civil.changed`, `civil.invalid` without a reason.
    public func decideObjection(
        _ id: String, upheld: Bool, reason: String, by step: CivilStep
    ) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        return try await self.step(on: id, step) { open, connection in
            let permission: Permission =
                step.officer.may(.civilRegister, in: open.record.office) ? .civilRegister : .civilVerify
            let actor = try actor(step.officer, permission, in: open.record.office)
            guard open.record.allows(.dismissObjection), let pending = open.record.pending else {
                throw RumdulError.civilState
            }
            guard !pending.askers.contains(step.officer.id) else { throw RumdulError.civilSamePerson }
            var content = ActionContent()
            content.reason = reason
            let action: VitalAction = upheld ? .upholdObjection : .dismissObjection
            try await append(action, content, to: &open, by: actor, step, in: connection)
        }
    }
}
