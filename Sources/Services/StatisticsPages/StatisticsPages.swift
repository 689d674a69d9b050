import CivilRegister
import Hummingbird
import Kernel
import ReferenceData
import Synchronization
import VitalStatistics
import Web

/// Vital statistics for everybody: pages under `/statistics`, and the same tables for programs under `/stats/v1`.
public struct StatisticsPages: Sendable {
    /// Which registrations are published.
    public enum Releases: String, Sendable, CaseIterable {
        /// Those of whole months: what is registered this month appears when it is over. Somebody who looks every day does
        /// not see a single registration come in.
        case month
        /// Everything until now; for demonstrations and tests.
        case now
    }

    let civil: CivilRegister
    let reference: ReferenceData
    let ambient: Ambient
    let settings: WebSettings
    let releases: Releases
    let cache = ReleaseCache()

    public init(
        civil: CivilRegister, reference: ReferenceData, ambient: Ambient, settings: WebSettings, releases: Releases
    ) {
        self.civil = civil
        self.reference = reference
        self.ambient = ambient
        self.settings = settings
        self.releases = releases
    }

    /// Registers all routes.
    public func add(to router: AppRouter) {
        PageRoutes(statistics: self).add(to: router)
        DataRoutes(statistics: self).add(to: router)
    }

    /// Seconds for which numbers are kept, here and by browsers.
    var lifetime: Int { releases == .now ? 2 : 600 }

    // MARK: What is published

    private var today: CalendarDate { ambient.now().dayInCambodia }

    private var month: (year: Int, month: Int)? { releases == .now ? nil : (today.year, today.month) }

    /// The tables of a family and year, from memory for a while.
    func release(_ family: StatisticsFamily, _ year: Int) async throws -> (FamilyRelease, Instant) {
        let key = ReleaseCache.Key(family: family, year: year)
        let now = ambient.now()
        if let known = cache.value(key, after: now.adding(seconds: -Int64(lifetime))) { return known }
        let release = try await civil.release(family, year: year, before: month)
        cache.keep(release, key, at: now)
        return (release, now)
    }

    /// The years that can be chosen, newest first: those with events that have figures to compare with, and this one.
    func years() async throws -> [Int] {
        let known = try await civil.statisticsYears(before: month).filter { $0 <= today.year && $0 >= today.year - 30 }
        return (known.contains(today.year) ? known : [today.year] + known)
    }

    func indicators(_ selection: Selection) async throws -> [Indicator] {
        let pack = RulePack.inForce(on: today)
        return Indicators(
            area: selection.area, births: try await release(.births, selection.year).0,
            deaths: try await release(.deaths, selection.year).0,
            marriages: try await release(.marriages, selection.year).0,
            divorces: try await release(.divorces, selection.year).0, elapsed: elapsed(selection.year),
            birthDeadline: pack.deadlineDays[.birth] ?? 30, deathDeadline: pack.deadlineDays[.death] ?? 15
        ).all
    }

    /// Which part of a year the published registrations cover.
    func elapsed(_ year: Int) -> Double {
        let end =
            month.flatMap { CalendarDate(year: $0.year, month: $0.month, day: 1) }
            ?? CalendarDate(daysSinceEpoch: today.daysSinceEpoch + 1)
        return Indicators.elapsed(of: year, before: end)
    }

    func view(_ table: StatisticsTable, _ selection: Selection) async throws -> (TableView, Instant) {
        let (release, at) = try await release(table.family, selection.year)
        return (TableView(table, area: selection.area, release) { name($0) }, at)
    }

    // MARK: Areas

    /// The provinces of today, by code.
    var provinces: [Place] { reference.provinces(on: today) }

    /// What an area is called.
    func name(_ code: String) -> LocalizedText {
        if code == Areas.nation { return LocalizedText(km: "ទូទាំងប្រទេស", en: "Whole country") }
        let place = PlaceCode(code).flatMap { reference.known($0, on: today) }
        return place?.name ?? LocalizedText(km: code, en: code)
    }

    /// The area and year that an address names. Throws `web.invalid_fields`.
    func selection(_ request: Request) async throws -> Selection {
        let fields = try QueryParameters.read(request)
        var read = fields.reader
        let years = try await years()
        let newest = years.first { $0 <= today.year } ?? today.year
        let year = read.optionalInteger("year", in: 1900...2200) ?? newest
        let area = fields["area"] ?? Areas.nation
        if area != Areas.nation, !provinces.contains(where: { $0.code.text == area }) {
            read.refuse("area", LocalizedText(km: "មិនមានតំបន់នេះទេ។", en: "There is no such area."))
        }
        try read.finish()
        return Selection(
            area: area, year: year, years: years.contains(year) ? years : (years + [year]).sorted(by: >),
            language: fields["lang"].flatMap { Language(rawValue: $0) })
    }
}

/// Which area and year is looked at.
struct Selection: Sendable {
    let area: String
    let year: Int
    let years: [Int]
    /// The language that the address asks for.
    let language: Language?

    var query: String { "?area=\(area)&year=\(year)" }
}

/// Tables that were read lately.
final class ReleaseCache: Sendable {
    struct Key: Hashable {
        let family: StatisticsFamily
        let year: Int
    }

    private let releases = Mutex<[Key: (FamilyRelease, Instant)]>([:])

    func value(_ key: Key, after: Instant) -> (FamilyRelease, Instant)? {
        releases.withLock { $0[key] }.flatMap { $0.1 > after ? $0 : nil }
    }

    func keep(_ release: FamilyRelease, _ key: Key, at: Instant) {
        releases.withLock { known in
            if known.count > 200 { known = [:] }
            known[key] = (release, at)
        }
    }
}
