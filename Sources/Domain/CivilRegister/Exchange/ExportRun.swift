import Accountability
import Codecs
import Crypto
import Kernel
import Ledger
import PopulationRegister

/// Takes the registers out as files: `records.ndjson` (every record), `persons.ndjson`, and in the columns of an import
/// `person.csv` and one for each kind of event (`birth.csv`, `marriage.csv` ...); last the manifest, without which the export is not whole.
public struct ExportRun {
    /// What came out.
    public struct Report: Sendable, Hashable {
        public var records = 0
        public var people = 0
        public var job = ""
    }

    /// The name of the manifest.
    public static let manifest = "manifest.json"
    /// Marriages before what ends them, deaths last, so that an import in this order finds everybody alive.
    static let kinds: [VitalEventKind] = ImportKind.allCases.compactMap(\.event)

    private let register: CivilRegister
    private let ledger: Ledger
    private let order: ExportOrder
    /// Appends text to a file of a name.
    private let write: (String, String) throws -> Void
    private var codes: [PersonID: String] = [:]
    private var known: Set<PersonID> = []
    private var files: [String: (hash: SHA256, size: Int, lines: Int)] = [:]
    private var counts: [VitalEventKind: Int] = [:]
    private var report = Report()

    public init(
        _ register: CivilRegister, ledger: Ledger, _ order: ExportOrder,
        write: @escaping (String, String) throws -> Void
    ) {
        self.register = register
        self.ledger = ledger
        self.order = order
        self.write = write
    }

    /// Writes everything. Throws `officer.forbidden`, `civil.invalid` without a basis.
    public mutating func run(progress: (Report) -> Void = { _ in }) async throws -> Report {
        report.job = try await register.openExport(order)
        try begin()
        for kind in Self.kinds where order.kinds?.contains(kind) ?? true {
            var after = ""
            while true {
                let page = try await register.exportRecords(kind, after: after, order, job: report.job, known: known)
                try people(page)
                for (record, _) in page.records { try self.record(record) }
                progress(report)
                guard let last = page.last else { break }
                after = last
            }
        }
        var after = ""
        while order.isFull {
            let page = try await register.exportPeople(after: after, order, job: report.job, known: known)
            try people(page)
            progress(report)
            guard let last = page.last else { break }
            after = last
        }
        try await register.closeExport(report.job, order, records: report.records, people: report.people)
        try await finish()
        return report
    }

    // MARK: Within

    private mutating func begin() throws {
        for kind in ImportKind.allCases where kind.event.map({ order.kinds?.contains($0) ?? true }) ?? true {
            try append(kind.rawValue + ".csv", CSVText.line(kind.columns))
        }
        try append("records.ndjson", "")
        try append("persons.ndjson", "")
    }

    private mutating func people(_ page: ExportPage) throws {
        for (person, facts) in page.people {
            known.insert(person)
            codes[person] = facts[.kidc]?.stringValue
            report.people += 1
            let cells = Self.cells(facts)
            // Who is merged or not yet registered is no person of another register.
            if facts[.civilRecord]?["record"]?.stringValue == "active" {
                try append("person.csv", CSVText.line(PersonColumns.all.map { cells[$0] ?? "" }))
            }
            var object = JSONObject(
                PersonColumns.all.compactMap { name in
                    cells[name].flatMap { $0.isEmpty ? nil : (name == "code" ? "kidc" : name, .string($0)) }
                })
            object["life"] = facts[.civilRecord]?["life"]
            object["record"] = facts[.civilRecord]?["record"]
            try append("persons.ndjson", JSON.text(.object(object)) + "\n")
        }
    }

    private mutating func record(_ record: VitalRecord) throws {
        report.records += 1
        counts[record.kind, default: 0] += 1
        try append("records.ndjson", JSON.text(.object(json(record))) + "\n")
        guard record.state == .registered, let kind = ImportKind(rawValue: record.kind.rawValue) else { return }
        var cells = record.declaration.values
        cells["number"] = record.number
        cells["office"] = record.office
        cells["legacy.date"] = record.declaration["legacy.date"] ?? record.registeredAt?.dayInCambodia.description
        for (role, person) in record.persons { if let code = codes[person] { cells[role.field("person")] = code } }
        try append(kind.rawValue + ".csv", CSVText.line(kind.columns.map { cells[$0] ?? "" }))
    }

    private func json(_ record: VitalRecord) -> JSONObject {
        var object: JSONObject = [
            "id": .string(record.id), "kind": .string(record.kind.rawValue), "state": .string(record.state.rawValue),
            "tracking": .string(record.trackingID), "office": .string(record.office),
            "version": .integer(Int64(record.version)), "actions": .integer(record.sequence),
            "sealed": .bool(record.isSealed), "legacy": .bool(record.isLegacy),
            "lateness": .string(record.lateness.rawValue), "declaration": record.declaration.json,
        ]
        object["number"] = record.number.map { .string($0) }
        object["declared_at"] = record.declaredAt.map { .string($0.rfc3339) }
        object["registered_at"] = record.registeredAt.map { .string($0.rfc3339) }
        object["rules"] = record.rules.map { .string($0) }
        object["predecessor"] = record.predecessor.map { .string($0) }
        object["successor"] = record.successor.map { .string($0) }
        let persons = record.persons.sorted { $0.key.rawValue < $1.key.rawValue }
        object["persons"] = .object(
            JSONObject(persons.compactMap { role, person in codes[person].map { (role.rawValue, .string($0)) } }))
        object["evidence"] = .strings(record.evidence)
        object["certificates"] = .strings(record.certificates.map(\.number))
        return object
    }

    private static func cells(_ facts: DisclosedAttributes) -> [String: String] {
        var cells: [String: String] = [:]
        cells["code"] = facts[.kidc]?.stringValue
        cells["family_km"] = facts[.familyNameKhmer]?.stringValue
        cells["given_km"] = facts[.givenNameKhmer]?.stringValue
        cells["family_latin"] = facts[.familyName]?.stringValue
        cells["given_latin"] = facts[.givenName]?.stringValue
        cells["sex"] = facts[.gender]?.stringValue
        cells["birthdate"] = facts[.birthdate]?["date"]?.stringValue
        cells["birth_place"] = facts[.birthdate]?["place"]?.stringValue
        cells["nationality"] = facts[.nationality]?["status"]?.stringValue
        cells["country"] = facts[.nationality]?["country"]?.stringValue
        cells["residence"] = facts[.address]?["place"]?.stringValue
        return cells
    }

    private mutating func append(_ name: String, _ text: String) throws {
        var file = files[name] ?? (SHA256(), 0, 0)
        let bytes = Array(text.utf8)
        file.hash.update(data: bytes)
        file.size += bytes.count
        file.lines += bytes.count { $0 == 10 }
        files[name] = file
        try write(name, text)
    }

    private mutating func finish() async throws {
        _ = try await ledger.checkpoint()
        var list = JSONObject()
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            let digest = Hex.encode(Array(file.hash.finalize()))
            list[name] = [
                "sha256": .string(digest), "size": .integer(Int64(file.size)), "lines": .integer(Int64(file.lines)),
            ]
        }
        var manifest: JSONObject = [
            "v": 1, "export": .string(report.job), "created_at": .string(register.ambient.now().rfc3339),
            "officer": .string(order.officer.id), "basis": .string(order.basis),
            "sealed": .bool(order.withSealed), "full": .bool(order.isFull), "people": .integer(Int64(report.people)),
            "records": .object(
                JSONObject(
                    counts.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                        ($0.key.rawValue, .integer(Int64($0.value)))
                    })), "files": .object(list),
        ]
        manifest["since"] = order.since.map { .string($0.description) }
        manifest["checkpoint"] = try await ledger.exportCheckpoint().map { .string($0.statement) }
        try write(Self.manifest, JSON.text(.object(manifest)) + "\n")
    }
}
