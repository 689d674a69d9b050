import Accountability
import Database
import Kernel
import KhmerText
import PopulationRegister

extension CivilRegister {
    /// Gives a declaration back with a reason, to be mended and declared again. Of a verified birth the reserved code stays
    /// with the record. Throws `officer.forbidden`, `civil.state`, `civil.changed`, `civil.invalid` without a reason.
    public func sendBack(_ id: String, reason: String, by step: CivilStep) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        return try await self.step(on: id, step) { open, connection in
            let permission: Permission =
                step.officer.may(.civilVerify, in: open.record.office) ? .civilVerify : .civilRegister
            let actor = try actor(step.officer, permission, in: open.record.office)
            var content = ActionContent()
            content.reason = reason
            try await checks.close(id, as: .withdrawn, at: ambient.now(), in: connection)
            try await append(.sendBack, content, to: &open, by: actor, step, in: connection)
        }
    }

    /// Verifies a birth at the district: another officer than the one who declared. The child's code is allocated and
    /// reserved. Throws `officer.forbidden`, `civil.same_person`, `civil.state`, `civil.changed`, `kidc.exhausted`.
    public func verify(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilVerify, in: open.record.office)
            guard open.record.declaredBy != step.officer.id else { throw RumdulError.civilSamePerson }
            guard open.record.needsVerification else {
                throw RumdulError.civilState
            }
            guard open.record.allows(.verify) else { throw RumdulError.civilState }
            var content = ActionContent()
            if open.record.persons[.child] == nil {
                let draft = open.record.childDraft()
                let child = try await people.reserve(draft, beside: open.record.id, by: actor.actor, in: connection)
                content.persons = [.child: child.personID]
            }
            try await append(.verify, content, to: &open, by: actor, step, in: connection)
            if externalChecks.kinds.contains(open.record.kind) {
                try await askOutside(&open, by: Self.checker(open.record), step, in: connection)
            }
        }
    }

    /// Allows a registration that comes later than the rule pack's limit. Throws `officer.forbidden`, `civil.state`,
    /// `civil.same_person`.
    public func approveLate(_ id: String, reason: String, by step: CivilStep) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilLateApprove, in: open.record.office)
            guard open.record.declaredBy != step.officer.id else { throw RumdulError.civilSamePerson }
            var content = ActionContent()
            content.reason = reason
            try await append(.approveLate, content, to: &open, by: actor, step, in: connection)
        }
    }

    /// Puts a record aside that never was in force; a reserved code is given up, and a later verification reserves
    /// another. Throws `officer.forbidden`, `civil.state`.
    public func archive(_ id: String, reason: String, by step: CivilStep) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilArchive, in: open.record.office)
            guard open.record.allows(.archive) else { throw RumdulError.civilState }
            if open.record.kind.entersPerson, let child = open.record.persons[.child] {
                try await people.abandon(child, by: actor.actor, in: connection)
            }
            var content = ActionContent()
            content.reason = reason
            try await append(.archive, content, to: &open, by: actor, step, in: connection)
        }
    }

    /// Takes a record up again where it was. Throws `officer.forbidden`, `civil.state`.
    public func unarchive(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilArchive, in: open.record.office)
            try await append(.unarchive, ActionContent(), to: &open, by: actor, step, in: connection)
        }
    }

    /// Hides a record from everybody without the right to sealed ones, or shows it again. Throws `officer.forbidden`,
    /// `civil.state`.
    public func setSealed(_ id: String, _ isSealed: Bool, reason: String, by step: CivilStep) async throws
        -> VitalRecord
    {
        let reason = try Self.reason(reason)
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilSeal, in: open.record.office)
            var content = ActionContent()
            content.reason = reason
            try await append(isSealed ? .seal : .unseal, content, to: &open, by: actor, step, in: connection)
            try await setLookups(of: open.record, in: connection)
        }
    }

    /// A reason or basis in words: 3 to 500 characters. Throws `civil.invalid` at its field.
    static func reason(_ text: String, field: String = "reason") throws -> String {
        do {
            let cleaned = try TextInput.clean(text, limit: 500)
            if cleaned.unicodeScalars.count >= 3 { return cleaned }
        } catch {
            throw RumdulError.civilInvalid([FieldError(field, error.message)])
        }
        throw RumdulError.civilInvalid([
            FieldError(
                field,
                field == "reason"
                    ? LocalizedText(km: "សូមសរសេរមូលហេតុ។", en: "Give the reason.")
                    : LocalizedText(km: "សូមបញ្ជាក់លេខសេចក្តីសម្រេច។", en: "Give the number of the decision."))
        ])
    }
}
