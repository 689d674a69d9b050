import Database
import Kernel
import KeyVault
import PopulationRegister
import VitalStatistics

extension CivilRegister {
    /// Writes, replaces or takes away the fact of a record, in the transaction of the action that changed it. The fact is
    /// found again by a keyed tag; nothing in it leads to the record without the vault.
    func countAnew(_ open: OpenRecord, before: VitalRecord, in connection: any SQLConnection) async throws {
        let record = open.record
        guard record.isCounted != before.isCounted || (record.isCounted && record.version != before.version) else {
            return
        }
        try await count(open, replaces: before.isCounted, in: connection)
    }

    /// - Parameter replaces: whether there may be a fact of the record already.
    func count(_ open: OpenRecord, replaces: Bool = true, in connection: any SQLConnection) async throws {
        let record = open.record
        let tag = Array(try await BlindIndex(vault: vault).tag(record.id, domain: "civil.statistics").prefix(16))
        let cause = record.isCounted ? try await cause(open, in: connection) : nil
        try await statistics.set(
            record.isCounted ? record.fact(cause: cause?.code.flatMap { CauseCode($0) }) : nil, tag: tag,
            replaces: replaces, in: connection)
    }

    private var statistics: StatisticsStore { StatisticsStore() }

    // MARK: Reading

    /// The published tables of a family and year. Counts below the threshold of the rule pack are left out, together
    /// with those from which they could be computed.
    /// - Parameter month: only what was registered before this month counts; `nil` for everything until now.
    public func release(
        _ family: StatisticsFamily, year: Int, before month: (year: Int, month: Int)?
    ) async throws -> FamilyRelease {
        let limit = month.map { StatisticsStore.month($0.year, $0.month) }
        let rows = try await database.read { connection in
            var rows: [String: [CountRow]] = [:]
            for cube in CubeDefinition.all where cube.family == family {
                rows[cube.id] = try await statistics.rows(cube, year: year, before: limit, in: connection)
            }
            return rows
        }
        return FamilyRelease(
            family, year: year, threshold: RulePack.inForce(on: ambient.now().dayInCambodia).statisticsThreshold,
            rows: rows)
    }

    /// The years of which events are published, newest first.
    public func statisticsYears(before month: (year: Int, month: Int)?) async throws -> [Int] {
        let limit = month.map { StatisticsStore.month($0.year, $0.month) }
        return try await database.read { try await statistics.years(before: limit, in: $0) }
    }

    // MARK: Filling

    /// Writes the facts of records that were registered before there was a table of facts. Records are taken one by one,
    /// each in its own transaction, so it can run beside everything else and be repeated.
    /// - Returns: how many records were counted.
    @discardableResult
    public func fillStatistics() async throws -> Int {
        let sizes = try await database.read { try await statistics.sizes(in: $0) }
        guard sizes.facts != sizes.records else { return 0 }
        var (last, done) = ("", 0)
        while !Task.isCancelled {
            let ids = try await database.read { [last] in
                try await statistics.records(after: last, limit: 200, in: $0)
            }
            guard let end = ids.last else { break }
            for id in ids {
                try await database.transaction { connection in
                    try await connection.lock("civil:" + id)
                    try await count(try await open(id, in: connection), in: connection)
                }
            }
            (last, done) = (end, done + ids.count)
        }
        return done
    }
}

extension VitalRecord {
    /// Whether it stands in the statistics: in force, and not hidden from everybody but a few.
    var isCounted: Bool { state.isInForce && !isSealed }

    /// What is counted of it.
    func fact(cause: CauseCode?) -> VitalFact? {
        guard let registeredAt else { return nil }
        let registered = registeredAt.dayInCambodia
        let occurred = (kind == .foundling ? date(.child) : nil) ?? declaration.occurredOn
        let declared = declaration.occurredOn
        // Of an old entry the book says when it was registered; it counts from the month in which it came in here.
        let entered = isLegacy ? declaration["legacy.date"].flatMap { CalendarDate(iso: $0) } : registered
        let delay = declared.flatMap { event in
            entered.map { DelayBucket(days: $0.daysSinceEpoch - event.latest.daysSinceEpoch).rawValue }
        }
        var values: [StatisticsDimension: String] = [
            .month: occurred.flatMap(\.knownMonth) ?? Category.unknown.code,
            .delay: delay ?? Category.unknown.code,
        ]
        switch kind {
        case .birth, .foundling, .foetalDeath: addBirth(to: &values)
        case .death, .presumedDeath: addDeath(cause, to: &values)
        default: break
        }
        return VitalFact(
            kind: kind.rawValue, year: (occurred ?? .day(registered)).year, registeredYear: registered.year,
            registeredMonth: registered.month, place: district(declaration["event.place"]), residence: residence,
            office: district(office) ?? office, values: values)
    }

    private func addBirth(to values: inout [StatisticsDimension: String]) {
        values[.sex] = Self.sex(declaration[.child, "sex"])
        values[.multiplicity] = declaration[.child, "multiplicity"] ?? Category.unknown.code
        values[.placeKind] = declaration["event.place_kind"] ?? Category.unknown.code
        values[.attendant] = declaration["event.attendant"] ?? Category.unknown.code
        values[.nationality] = declaration[.child, "nationality"] ?? Nationality.Status.undetermined.rawValue
        let years = kind == .foundling ? nil : date(.mother).flatMap { age($0) }
        values[.motherAge] = AgeGroups.mother(years: years)
    }

    private func addDeath(_ cause: CauseCode?, to values: inout [StatisticsDimension: String]) {
        values[.sex] = Self.sex(declaration[.deceased, "sex"])
        values[.placeKind] = declaration["event.place_kind"] ?? Category.unknown.code
        values[.manner] = declaration["event.manner"] ?? Category.unknown.code
        values[.nationality] = declaration[.deceased, "nationality"] ?? Nationality.Status.undetermined.rawValue
        values[.cause] = cause?.group.rawValue ?? Category.unknown.code
        let born = date(.deceased)
        var days: Int?
        if case .day(let born)? = born, case .day(let died)? = declaration.occurredOn {
            days = died.daysSinceEpoch - born.daysSinceEpoch
        }
        values[.ageGroup] = AgeGroups.age(days: days, years: born.flatMap { age($0) })
    }

    /// Completed years at the event. Of a year alone its middle counts.
    private func age(_ born: PartialDate) -> Int? {
        guard let day = declaration.occurredOn?.latest, born.earliest <= day else { return nil }
        let middle = (born.earliest.daysSinceEpoch + born.latest.daysSinceEpoch) / 2
        return CalendarDate(daysSinceEpoch: middle).age(on: day)
    }

    private func date(_ role: ParticipantRole) -> PartialDate? {
        declaration[role, "birthdate"].flatMap { PartialDate(iso: $0) }
    }

    private static func sex(_ code: String?) -> String {
        switch code {
        case "1": "M"
        case "2": "F"
        default: Category.unknown.code
        }
    }

    /// Of the mother of a child, else of the child or its father; of the deceased. Marriages count where they happen.
    private var residence: String? {
        let roles: [ParticipantRole] =
            switch kind {
            case .birth, .foundling, .foetalDeath: [.mother, .child, .father]
            case .death, .presumedDeath: [.deceased]
            default: []
            }
        return roles.lazy.compactMap { district(declaration[$0, "residence"]) }.first
    }

    private func district(_ code: String?) -> String? {
        guard let code, code.utf8.count >= 4 else { return nil }
        return String(decoding: code.utf8.prefix(4), as: UTF8.self)
    }
}

extension PartialDate {
    /// The month in two digits; `nil` when only the year is known.
    fileprivate var knownMonth: String? {
        switch self {
        case .year: nil
        case .month, .day: String(String(100 + earliest.month).suffix(2))
        }
    }
}
