import Accountability
import Codecs
import Crypto
import Database
import Kernel
import PopulationRegister
import VitalStatistics

/// The cause of a death as it was last stated.
public struct CauseOfDeath: Sendable, Hashable {
    /// The underlying cause, of ICD-10 or ICD-11; `nil` while nobody coded what a physician certified.
    public let code: String?
    /// The medical certificate; `nil` when only a code was stated.
    public let certificate: MedicalCertificate?
    /// How often it was stated: 1, 2, 3 ...
    public let version: Int
    public let statedAt: Instant
    /// The officer who stated it.
    public let statedBy: String
}

extension CivilRegister {
    /// States the underlying cause of a registered death, or states it anew. It comes after registration and never delays
    /// it; registrars neither write nor see it. It is sealed with the record's key; the audit trail says that a cause was
    /// stated and not which. A certificate that is there stays.
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
        try await state(id, by: step, expectedVersion: nil) { _, known in
            known?.code == code.text ? nil : (code.text, known?.certificate)
        }
    }

    /// Enters the medical certificate of a registered death in the form of the World Health Organization, or enters it
    /// anew: what was stated before is kept under its version, the last one counts. As `setCause(_:underlying:by:)` for
    /// sealing, audit and refusals; `civil.invalid` names every field that was refused.
    /// - Parameters:
    ///   - raw: what was typed, by the identifiers of `MedicalForm`.
    ///   - expectedVersion: the statement that the officer looked at, 0 for none; another one since: `civil.changed`.
    public func certifyCause(
        _ id: String, _ raw: [String: String], expectedVersion: Int?, by step: CivilStep
    ) async throws {
        let today = ambient.now().dayInCambodia
        try await state(id, by: step, expectedVersion: expectedVersion) { record, known in
            let (certificate, code) = try MedicalCertificate.check(raw, about: record.declaration, today: today)
            var text = code?.text
            if text == nil, let before = known?.certificate, certificate.tellsSameChain(as: before) {
                text = known?.code
            }
            return known?.certificate == certificate && known?.code == text ? nil : (text, certificate)
        }
    }

    /// Writes one more statement about a death; `nothing` when the body finds that it says what is there already.
    private func state(
        _ id: String, by step: CivilStep, expectedVersion: Int?,
        _ body: @escaping @Sendable (VitalRecord, CauseOfDeath?) throws -> (code: String?, MedicalCertificate?)?
    ) async throws {
        try await database.transaction { connection in
            try await connection.lock("civil:" + id)
            let (open, actor) = try await death(id, step.officer, .medicalWrite, in: connection)
            guard open.record.kind.endsLife, open.record.state == .registered else { throw RumdulError.civilState }
            if let expected = step.expected, expected != open.record.sequence { throw RumdulError.civilChanged }
            let known = try await cause(open, in: connection)
            guard let (code, certificate) = try body(open.record, known) else { return }
            if let expectedVersion, expectedVersion != known?.version ?? 0 { throw RumdulError.civilChanged }
            let version = (known?.version ?? 0) + 1
            var content: JSONObject = ["by": .string(step.officer.id)]
            content["code"] = code.map(JSONValue.string)
            content["certificate"] = certificate?.json
            let sealed = try open.key.seal(JSON.bytes(content), context: Self.context(id, version))
            try await StatisticsStore().insertCause(
                sealed, version: version, isCoded: code != nil, of: id, at: ambient.now(), in: connection)
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
            try await tell(open.record, found, [.causeOfDeath], to: officer, as: actor, traceID, in: connection)
            return found
        }
    }

    /// The entry in the journal of the deceased about what a medical officer is shown.
    func tell(
        _ record: VitalRecord, _ cause: CauseOfDeath?, _ attributes: [AttributeName], to officer: Officer,
        as actor: Actor, _ traceID: String, in connection: any SQLConnection
    ) async throws {
        guard let person = record.persons[.deceased] else { return }
        let request = DisclosureRequest(
            subject: person, actor: actor, organisation: officer.organisation, system: "civil-register",
            service: "cause-of-death",
            purpose: Purpose(code: "cause-of-death", text: LocalizedText(km: "មូលហេតុមរណភាព", en: "Cause of death")),
            basis: .statute("KH-CRVSI-2023"), attributes: attributes, traceID: traceID,
            caseReference: record.number ?? record.trackingID)
        _ = try await gate.disclose(request, from: StatedCause(record: record.id, code: cause?.code), in: connection)
    }

    /// A record for a medical officer of its area; sealed ones are not there.
    func death(
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
        guard let officer = content.string("by") else { throw RumdulError.internal("civil.cause") }
        return CauseOfDeath(
            code: content.string("code"), certificate: try MedicalCertificate(json: content["certificate"]),
            version: row.version, statedAt: row.at, statedBy: officer)
    }

    private static func context(_ record: String, _ version: Int) -> [UInt8] {
        Array("civil cause \(record) \(version)".utf8)
    }
}

/// The cause on its way through the gate.
private struct StatedCause: AttributeSource {
    let record: String
    let code: String?

    func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        var values: [AttributeName: JSONValue] = [.civilRecord: .strings([record])]
        if let code { values[.causeOfDeath] = .string(code) }
        return ProtectedAttributes(values.filter { names.contains($0.key) })
    }
}
