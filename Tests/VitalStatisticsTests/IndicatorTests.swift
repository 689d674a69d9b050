import Kernel
import Testing

@testable import VitalStatistics

@Suite struct IndicatorTests {
    private func value(_ id: String, _ indicators: Indicators) -> Double? {
        indicators.all.first { $0.id == id }?.value
    }

    private func close(_ left: Double?, _ right: Double) -> Bool { left.map { abs($0 - right) < 1e-9 } ?? false }

    /// A country of 2020 by hand.
    private var country: Indicators {
        var births = Events()
        let common: [StatisticsDimension: String] = [
            .placeKind: "facility", .attendant: "midwife", .nationality: "khmer", .delay: "D0T15", .month: "01",
        ]
        births.add("0801", common.merging([.sex: "M", .motherAge: "Y20T24"]) { $1 }, times: 105)
        births.add("0801", common.merging([.sex: "F", .motherAge: "Y25T29"]) { $1 }, times: 95)
        births.add(
            "1201",
            [
                .sex: "F", .motherAge: "Y15T19", .placeKind: "home", .attendant: "traditional",
                .nationality: "stateless", .delay: "D_GE366", .month: "07",
            ], times: 50)
        var deaths = Events()
        deaths.add("0801", [.ageGroup: "D0T27", .sex: "M", .cause: "CG15", .delay: "D0T15"], times: 3)
        deaths.add("0801", [.ageGroup: "D28T364", .sex: "F", .cause: "CG17", .delay: "D16T30"], times: 2)
        deaths.add("0801", [.ageGroup: "Y1T4", .sex: "F", .cause: "_U", .delay: "D31T90"], times: 1)
        deaths.add("1201", [.ageGroup: "Y_GE85", .sex: "F", .cause: "CG08", .delay: "D0T15"], times: 14)
        var marriages = Events()
        marriages.add("0801", [.month: "05"], times: 30)
        return Indicators(
            area: "KH", births: births.release(.births), deaths: deaths.release(.deaths),
            marriages: marriages.release(.marriages), divorces: Events().release(.divorces), elapsed: 1,
            birthDeadline: 30, deathDeadline: 15)
    }

    @Test func crudeRates() throws {
        // Population 2020: 374,795 births at 22.409 per thousand.
        let people = 374_795 / 22.409 * 1_000
        let country = country
        #expect(close(value("births", country), 250) && close(value("deaths", country), 20))
        #expect(close(value("crude-birth-rate", country), 250_000 / people))
        #expect(close(value("crude-death-rate", country), 20_000 / people))
        #expect(close(value("crude-marriage-rate", country), 30_000 / people))
        #expect(close(value("crude-divorce-rate", country), 0))
        #expect(close(value("sex-ratio-at-birth", country), 105.0 / 145 * 100))
    }

    @Test func fertility() {
        let country = country
        // Women in 2020 of the three groups.
        let rates = [50 / 727_375.0, 105 / 754_488.0, 95 / 779_853.0]
        #expect(close(value("fertility-rate-Y15T19", country), rates[0] * 1_000))
        #expect(close(value("fertility-rate-Y20T24", country), rates[1] * 1_000))
        #expect(close(value("fertility-rate-Y45T49", country), 0))
        #expect(close(value("total-fertility-rate", country), rates.reduce(0, +) * 5))
    }

    @Test func mortality() {
        let country = country
        #expect(close(value("neonatal-mortality", country), 3.0 / 250 * 1_000))
        #expect(close(value("infant-mortality", country), 5.0 / 250 * 1_000))
        #expect(close(value("under-five-mortality", country), 6.0 / 250 * 1_000))
        #expect(close(value("cause-known", country), 19.0 / 20 * 100))
        #expect(close(value("ill-defined-causes", country), 2.0 / 19 * 100))
    }

    @Test func qualityOfRegistration() {
        let country = country
        #expect(close(value("birth-completeness", country), 250.0 / 374_795 * 100))
        #expect(close(value("death-completeness", country), 20.0 / 106_051 * 100))
        #expect(close(value("birth-timeliness", country), 200.0 / 250 * 100))
        #expect(close(value("death-timeliness", country), 17.0 / 20 * 100))
        #expect(close(value("birth-late-share", country), 50.0 / 250 * 100))
        #expect(close(value("death-late-share", country), 0))
        #expect(close(value("facility-births", country), 80) && close(value("skilled-attendance", country), 80))
        // 200 of 250 in January (31 of 365.25 days), 50 in July, none elsewhere.
        let january = 0.8 - 31 / 365.25
        let july = 0.2 - 31 / 365.25
        #expect(close(value("month-heaping", country), (january + july + (365.25 - 62) / 365.25) / 2 * 100))
    }

    @Test func aPartOfAYearCountsAsSuch() throws {
        var births = Events()
        births.add("0801", [.sex: "M"], times: 100)
        let empty = Events()
        let half = Indicators(
            area: "08", births: births.release(.births), deaths: empty.release(.deaths),
            marriages: empty.release(.marriages), divorces: empty.release(.divorces), elapsed: 0.5, birthDeadline: 30,
            deathDeadline: 15)
        let people = 374_795 / 22.409 * 1_000 * 1_201_581 / 15_552_211
        #expect(close(value("crude-birth-rate", half), 100 / (people * 0.5) * 1_000))
        #expect(close(value("birth-completeness", half), 100 / (374_795.0 * 1_201_581 / 15_552_211 * 0.5) * 100))
        #expect(value("infant-mortality", half) == 0 && value("sex-ratio-at-birth", half) == nil)
        #expect(half.all.first { $0.id == "month-heaping" }?.value == nil)
        #expect(half.all.allSatisfy { !$0.id.hasPrefix("fertility") })
        let day = try #require(CalendarDate(year: 2026, month: 7, day: 2))
        #expect(Indicators.elapsed(of: 2026, before: day) == 182.0 / 365)
        #expect(Indicators.elapsed(of: 2025, before: day) == 1 && Indicators.elapsed(of: 2027, before: day) == 0)
    }

    @Test func whatIsSuppressedHasNoIndicator() {
        var births = Events()
        births.add("0801", [.sex: "M"], times: 60)
        births.add("0801", [.sex: "F"], times: 2)
        let empty = Events()
        let indicators = Indicators(
            area: "08", births: births.release(.births, threshold: 5), deaths: empty.release(.deaths),
            marriages: empty.release(.marriages), divorces: empty.release(.divorces), elapsed: 1, birthDeadline: 30,
            deathDeadline: 15)
        let ratio = indicators.all.first { $0.id == "sex-ratio-at-birth" }
        #expect(ratio?.value == nil && ratio?.isSuppressed == true && ratio?.text == nil)
        #expect(value("births", indicators) == 62)
    }

    @Test func valuesInWords() {
        func text(_ value: Double, _ unit: Indicator.Unit) -> String? {
            Indicator(id: "x", label: LocalizedText(km: "", en: ""), unit: unit, value: value, isSuppressed: false).text
        }
        #expect(text(12.345, .per1000) == "12.3" && text(0.04, .percent) == "0.0" && text(2.487, .perWoman) == "2.49")
        #expect(text(1_234, .events) == "1234" && text(0.05, .perWoman) == "0.05" && text(99.96, .percent) == "100.0")
    }

    @Test func denominators() throws {
        #expect(Denominators.census2019.values.reduce(0, +) == Denominators.censusTotal)
        #expect(Denominators.census2019.count == 25)
        let nation = try #require(Denominators.nation(2019))
        #expect(nation.births == 378_867 && nation.deaths == 102_000 && abs(nation.population - 16_481_077) < 1)
        #expect(Denominators.nation(1999) == nil && Denominators.population("99", 2020) == nil)
        #expect(Denominators.women("Y20T24", 2020) == 754_488)
        #expect(Denominators.women("Y20T24", 2022) == 754_488 * 0.6 + 714_044 * 0.4)
        let later = try #require(Denominators.women("Y20T24", 2026))
        #expect(later > 714_044 && later < 725_000)
    }
}
