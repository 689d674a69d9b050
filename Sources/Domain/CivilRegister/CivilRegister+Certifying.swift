import Accountability
import Codecs
import Crypto
import Database
import Kernel
import PopulationRegister

/// What a certificate is made from: the record as it stood, and the codes of the persons on it.
public struct CertificateDraft: Sendable {
    public let number: String
    public let kind: CertificateKind
    public let record: VitalRecord
    /// The identification codes by role, for those who have one.
    public let codes: [ParticipantRole: String]
    /// When it is issued; documents made from the same draft are the same.
    public let issuedAt: Instant
    /// Whether a printed field changed since, or the record is no longer in force.
    public let isSuperseded: Bool
}

extension CivilRegister {
    private var certificates: CertificateStore { CertificateStore() }

    /// Takes the next number for a certificate of a registered event. Everybody registered in it gets access entries.
    /// Throws `officer.forbidden`, `civil.not_found`, `civil.state`.
    public func draftCertificate(
        of id: String, _ kind: CertificateKind, by officer: Officer, traceID: String
    ) async throws -> CertificateDraft {
        try await database.transaction { connection in
            guard let row = try await store.record(id, in: connection), mayRead(row, officer) else {
                throw RumdulError.civilNotFound
            }
            try officer.require(.civilCertify, in: row.office)
            let record = try await open(row, in: connection).record
            guard record.allows(.certify) else { throw RumdulError.civilState }
            let year = ambient.now().dayInCambodia.year
            let serial = try await store.next("C-\(record.office)-\(year)", in: connection)
            guard serial <= 99_999 else { throw RumdulError.civilNumbers }
            return CertificateDraft(
                number: RegistrationNumber.certificate(commune: record.office, year: year, serial: serial), kind: kind,
                record: record, codes: try await codes(record, officer, .civilCertify, traceID, in: connection),
                issuedAt: ambient.now(), isSuperseded: false)
        }
    }

    /// Issues the certificate that was made from a draft; its digest stands in the signed history. Throws
    /// `civil.changed` when the record changed since the draft, `officer.forbidden`, `civil.state`.
    public func issue(_ draft: CertificateDraft, document: [UInt8], by step: CivilStep) async throws -> VitalRecord {
        let digest = Base64URL.encode(Array(SHA256.hash(data: document)))
        return try await self.step(on: draft.record.id, step) { open, connection in
            let actor = try actor(step.officer, .civilCertify, in: open.record.office)
            guard open.record.version == draft.record.version, open.record.state == draft.record.state else {
                throw RumdulError.civilChanged
            }
            var content = ActionContent()
            content.item = "\(draft.number) \(draft.kind.rawValue) \(digest)"
            try await append(.certify, content, to: &open, by: actor, step, in: connection)
            try await certificates.insert(
                draft.number, record: open.record.id, version: open.record.version, at: draft.issuedAt, in: connection)
        }
    }

    /// A certificate that was issued, as it was then, to show or print again. Throws `civil.not_found`.
    public func certificate(_ number: String, by officer: Officer, traceID: String) async throws -> CertificateDraft {
        try await database.transaction { connection in
            guard let id = try await certificates.record(of: number, in: connection),
                let row = try await store.record(id, in: connection), mayRead(row, officer)
            else { throw RumdulError.civilNotFound }
            let open = try await open(row, in: connection)
            guard let issued = open.record.certificates.first(where: { $0.number == number }),
                let end = open.actions.firstIndex(where: {
                    $0.kind == .certify && ($0.content.item ?? "").hasPrefix(number + " ")
                })
            else { throw RumdulError.civilChain }
            let then = try VitalRecord.fold(
                id: row.id, kind: row.kind, trackingID: row.trackingID, office: row.office, Array(open.actions[..<end]))
            return CertificateDraft(
                number: number, kind: issued.kind, record: then,
                codes: try await codes(then, officer, .civilRead, traceID, in: connection),
                issuedAt: try await certificates.issuedAt(number, in: connection) ?? issued.issuedAt,
                isSuperseded: issued.isSuperseded)
        }
    }

    private func codes(
        _ record: VitalRecord, _ officer: Officer, _ permission: Permission, _ traceID: String,
        in connection: any SQLConnection
    ) async throws -> [ParticipantRole: String] {
        try await disclose(record, to: officer, permission, traceID: traceID, in: connection)
        var codes: [ParticipantRole: String] = [:]
        for role in record.kind.subjects {
            guard let person = record.persons[role],
                try await people.state(of: person, in: connection)?.record == .active
            else { continue }
            let request = try request(about: person, officer, permission, record, [.kidc], traceID: traceID)
            codes[role] = try await gate.disclose(request, from: people, in: connection)[.kidc]?.stringValue
        }
        return codes
    }
}
