import Database
import Kernel

/// What an import did, or why it did nothing.
public struct GazetteerReport: Sendable, Hashable {
    /// Versions of places that are new.
    public internal(set) var added = 0
    /// Codes whose versions were changed.
    public internal(set) var changed = 0
    /// Codes about which the file says what was known already.
    public internal(set) var unchanged = 0
    /// The refused lines, at most 1,000, in order. When there is one, nothing was written.
    public internal(set) var refused: [RefusedLine] = []

    mutating func refuse(_ line: Int, _ reason: LocalizedText) {
        if refused.count < 1000 { refused.append(RefusedLine(line, reason)) }
    }
}

/// Reads the published lists into the gazetteer (`rumdul admin import gazetteer FILE`). Two forms, told apart by their
/// header:
///
/// * places: `code,level,parent_code,unit_en,unit_km,unit_latin,name_km,name_latin,name_ungegn[,iso3166_2]`, each code
///   once;
/// * changes: `recorded_on,level,code,change,name_km_before,name_km_after,name_latin_before,name_latin_after`, with
///   `change` one of `added`, `removed`, `renamed_km`, `renamed_latin`: the history of codes, joined to what is known
///   of the present.
///
/// Importing the same file twice changes nothing the second time.
struct GazetteerImport: Sendable {
    static let placesHeader = [
        "code", "level", "parent_code", "unit_en", "unit_km", "unit_latin", "name_km", "name_latin", "name_ungegn",
    ]
    static let changesHeader = [
        "recorded_on", "level", "code", "change", "name_km_before", "name_km_after", "name_latin_before",
        "name_latin_after",
    ]

    /// From when differing names hold; `nil` corrects in place.
    let effectiveFrom: CalendarDate?

    func run(_ bytes: [UInt8], store: ReferenceStore, database: any Database) async throws -> GazetteerReport {
        let (header, lines, malformed) = CSVReader.read(bytes)
        var report = GazetteerReport()
        for line in malformed { report.refuse(line.line, line.reason) }
        if header == Self.placesHeader || header == Self.placesHeader + ["iso3166_2"] {
            let listed = Self.places(lines, &report)
            guard report.refused.isEmpty else { return report }
            return try await importPlaces(listed, report, store: store, database: database)
        }
        if header == Self.changesHeader {
            let changes = GazetteerChange.read(lines, &report)
            guard report.refused.isEmpty else { return report }
            do {
                return try await importChanges(changes, report, store: store, database: database)
            } catch let refused as RefusedImport {
                return refused.report
            }
        }
        if report.refused.isEmpty { report.refuse(1, .unknownHeader) }
        return report
    }

    /// The places of a list. Refused lines go into the report.
    private static func places(_ lines: [CSVLine], _ report: inout GazetteerReport) -> [(line: Int, place: Place)] {
        var seen: Set<PlaceCode> = []
        var places: [(Int, Place)] = []
        for line in lines {
            guard let code = PlaceCode(line.fields[0]), PlaceLevel(name: line.fields[1]) == code.level else {
                report.refuse(line.number, .badCode)
                continue
            }
            guard line.fields[2] == code.parent?.text ?? "" else {
                report.refuse(line.number, .badParent)
                continue
            }
            let kind = PlaceKind.allCases.first {
                $0 != .unspecified && $0.word.km.utf8.elementsEqual(line.fields[4].utf8)
            }
            guard let kind, kind.belongs(to: code.level) else {
                report.refuse(line.number, .badUnit)
                continue
            }
            guard isKhmerName(line.fields[6]) else {
                report.refuse(line.number, .badName)
                continue
            }
            guard seen.insert(code).inserted else {
                report.refuse(line.number, .duplicateCode)
                continue
            }
            places.append(
                (line.number, Place(code: code, kind: kind, nameKhmer: line.fields[6], nameLatin: line.fields[7])))
        }
        return places
    }

    /// A name of at most 120 scalars with at least one Khmer letter or digit, and no spaces at its ends.
    static func isKhmerName(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last, scalars.count <= 120, first != " ", last != " " else {
            return false
        }
        return scalars.contains { (0x1780...0x17E9).contains($0.value) }
    }

    private func importPlaces(
        _ listed: [(line: Int, place: Place)], _ start: GazetteerReport, store: ReferenceStore, database: any Database
    ) async throws -> GazetteerReport {
        let effectiveFrom = effectiveFrom
        return try await database.transaction { connection in
            try await connection.lock("reference:places")
            var report = start
            let levels = Set(listed.flatMap { [$0.place.code.level, $0.place.parent?.level].compactMap(\.self) })
            let known = Dictionary(
                grouping: try await store.all(PlaceLevel.allCases.filter(levels.contains), in: connection), by: \.code)
            let inFile = Set(listed.map(\.place.code))
            var rows: [Place] = []
            for (line, place) in listed {
                if let parent = place.parent, !inFile.contains(parent), known[parent] == nil {
                    report.refuse(line, .unknownParent)
                    continue
                }
                let change = Self.merge(place, into: known[place.code] ?? [], effectiveFrom: effectiveFrom)
                if change.isEmpty {
                    report.unchanged += 1
                } else if known[place.code] == nil {
                    report.added += 1
                } else {
                    report.changed += 1
                }
                rows += change
            }
            guard report.refused.isEmpty else { return GazetteerReport(refusedOnly: report) }
            try await store.save(rows, in: connection)
            return report
        }
    }

    /// The rows to write so that a listed place is the present version; none when it is already.
    private static func merge(_ listed: Place, into versions: [Place], effectiveFrom: CalendarDate?) -> [Place] {
        guard let present = versions.last(where: { $0.validTo == nil }) else {
            return [listed.valid(from: effectiveFrom ?? versions.compactMap(\.validTo).max(), to: nil)]
        }
        if present.kind == listed.kind, present.nameKhmer.utf8.elementsEqual(listed.nameKhmer.utf8),
            present.nameLatin.utf8.elementsEqual(listed.nameLatin.utf8)
        {
            return []
        }
        if let effectiveFrom, present.validFrom.map({ $0 < effectiveFrom }) ?? true {
            return [
                present.valid(from: present.validFrom, to: effectiveFrom), listed.valid(from: effectiveFrom, to: nil),
            ]
        }
        return [listed.valid(from: present.validFrom, to: nil)]
    }

    private func importChanges(
        _ changes: [GazetteerChange], _ start: GazetteerReport, store: ReferenceStore, database: any Database
    ) async throws -> GazetteerReport {
        try await database.transaction { connection in
            try await connection.lock("reference:places")
            var report = start
            let known = Dictionary(grouping: try await store.all(PlaceLevel.allCases, in: connection), by: \.code)
            let successors = GazetteerChange.successors(changes)
            var rows: [Place] = []
            for (code, history) in Dictionary(grouping: changes, by: \.code).sorted(by: { $0.key < $1.key }) {
                let before = known[code] ?? []
                switch GazetteerChange.timeline(of: code, history, present: before, successors: successors) {
                case .refused(let line, let reason):
                    report.refuse(line, reason)
                case .versions(let versions) where versions == before:
                    report.unchanged += 1
                case .versions(let versions):
                    if before.isEmpty { report.added += versions.count } else { report.changed += 1 }
                    if !before.isEmpty { try await store.remove(code, in: connection) }
                    rows += versions
                }
            }
            guard report.refused.isEmpty else { throw RefusedImport(report: GazetteerReport(refusedOnly: report)) }
            try await store.save(rows, in: connection)
            return report
        }
    }
}

/// Carries the report out of a transaction that must write nothing.
struct RefusedImport: Error {
    let report: GazetteerReport
}

extension GazetteerReport {
    init(refusedOnly report: GazetteerReport) {
        self.init()
        refused = report.refused.sorted { $0.line < $1.line }
    }
}

extension Place {
    func valid(from: CalendarDate?, to: CalendarDate?, successors: [PlaceCode]? = nil) -> Place {
        Place(
            code: code, kind: kind, nameKhmer: nameKhmer, nameLatin: nameLatin, validFrom: from, validTo: to,
            successors: successors ?? self.successors)
    }
}
