import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister

/// What an export takes out, for whom and why.
public struct ExportOrder: Sendable {
    public var officer: Officer
    /// The order or law; stands in the journal of everybody whose data leaves.
    public var basis: String
    /// `nil`: all kinds, and all people.
    public var kinds: Set<VitalEventKind>?
    /// Only records that changed on this day or later.
    public var since: CalendarDate?
    /// Sealed records too.
    public var withSealed = false

    public init(officer: Officer, basis: String) {
        self.officer = officer
        self.basis = basis
    }

    /// Whether people without a record of it belong to it.
    var isFull: Bool { kinds == nil && since == nil }
}

/// A page of an export: its records and the people who were not in it before.
struct ExportPage: Sendable {
    var records: [(record: VitalRecord, digests: [String])] = []
    var people: [(PersonID, DisclosedAttributes)] = []
    var last: String?
}

extension CivilRegister {
    /// Records and people that one transaction takes out.
    static let exportPage = 200

    /// Checks the order of an export and notes it in the audit trail; its identifier.
    /// Throws `officer.forbidden`, `civil.invalid` without a basis.
    func openExport(_ order: ExportOrder) async throws -> String {
        try order.officer.require(.civilExport, in: nil)
        if order.withSealed { try order.officer.require(.civilSeal, in: nil) }
        let basis = try Self.reason(order.basis, field: "basis")
        let id = ambient.newID()
        try await database.transaction { connection in
            try await audit.record(
                action: "civil.export_started", actor: try order.officer.acting(.civilExport, in: nil), subject: nil,
                details: [
                    "export": .string(id), "basis": .string(basis), "sealed": .bool(order.withSealed),
                    "kinds": .strings((order.kinds ?? []).map(\.rawValue).sorted()),
                    "since": order.since.map { .string($0.description) } ?? .null,
                ], in: connection)
        }
        return id
    }

    /// Notes that an export is whole.
    func closeExport(_ id: String, _ order: ExportOrder, records: Int, people: Int) async throws {
        try await database.transaction { connection in
            try await audit.record(
                action: "civil.export_finished", actor: try order.officer.acting(.civilExport, in: nil), subject: nil,
                details: [
                    "export": .string(id), "records": .integer(Int64(records)), "people": .integer(Int64(people)),
                ], in: connection)
        }
    }

    /// The next records of a kind. Everybody in them who was not disclosed before gets an access entry, in the transaction
    /// that reads.
    func exportRecords(
        _ kind: VitalEventKind, after id: String, _ order: ExportOrder, job: String, known: Set<PersonID>
    ) async throws -> ExportPage {
        try await database.transaction { connection in
            let ids = try await store.identifiers(
                of: kind, after: id, limit: Self.exportPage, in: connection)
            var page = ExportPage(last: ids.last)
            var new: [PersonID] = []
            let since = order.since.map { Instant(startOf: $0) }
            for row in try await store.records(ids, in: connection).sorted(by: { $0.id < $1.id }) {
                if row.isSealed, !order.withSealed { continue }
                if let since, row.changedAt < since { continue }
                let open = try await open(row, in: connection)
                page.records.append((open.record, open.actions.compactMap(\.content.item).filter { $0.contains(" ") }))
                for role in ParticipantRole.allCases {
                    guard let person = open.record.persons[role], !known.contains(person), !new.contains(person) else {
                        continue
                    }
                    if try await people.isReadable(person, in: connection) { new.append(person) }
                }
            }
            page.people = try await disclose(new, order, job: job, in: connection)
            return page
        }
    }

    /// The next people, those left out who were disclosed before.
    func exportPeople(
        after id: String, _ order: ExportOrder, job: String, known: Set<PersonID>
    ) async throws -> ExportPage {
        try await database.transaction { connection in
            let ids = try await people.identifiers(after: id, limit: Self.exportPage, in: connection)
            var page = ExportPage(last: ids.last?.text)
            page.people = try await disclose(ids.filter { !known.contains($0) }, order, job: job, in: connection)
            return page
        }
    }

    private func disclose(
        _ persons: [PersonID], _ order: ExportOrder, job: String, in connection: any SQLConnection
    ) async throws -> [(PersonID, DisclosedAttributes)] {
        let actor = try order.officer.acting(.civilExport, in: nil)
        let requests = persons.map { person in
            DisclosureRequest(
                subject: person, actor: actor, organisation: order.officer.organisation, system: "civil-register",
                service: "export",
                purpose: Purpose(
                    code: "register-export",
                    text: LocalizedText(km: "ការនាំចេញបញ្ជីទាំងមូល", en: "Export of the registers")),
                basis: .statute("KH-CRVSI-2023"), attributes: PopulationExport.attributes, traceID: job,
                caseReference: Self.short(order.basis))
        }
        return Array(zip(persons, try await gate.disclose(many: requests, from: people.export, in: connection)))
    }

    /// At most 200 bytes.
    private static func short(_ text: String) -> String {
        var kept = ""
        for character in text.unicodeScalars {
            guard kept.utf8.count + String(character).utf8.count <= 200 else { break }
            kept.unicodeScalars.append(character)
        }
        return kept
    }
}

extension CivilStore {
    func identifiers(
        of kind: VitalEventKind, after id: String, limit: Int, in connection: any SQLConnection
    ) async throws -> [String] {
        try await connection.query(
            "SELECT id FROM civil_records WHERE kind = $1 AND id > $2 ORDER BY id LIMIT \(limit)", [kind.rawValue, id]
        ).map { try $0.string(0) }
    }
}

extension Instant {
    /// Midnight in Cambodia (UTC+7).
    init(startOf day: CalendarDate) {
        self.init(microseconds: (Int64(day.daysSinceEpoch) * 86_400 - 7 * 3_600) * 1_000_000)
    }
}
