import Accountability
import Database
import Kernel
import PopulationRegister

/// A registered death as a physician or coder sees it: whom it is about and when, and the certificate for who may see it.
public struct DeathForCertifier: Sendable {
    public let id: String
    public let number: String
    public let office: String
    public let sequence: Int64
    public let subject: MedicalForm.Subject
    /// What is shown of the declaration, in the order of its form.
    public let facts: [(field: FieldDefinition, value: String)]
    public let occurredOn: PartialDate?
    /// The number of the last statement, 0 when there is none.
    public let version: Int
    /// The last statement; `nil` for officers who may not see it.
    public let cause: CauseOfDeath?
}

/// A list of deaths for medical officers.
public enum CauseList: String, Sendable, CaseIterable {
    /// No cause was stated yet.
    case uncertified
    /// A certificate whose underlying cause nobody coded.
    case uncoded

    /// The right that opens it.
    public var permission: Permission {
        switch self {
        case .uncertified: .medicalWrite
        case .uncoded: .medicalRead
        }
    }

    fileprivate var condition: String {
        switch self {
        case .uncertified:
            """
            kind = 'death' AND state = 'registered'
            AND NOT EXISTS (SELECT 1 FROM civil_causes WHERE civil_causes.record_id = civil_records.id)
            """
        case .uncoded: "state = 'registered' AND id IN (SELECT record_id FROM civil_causes WHERE coded = 0)"
        }
    }

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .uncertified: LocalizedText(km: "មរណភាពគ្មានមូលហេតុ", en: "Deaths without a cause")
        case .uncoded: LocalizedText(km: "លិខិតបញ្ជាក់មិនទាន់ចុះកូដ", en: "Certificates to code")
        }
    }
}

extension CivilRegister {
    /// The lists that a medical officer may open, with how many wait in each (1,000 at most).
    public func causeLists(of officer: Officer) async throws -> [(CauseList, Int)] {
        var counts: [(CauseList, Int)] = []
        for list in CauseList.allCases where !areas(officer, list.permission).isEmpty {
            counts.append((list, try await rows(list, of: officer, limit: 1_000).count))
        }
        return counts
    }

    /// A list of deaths in an officer's areas, the latest first; names of registered persons are masked.
    /// Throws `officer.forbidden`.
    public func deaths(_ list: CauseList, of officer: Officer, limit: Int = 100) async throws -> [RecordSummary] {
        guard !areas(officer, list.permission).isEmpty else { throw RumdulError.officerForbidden }
        let rows = try await rows(list, of: officer, limit: limit)
        return try await database.read { connection in
            var summaries: [RecordSummary] = []
            for row in rows {
                summaries.append(RecordSummary(row, try await open(row, in: connection).record, masked: true))
            }
            return summaries
        }
    }

    /// The identifier of a registered death by its registration or tracking number, for a medical officer of its area.
    /// Nothing about anybody is told. Throws `officer.forbidden`, `civil.not_found`.
    public func death(numbered text: String, by officer: Officer) async throws -> String {
        guard !areas(officer, .medicalWrite).isEmpty else { throw RumdulError.officerForbidden }
        return try await database.read { connection in
            var row: RecordRow?
            if let number = RegistrationNumber(text) {
                row = try await store.record(number: number.text, in: connection)
            } else if let tracking = TrackingID(text) {
                row = try await store.record(tracking: tracking.text, in: connection)
            }
            guard let row, row.kind.endsLife, row.state == .registered else { throw RumdulError.civilNotFound }
            return try await death(row.id, officer, .medicalWrite, in: connection).0.record.id
        }
    }

    /// A death in force for an officer who states its cause. The statement is shown to who reads causes, and to who made it
    /// last; others write theirs anew. The entry in the journal of the deceased says which of both was shown.
    ///
    /// Throws `officer.forbidden`, `civil.not_found`, `civil.state`.
    public func deathToCertify(_ id: String, by officer: Officer, traceID: String) async throws -> DeathForCertifier {
        try await database.transaction { connection in
            let (open, actor) = try await death(id, officer, .medicalWrite, in: connection)
            let record = open.record
            guard record.kind.endsLife, record.state == .registered else { throw RumdulError.civilState }
            let stated = try await cause(open, in: connection)
            let maySee = officer.may(.medicalRead, in: record.office) || stated?.statedBy == officer.id
            let shown = maySee ? stated : nil
            try await tell(
                record, shown, shown == nil ? [.civilRecord] : [.civilRecord, .causeOfDeath], to: officer, as: actor,
                traceID, in: connection)
            let fields = EventForm.of(record.kind).fields.filter { Self.shownToCertifiers.contains($0.id) }
            return DeathForCertifier(
                id: record.id, number: record.number ?? record.trackingID, office: record.office,
                sequence: record.sequence, subject: MedicalForm.Subject(record.declaration),
                facts: fields.compactMap { field in record.declaration[field.id].map { (field, $0) } },
                occurredOn: record.declaration.occurredOn, version: stated?.version ?? 0, cause: shown)
        }
    }

    private static let shownToCertifiers: Set<String> = [
        "deceased.family_km", "deceased.given_km", "deceased.family_latin", "deceased.given_latin", "deceased.sex",
        "deceased.birthdate", "event.date", "event.time", "event.place", "event.place_kind", "event.facility",
    ]

    private func rows(_ list: CauseList, of officer: Officer, limit: Int) async throws -> [RecordRow] {
        let areas = areas(officer, list.permission)
        return try await database.read { connection in
            var rows: [String: RecordRow] = [:]
            for area in areas {
                let found = try await store.list(
                    list.condition + " AND is_sealed = 0 AND office >= $1 AND office <= $2", [area, area + "999999"],
                    order: "changed_at DESC", limit: limit, in: connection)
                for row in found { rows[row.id] = row }
            }
            return Array(rows.values.sorted { ($1.changedAt, $1.id) < ($0.changedAt, $0.id) }.prefix(limit))
        }
    }
}
