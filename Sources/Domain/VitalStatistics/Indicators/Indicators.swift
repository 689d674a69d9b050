import Kernel

/// Computes the indicators of an area and year out of published tables and the population.
public struct Indicators: Sendable {
    let area: String
    let year: Int
    let births: FamilyRelease
    let deaths: FamilyRelease
    let marriages: FamilyRelease
    let divorces: FamilyRelease
    /// Which part of the year the figures cover: 1 for a year that is over.
    let elapsed: Double
    /// Days within which the law wants births and deaths registered.
    let birthDeadline: Int
    let deathDeadline: Int

    public init(
        area: String, births: FamilyRelease, deaths: FamilyRelease, marriages: FamilyRelease, divorces: FamilyRelease,
        elapsed: Double, birthDeadline: Int, deathDeadline: Int
    ) {
        self.area = area
        year = births.year
        self.births = births
        self.deaths = deaths
        self.marriages = marriages
        self.divorces = divorces
        self.elapsed = elapsed
        self.birthDeadline = birthDeadline
        self.deathDeadline = deathDeadline
    }

    /// Which part of a year lies before a day.
    public static func elapsed(of year: Int, before day: CalendarDate) -> Double {
        guard let first = CalendarDate(year: year, month: 1, day: 1),
            let next = CalendarDate(year: year + 1, month: 1, day: 1)
        else { return 1 }
        let days = Double(day.daysSinceEpoch - first.daysSinceEpoch)
        return min(1, max(0, days / Double(next.daysSinceEpoch - first.daysSinceEpoch)))
    }

    /// All of them in the order of the pages.
    public var all: [Indicator] { counts + rates + fertility + mortality + quality }

    /// People times the part of the year.
    private var personYears: Double? { Denominators.population(area, year).map { $0 * elapsed } }

    // MARK: Counts and crude rates

    private var counts: [Indicator] {
        [births, deaths, marriages, divorces].map { release in
            make(release.family.rawValue, release.family.label, .events, Fraction(release.total(area), 1.0), 1)
        }
    }

    private var rates: [Indicator] {
        [
            make(
                "crude-birth-rate", LocalizedText(km: "អត្រាកំណើត", en: "Crude birth rate"), .per1000,
                Fraction(births.total(area), personYears), 1_000),
            make(
                "crude-death-rate", LocalizedText(km: "អត្រាមរណភាព", en: "Crude death rate"), .per1000,
                Fraction(deaths.total(area), personYears), 1_000),
            make(
                "crude-marriage-rate", LocalizedText(km: "អត្រាអាពាហ៍ពិពាហ៍", en: "Crude marriage rate"), .per1000,
                Fraction(marriages.total(area), personYears), 1_000),
            make(
                "crude-divorce-rate", LocalizedText(km: "អត្រាលែងលះ", en: "Crude divorce rate"), .per1000,
                Fraction(divorces.total(area), personYears), 1_000),
            make(
                "sex-ratio-at-birth", LocalizedText(km: "សមាមាត្រភេទពេលកើត", en: "Sex ratio at birth"),
                .perHundredFemales,
                Fraction(births.value("births-sex", Cell(area, "M")), births.value("births-sex", Cell(area, "F"))), 100),
        ]
    }

    // MARK: Fertility

    /// Rates by age exist for the whole country only: women by age are not known for provinces.
    private var fertility: [Indicator] {
        guard area == Areas.nation else { return [] }
        var rates: [Indicator] = []
        for group in AgeGroups.fertile {
            let women = Denominators.women(group.code, year).map { $0 * elapsed }
            rates.append(
                make(
                    "fertility-rate-" + group.code,
                    LocalizedText(
                        km: "អត្រាបង្កកំណើតអាយុ \(group.label.km)", en: "Fertility rate, \(group.label.en)"),
                    .per1000, Fraction(births.value("births-mother", Cell(area, group.code)), women), 1_000))
        }
        let known = rates.compactMap(\.value)
        let total = known.count == rates.count ? known.reduce(0, +) * 5 / 1_000 : nil
        let label = LocalizedText(km: "អត្រាបង្កកំណើតសរុប", en: "Total fertility rate")
        return [
            Indicator(
                id: "total-fertility-rate", label: label, unit: .perWoman, value: total,
                isSuppressed: rates.contains(where: \.isSuppressed))
        ] + rates
    }

    // MARK: Mortality

    private func deaths(_ groups: [String]) -> PublishedCount {
        groups.map { deaths.value("deaths-age", Cell(area, $0)) }.sum
    }

    private var mortality: [Indicator] {
        guard Areas.level(area) <= 1 else { return [] }
        let born = births.total(area)
        return [
            make(
                "neonatal-mortality", LocalizedText(km: "មរណភាពទារកទើបកើត", en: "Neonatal mortality"), .per1000,
                Fraction(deaths(["D0T27"]), born), 1_000),
            make(
                "infant-mortality", LocalizedText(km: "មរណភាពទារក", en: "Infant mortality"), .per1000,
                Fraction(deaths(["D0T27", "D28T364"]), born), 1_000),
            make(
                "under-five-mortality", LocalizedText(km: "មរណភាពកុមារក្រោម ៥ ឆ្នាំ", en: "Under-five mortality"),
                .per1000, Fraction(deaths(["D0T27", "D28T364", "Y1T4"]), born), 1_000),
            make(
                "cause-known", LocalizedText(km: "មរណភាពដែលមានមូលហេតុ", en: "Deaths with a cause"), .percent,
                Fraction(causes(CauseGroup.allCases), deaths.total(area)), 100),
            make(
                "ill-defined-causes", LocalizedText(km: "មូលហេតុមិនច្បាស់", en: "Ill-defined causes"), .percent,
                Fraction(causes([.illDefined]), causes(CauseGroup.allCases)), 100),
        ]
    }

    private func causes(_ groups: [CauseGroup]) -> PublishedCount {
        groups.map { deaths.value("deaths-cause", Cell(area, $0.rawValue)) }.sum
    }

    // MARK: Quality of registration

    private var quality: [Indicator] {
        let expected = Denominators.expected(area, year)
        return [
            make(
                "birth-completeness", LocalizedText(km: "ភាពពេញលេញនៃកំណើត", en: "Completeness of births"), .percent,
                Fraction(births.total(area), expected.map { $0.births * elapsed }), 100),
            make(
                "death-completeness", LocalizedText(km: "ភាពពេញលេញនៃមរណភាព", en: "Completeness of deaths"), .percent,
                Fraction(deaths.total(area), expected.map { $0.deaths * elapsed }), 100),
            make(
                "birth-timeliness", LocalizedText(km: "កំណើតចុះបញ្ជីទាន់ពេល", en: "Births registered in time"), .percent,
                share(births, "births-papers") { $0.last <= birthDeadline }, 100),
            make(
                "death-timeliness", LocalizedText(km: "មរណភាពចុះបញ្ជីទាន់ពេល", en: "Deaths registered in time"),
                .percent, share(deaths, "deaths-papers") { $0.last <= deathDeadline }, 100),
            make(
                "birth-late-share", LocalizedText(km: "កំណើតចុះបញ្ជីក្រោយ ១ ឆ្នាំ", en: "Births registered after a year"),
                .percent, share(births, "births-papers") { $0 == .more }, 100),
            make(
                "death-late-share",
                LocalizedText(km: "មរណភាពចុះបញ្ជីក្រោយ ១ ឆ្នាំ", en: "Deaths registered after a year"), .percent,
                share(deaths, "deaths-papers") { $0 == .more }, 100),
        ] + sites
    }

    /// The part of the registrations with a known delay that lie in some buckets.
    private func share(_ release: FamilyRelease, _ cube: String, _ isIn: (DelayBucket) -> Bool) -> Fraction {
        func sum(_ buckets: [DelayBucket]) -> PublishedCount {
            buckets.map { release.value(cube, Cell(area, Category.total.code, $0.rawValue)) }.sum
        }
        return Fraction(sum(DelayBucket.allCases.filter(isIn)), sum(DelayBucket.allCases))
    }

    private var sites: [Indicator] {
        guard Areas.level(area) <= 1 else { return [] }
        let skilled = ["physician", "midwife", "nurse"].map {
            births.value("births-site", Cell(area, Category.total.code, $0))
        }.sum
        return [
            make(
                "facility-births", LocalizedText(km: "កំណើតនៅមូលដ្ឋានសុខាភិបាល", en: "Births in health facilities"),
                .percent, Fraction(births.value("births-site", Cell(area, "facility")), births.total(area)), 100),
            make(
                "skilled-attendance",
                LocalizedText(km: "កំណើតមានបុគ្គលិកសុខាភិបាល", en: "Births with a skilled attendant"), .percent,
                Fraction(skilled, births.total(area)), 100),
            heaping,
        ]
    }

    /// How far the months of births are from an even year: half the sum of the differences between the share of each
    /// month and that of its days. 0 is even, 100 all in one place. A high first month means invented dates.
    private var heaping: Indicator {
        let label = LocalizedText(km: "ភាពប្រមូលផ្តុំនៃខែ", en: "Heaping of months of birth")
        let months = StatisticsDimension.month.categories.dropLast()
        let counts = months.map { births.value("births-month", Cell(area, $0.code)) }
        guard let sum = Array(counts).sum.number else {
            return Indicator(id: "month-heaping", label: label, unit: .index, value: nil, isSuppressed: true)
        }
        guard sum > 0, elapsed == 1 else {
            return Indicator(id: "month-heaping", label: label, unit: .index, value: nil, isSuppressed: false)
        }
        let days = [31.0, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let distance = zip(counts, days).reduce(0.0) { distance, month in
            distance + abs(Double(month.0.number ?? 0) / Double(sum) - month.1 / 365.25)
        }
        return Indicator(
            id: "month-heaping", label: label, unit: .index, value: distance / 2 * 100, isSuppressed: false)
    }

    private func make(
        _ id: String, _ label: LocalizedText, _ unit: Indicator.Unit, _ fraction: Fraction, _ factor: Double
    ) -> Indicator {
        Indicator(
            id: id, label: label, unit: unit, value: fraction.times(factor), isSuppressed: fraction.isSuppressed)
    }
}
