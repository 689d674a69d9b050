import Kernel

/// One line of the file of changes.
struct GazetteerChange: Sendable {
    enum Kind: String {
        case added, removed
        case renamedKhmer = "renamed_km"
        case renamedLatin = "renamed_latin"
    }

    let line: Int
    let day: CalendarDate
    let code: PlaceCode
    let kind: Kind
    let khmerBefore: String
    let khmerAfter: String
    let latinBefore: String
    let latinAfter: String

    /// The changes of a file. Refused lines go into the report.
    static func read(_ lines: [CSVLine], _ report: inout GazetteerReport) -> [GazetteerChange] {
        var changes: [GazetteerChange] = []
        for line in lines {
            let fields = line.fields
            guard let day = CalendarDate(iso: fields[0]) else {
                report.refuse(line.number, .badDate)
                continue
            }
            guard let code = PlaceCode(fields[2]), PlaceLevel(name: fields[1]) == code.level else {
                report.refuse(line.number, .badCode)
                continue
            }
            guard let kind = Kind(rawValue: fields[3]) else {
                report.refuse(line.number, .unknownChange)
                continue
            }
            guard kind == .added || GazetteerImport.isKhmerName(fields[4]),
                kind == .removed || GazetteerImport.isKhmerName(fields[5])
            else {
                report.refuse(line.number, .badName)
                continue
            }
            changes.append(
                GazetteerChange(
                    line: line.number, day: day, code: code, kind: kind, khmerBefore: fields[4], khmerAfter: fields[5],
                    latinBefore: fields[6], latinAfter: fields[7]))
        }
        return changes
    }

    /// Who followed a removed code: the one code that was added in the same province, on the same level and day, with
    /// the same Khmer name, when no other removed code has an equal claim. A split or a merger of places is not
    /// guessed.
    static func successors(_ changes: [GazetteerChange]) -> [PlaceCode: PlaceCode] {
        struct Key: Hashable {
            let day: CalendarDate
            let level: PlaceLevel
            let province: PlaceCode
            let name: [UInt8]
        }
        var added: [Key: [PlaceCode]] = [:]
        var removed: [Key: [PlaceCode]] = [:]
        for change in changes where change.kind == .added || change.kind == .removed {
            let name = change.kind == .added ? change.khmerAfter : change.khmerBefore
            let key = Key(
                day: change.day, level: change.code.level, province: change.code.province, name: Array(name.utf8))
            if change.kind == .added { added[key, default: []].append(change.code) }
            if change.kind == .removed { removed[key, default: []].append(change.code) }
        }
        var successors: [PlaceCode: PlaceCode] = [:]
        for (key, old) in removed {
            if old.count == 1, let new = added[key], new.count == 1 { successors[old[0]] = new[0] }
        }
        return successors
    }

    enum Timeline {
        case versions([Place])
        case refused(line: Int, LocalizedText)
    }

    /// The versions of one code that its changes and the present list tell of together. Changes that are already part
    /// of the known versions lead to the same versions again.
    static func timeline(
        of code: PlaceCode, _ history: [GazetteerChange], present: [Place], successors: [PlaceCode: PlaceCode]
    ) -> Timeline {
        let history = history.enumerated().sorted { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }.map(
            \.element)
        guard let first = history.first else { return .versions(present) }
        let kind = present.last?.kind ?? (code.level == .village ? .phum : .unspecified)
        var versions: [Place] = []
        // The version that is open at this point of the walk through time.
        var open: Place? =
            first.kind == .added
            ? nil : Place(code: code, kind: kind, nameKhmer: first.khmerBefore, nameLatin: first.latinBefore)
        for change in history {
            switch (change.kind, open) {
            case (.added, nil):
                open = Place(
                    code: code, kind: kind, nameKhmer: change.khmerAfter, nameLatin: change.latinAfter,
                    validFrom: change.day)
            case (.removed, let place?):
                versions.append(
                    place.valid(
                        from: place.validFrom, to: change.day, successors: [successors[code]].compactMap(\.self)))
                open = nil
            case (.renamedKhmer, let place?), (.renamedLatin, let place?):
                if place.validFrom != change.day { versions.append(place.valid(from: place.validFrom, to: change.day)) }
                open = Place(
                    code: code, kind: kind, nameKhmer: change.khmerAfter, nameLatin: change.latinAfter,
                    validFrom: change.day)
            default:
                return .refused(line: change.line, .impossibleChange)
            }
        }
        let listed = present.last { $0.validTo == nil }
        if let place = open {
            // The present list knows the names best.
            let names = listed ?? place
            versions.append(
                Place(
                    code: code, kind: names.kind, nameKhmer: names.nameKhmer, nameLatin: names.nameLatin,
                    validFrom: place.validFrom))
        } else if listed != nil {
            return .refused(line: history[history.count - 1].line, .stillListed)
        }
        return .versions(versions)
    }
}
