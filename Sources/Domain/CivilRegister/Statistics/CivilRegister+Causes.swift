import Accountability
import Codecs
import Crypto
import Database
import Kernel
import PopulationRegister
import VitalStatistics

/// The underlying cause of a death as it was last stated.
public struct CauseOfDeath: Sendable, Hashable {
    /// Of ICD-10 or ICD-11.
    public let code: String
    /// How often it was stated: 1, 2, 3 ...
    public let version: Int
    public let statedAt: Instant
    /// The officer who stated it.
    public let statedBy: String
}

extension CivilRegister {
    /// States the underlying cause of a registered death, or states it anew. It comes after registration and never delays
    /// it; registrars neither write nor see it. It is sealed with the record's key; the audit trail says that a cause was
    /// stated and not which.
    ///
    /// Throws `officer.forbidden`, `civil.not_found`, `civil.state` for anything but a death in force, `civil.changed`,
    /// `civil.invalid` for a code that cannot be an underlying cause.
    public func setCause(_ id: String, underlying typed: String, by step: CivilStep) async throws {
        guard let code = CauseCode(typed) else {
            throw RumdulError.civilInvalid([
                FieldError(
                    "cause.underlying",
                    LocalizedText(
                        km: "លេខកូដ ICD នេះមិនអាចជាមូលហេតុដើមបានទេ។", en: "This ICD code cannot be an underlying cause."))
            ])
        }
        try await database.transaction { connection in
            try await connection.lock("civil:" + id)
            let (open, actor) = try await death(id, step.officer, .medicalWrite, in: connection)
            guard open.record.kind.endsLife, open.record.state == .registered else { throw RumdulError.civilState }
            if let expected = step.expected, expected != open.record.sequence { throw RumdulError.civilChanged }
            let known = try await cause(open, in: connection)
            if known?.code == code.text { return }
            let version = (known?.version ?? 0) + 1
            let content: JSONObject = ["code": .string(code.text), "by": .string(step.officer.id)]
            let sealed = try open.key.seal(JSON.bytes(content), context: Self.context(id, version))
            try await StatisticsStore().insertCause(
                sealed, version: version, of: id, at: ambient.now(), in: connection)
            try await audit.record(
                action: "civil.cause", actor: actor, subject: id,
                details: [
                    "version": .integer(Int64(version)),
                    "content": .string(Base64URL.encode(Array(SHA256.hash(data: sealed)))),
                ], in: connection)
            if open.record.isCounted { try await count(open, in: connection) }
        }
    }

    /// The cause of a death, for officers with `medical.read`; `nil` while none was stated. The entry in the journal of
    /// the deceased is written. Throws `officer.forbidden`, `civil.not_found`.
    public func cause(of id: String, by officer: Officer, traceID: String) async throws -> CauseOfDeath? {
        try await database.transaction { connection in
            let (open, actor) = try await death(id, officer, .medicalRead, in: connection)
            let found = try await cause(open, in: connection)
            guard let person = open.record.persons[.deceased] else { return found }
            let request = DisclosureRequest(
                subject: person, actor: actor, organisation: officer.organisation, system: "civil-register",
                service: "cause-of-death",
                purpose: Purpose(
                    code: "cause-of-death", text: LocalizedText(km: "មូលហេតុមរណភាព", en: "Cause of death")),
                basis: .statute("KH-CRVSI-2023"), attributes: [.causeOfDeath], traceID: traceID,
                caseReference: open.record.number ?? open.record.trackingID)
            _ = try await gate.disclose(request, from: StatedCause(code: found?.code), in: connection)
            return found
        }
    }

    /// A record for a medical officer of its area; sealed ones are not there.
    private func death(
        _ id: String, _ officer: Officer, _ permission: Permission, in connection: any SQLConnection
    ) async throws -> (OpenRecord, Actor) {
        guard officer.grants.contains(where: { $0.role.permissions.contains(permission) }) else {
            throw RumdulError.officerForbidden
        }
        guard let row = try await store.record(id, in: connection), officer.may(permission, in: row.office),
            !row.isSealed || officer.may(.civilSeal, in: row.office)
        else { throw RumdulError.civilNotFound }
        return (try await open(row, in: connection), try officer.acting(permission, in: row.office))
    }

    /// Within the register: the cause of an opened record.
    func cause(_ open: OpenRecord, in connection: any SQLConnection) async throws -> CauseOfDeath? {
        guard open.record.kind.endsLife,
            let row = try await StatisticsStore().cause(of: open.record.id, in: connection)
        else { return nil }
        let bytes = try open.key.open(row.sealed, context: Self.context(open.record.id, row.version))
        let content = try JSON.parseObject(bytes)
        guard let code = content.string("code"), let officer = content.string("by") else {
            throw RumdulError.internal("civil.cause")
        }
        return CauseOfDeath(code: code, version: row.version, statedAt: row.at, statedBy: officer)
    }

    private static func context(_ record: String, _ version: Int) -> [UInt8] {
        Array("civil cause \(record) \(version)".utf8)
    }
}

/// The cause on its way through the gate.
private struct StatedCause: AttributeSource {
    let code: String?

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        ProtectedAttributes(code.map { [.causeOfDeath: .string($0)] } ?? [:])
    }
}
