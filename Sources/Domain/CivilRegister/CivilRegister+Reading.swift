import Accountability
import Codecs
import Database
import Kernel
import KhmerText
import PopulationRegister

/// A record that an officer opened: the entries in the journals of the people in it are written.
public struct OpenedRecord: Sendable {
    public let record: VitalRecord
    public let history: [RecordAction]
}

/// A record in a list: what an officer needs to choose it. Names are those of the people whom it is about; in lists
/// that nobody searched for, those of registered persons are masked, since looking at a list writes no access entries.
public struct RecordSummary: Sendable {
    public let id: String
    public let kind: VitalEventKind
    public let state: VitalRecordState
    public let trackingID: String
    public let number: String?
    public let office: String
    public let changedAt: Instant
    public let nameKhmer: String
    public let nameLatin: String
    public let occurredOn: String?
    public let lateness: Lateness
    public let pending: VitalRecord.PendingStep.Kind?
    public let flags: [String]
}

/// The lists of an office.
public enum CivilQueue: String, Sendable, CaseIterable {
    case drafts, notices, returned, toVerify, toApprove, checking, checksFailed, toRegister, objections, corrections,
        revocations, duplicates, registered

    /// The rights each of which opens it.
    public var permissions: [Permission] {
        switch self {
        case .drafts, .notices, .returned: [.civilDeclare]
        case .toVerify: [.civilVerify]
        case .toApprove: [.civilLateApprove]
        case .toRegister, .checking: [.civilRegister]
        case .checksFailed: [.civilRegister, .civilVerify, .civilLateApprove]
        case .objections: [.civilRegister, .civilVerify]
        case .corrections: [.civilCorrectApprove]
        case .revocations: [.civilRevoke]
        case .duplicates, .registered: [.civilRead]
        }
    }

    /// Whether it is shown only while something is in it: most offices never have such a case.
    var isRare: Bool { self == .checking || self == .checksFailed }

    var states: [VitalRecordState] {
        switch self {
        case .drafts: [.draft]
        case .notices: [.notified]
        case .returned: [.returned]
        case .toVerify: [.declared]
        case .toApprove: [.declared, .verified]
        case .checking: [.verified]
        case .checksFailed: [.externalCheckFailed]
        case .toRegister: [.declared, .verified]
        case .objections: [.declared]
        case .corrections: [.registered]
        case .revocations: [.registered, .inactive, .revoked]
        case .duplicates: [.duplicateReview]
        case .registered: [.registered]
        }
    }

    /// Further conditions on the rows, by the law in force.
    func condition(_ pack: RulePack) -> String {
        let verified = pack.verifiedKinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return switch self {
        case .toVerify: "kind IN (\(verified))"
        case .toApprove: "needs_approval = 1"
        case .checking: "id IN (SELECT record_id FROM civil_checks WHERE state = 'waiting')"
        case .toRegister:
            """
            needs_approval = 0 AND pending IS NULL AND (state = 'verified' OR kind NOT IN (\(verified)))
            AND id NOT IN (SELECT record_id FROM civil_checks WHERE state = 'waiting')
            """
        case .corrections: "pending = 'correction'"
        case .objections: "pending = 'objection'"
        case .revocations: "pending IN ('revocation', 'reinstatement', 'replacement')"
        default: "1 = 1"
        }
    }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .drafts: LocalizedText(km: "ព្រាង", en: "Drafts")
        case .notices: LocalizedText(km: "សេចក្តីជូនដំណឹង", en: "Notices")
        case .returned: LocalizedText(km: "ត្រឡប់មកកែ", en: "Returned")
        case .toVerify: LocalizedText(km: "ត្រូវផ្ទៀងផ្ទាត់", en: "To verify")
        case .toApprove: LocalizedText(km: "យឺត ត្រូវអនុញ្ញាត", en: "Late, to approve")
        case .checking: LocalizedText(km: "កំពុងពិនិត្យខាងក្រៅ", en: "Waiting for the external check")
        case .checksFailed: LocalizedText(km: "ការពិនិត្យខាងក្រៅមិនបានជោគជ័យ", en: "External check failed")
        case .toRegister: LocalizedText(km: "ត្រូវចុះបញ្ជី", en: "To register")
        case .objections: LocalizedText(km: "ការតវ៉ា", en: "Objections")
        case .corrections: LocalizedText(km: "ការកែតម្រូវ", en: "Corrections")
        case .revocations: LocalizedText(km: "ការដកហូត", en: "Revocations")
        case .duplicates: LocalizedText(km: "ភាពស្ទួន", en: "Duplicates")
        case .registered: LocalizedText(km: "បានចុះបញ្ជី", en: "Registered")
        }
    }
}

extension CivilRegister: AttributeSource {
    /// The record itself leaves through `view`; the gate is told which record it was.
    public func protectedAttributes(
        of subject: PersonID, _ names: [AttributeName], in connection: any SQLConnection
    ) async throws -> ProtectedAttributes {
        let ids = try await store.records(of: subject.text, in: connection).filter { !$0.isSealed }.map(\.id)
        return ProtectedAttributes([.civilRecord: .strings(ids)])
    }
}

extension CivilRegister {
    /// Opens a record for an officer. Every registered person in it gets an access entry, all in the transaction that
    /// reads.
    ///
    /// Throws `officer.forbidden`, `civil.not_found` (also for sealed records and those of other areas).
    public func view(_ id: String, by officer: Officer, traceID: String) async throws -> OpenedRecord {
        try await database.transaction { connection in
            guard let row = try await store.record(id, in: connection), mayRead(row, officer) else {
                throw RumdulError.civilNotFound
            }
            let open = try await open(row, in: connection)
            try await disclose(open.record, to: officer, traceID: traceID, in: connection)
            return OpenedRecord(record: open.record, history: open.actions)
        }
    }

    /// The lists that an officer may open, with how many wait in each (1,000 at most).
    public func queues(of officer: Officer) async throws -> [(CivilQueue, Int)] {
        var counts: [(CivilQueue, Int)] = []
        for queue in CivilQueue.allCases where queue != .registered && !areas(officer, queue).isEmpty {
            let rows = try await rows(queue, of: officer, limit: 1_000)
            if queue.isRare, rows.isEmpty { continue }
            counts.append((queue, rows.count))
        }
        return counts
    }

    /// A list of an officer, longest waiting first. Throws `officer.forbidden`.
    public func list(_ queue: CivilQueue, of officer: Officer, limit: Int = 50) async throws -> [RecordSummary] {
        guard !areas(officer, queue).isEmpty else { throw RumdulError.officerForbidden }
        let rows = try await rows(queue, of: officer, limit: limit)
        return try await database.read { connection in
            var summaries: [RecordSummary] = []
            for row in rows {
                summaries.append(RecordSummary(row, try await open(row, in: connection).record, masked: true))
            }
            return summaries
        }
    }

    // MARK: Within

    func mayRead(_ row: RecordRow, _ officer: Officer) -> Bool {
        officer.may(.civilRead, in: row.office) && (!row.isSealed || officer.may(.civilSeal, in: row.office))
    }

    func areas(_ officer: Officer, _ permission: Permission) -> [String] {
        guard officer.state == .active else { return [] }
        let areas = officer.grants.filter { $0.role.permissions.contains(permission) }.map { grant in
            if case .area(let code) = grant.jurisdiction { code } else { "" }
        }
        return areas.contains("") ? [""] : Array(Set(areas)).sorted()
    }

    private func areas(_ officer: Officer, _ queue: CivilQueue) -> [String] {
        let areas = Set(queue.permissions.flatMap { self.areas(officer, $0) })
        return areas.contains("") ? [""] : areas.sorted()
    }

    private func rows(_ queue: CivilQueue, of officer: Officer, limit: Int) async throws -> [RecordRow] {
        let areas = areas(officer, queue)
        let pack = RulePack.inForce(on: ambient.now().dayInCambodia)
        return try await database.read { connection in
            var rows: [String: RecordRow] = [:]
            for area in areas {
                for row in try await store.queue(
                    queue.states, area: area, condition: queue.condition(pack), limit: limit, in: connection)
                where !row.isSealed || officer.may(.civilSeal, in: row.office) {
                    rows[row.id] = row
                }
            }
            return Array(rows.values.sorted { ($0.changedAt, $0.id) < ($1.changedAt, $1.id) }.prefix(limit))
        }
    }

    func disclose(
        _ record: VitalRecord, to officer: Officer, _ permission: Permission = .civilRead, traceID: String,
        in connection: any SQLConnection
    ) async throws {
        for person in Set(record.persons.values).sorted(by: { $0.text < $1.text }) {
            guard try await people.state(of: person, in: connection) != nil else { continue }
            let request = try request(
                about: person, officer, permission, record, [.civilRecord], traceID: traceID)
            _ = try await gate.disclose(request, from: self, in: connection)
        }
    }

    func request(
        about person: PersonID, _ officer: Officer, _ permission: Permission, _ record: VitalRecord,
        _ attributes: [AttributeName], traceID: String
    ) throws -> DisclosureRequest {
        DisclosureRequest(
            subject: person, actor: try officer.acting(permission, in: record.office),
            organisation: officer.organisation, system: "civil-register", service: record.kind.rawValue,
            purpose: Purpose(
                code: "civil-registration",
                text: LocalizedText(km: "ការងារអត្រានុកូលដ្ឋាន", en: "Work on a record of civil status")),
            basis: .statute("KH-CRVSI-2023"), attributes: attributes, traceID: traceID,
            caseReference: record.number ?? record.trackingID)
    }
}

extension RecordSummary {
    init(_ row: RecordRow, _ record: VitalRecord, masked: Bool) {
        func names(latin: Bool) -> String {
            record.kind.subjects.compactMap { role in
                guard let name = record.declaration.name(role, latin: latin)?.full else { return nil }
                guard masked, record.persons[role] != nil, record.state != .verified else { return name }
                return latin ? String(name.unicodeScalars.prefix(1)) + "…" : KhmerText.masked(name)
            }.joined(separator: " · ")
        }
        self.init(
            id: row.id, kind: row.kind, state: row.state, trackingID: row.trackingID, number: row.number,
            office: row.office, changedAt: row.changedAt, nameKhmer: names(latin: false), nameLatin: names(latin: true),
            occurredOn: record.declaration["event.date"], lateness: record.lateness, pending: record.pending?.kind,
            flags: record.flags)
    }
}
