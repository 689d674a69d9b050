import Kernel
import TestVectors
import Testing

@testable import VitalStatistics

/// Invariant 19.
@Suite struct SuppressionTests {
    @Test(arguments: [StatisticsFamily.births, .deaths, .marriages, .foetalDeaths], 0..<16)
    func nothingSmallIsPublishedAndNothingHiddenFollowsFromWhatIs(_ family: StatisticsFamily, _ seed: Int) {
        var random = Seeded(UInt64(seed * 7 + 1))
        let events = Events.random(family, &random)
        let threshold = [3, 5, 10][seed % 3]
        let suppression = events.suppression(family, threshold: threshold)
        for (cube, hidden) in zip(suppression.cubes, suppression.hidden) {
            for (cell, count) in cube.counts where count < threshold {
                #expect(hidden.contains(cell), "\(cube.definition.id) \(cell) \(count)")
            }
            for (other, others) in zip(suppression.cubes, suppression.hidden)
            where other.definition.depth >= cube.definition.depth {
                let totals = hidden.filter(\.isAreaTotal)
                #expect(totals.isSubset(of: others), "a sum that one table leaves out stands in no other")
            }
        }
        #expect(Auditor(suppression).determined().isEmpty)
        let release = events.release(family, threshold: threshold)
        for table in StatisticsTable.all where table.family == family {
            for area in ["KH", "08", "12"] {
                let view = TableView(table, area: area, release) { LocalizedText(km: $0, en: $0) }
                for line in view.lines {
                    for column in view.columns {
                        let number = view.value(line, column).number ?? 0
                        #expect(number == 0 || number >= threshold)
                    }
                }
            }
        }
    }

    @Test func theAuditorFindsWhatPrimarySuppressionAloneGivesAway() {
        var events = Events()
        events.add("0801", [.month: "01"], times: 10)
        events.add("0801", [.month: "02"], times: 2)
        let suppression = events.suppression(.marriages, threshold: 5)
        #expect(suppression.hidden[0].contains(Cell("08", "02")))
        let small = Set(suppression.cubes[0].counts.filter { $0.value < 5 }.keys)
        #expect(small == [Cell("KH", "02"), Cell("08", "02")])
        #expect(Auditor(suppression.cubes, hidden: [small]).determined().count == 2)
        #expect(suppression.hidden[0].isStrictSuperset(of: small))
        #expect(Auditor(suppression).determined().isEmpty)
        #expect(!suppression.hidden[0].contains(Cell("KH")), "the sums of areas stay")
    }

    @Test func largeNumbersAreAllPublished() {
        var events = Events()
        for district in ["0801", "0802", "1201"] {
            for sex in ["M", "F"] { events.add(district, [.sex: sex, .month: "03"], times: 20) }
        }
        let suppression = events.suppression(.foetalDeaths, threshold: 5)
        #expect(suppression.hidden.allSatisfy { $0.isEmpty })
        let release = events.release(.foetalDeaths, threshold: 5)
        #expect(release.total("KH") == .count(120) && release.total("08") == .count(80))
        #expect(release.value("foetal-sex", Cell("12", "F")) == .count(20))
        #expect(release.value("foetal-sex", Cell("12", "_U")) == .count(0))
    }

    @Test func aSmallProvinceTakesAnotherAlong() {
        var events = Events()
        for (district, number) in [("0801", 200), ("1201", 90), ("0101", 60), ("2301", 3)] {
            for sex in ["M", "F"] { events.add(district, [.sex: sex, .month: "03"], times: number) }
        }
        events.add("2401", [.sex: "M", .month: "03"], times: 2)
        let release = events.release(.foetalDeaths, threshold: 5)
        #expect(release.total("24") == .suppressed)
        #expect(["01", "08", "12", "23", "KH"].contains { release.total($0) == .suppressed })
    }

    @Test func noTwoCubesOfAFamilyShareADimension() {
        for family in StatisticsFamily.allCases {
            let cubes = CubeDefinition.all.filter { $0.family == family }
            let dimensions = cubes.flatMap { [$0.first] + [$0.second].compactMap(\.self) }
            #expect(Set(dimensions).count == dimensions.count, "\(family)")
        }
        #expect(Set(CubeDefinition.all.map(\.id)).count == CubeDefinition.all.count)
        #expect(StatisticsTable.all.allSatisfy { table in CubeDefinition.all.contains { $0.id == table.cube } })
    }
}
