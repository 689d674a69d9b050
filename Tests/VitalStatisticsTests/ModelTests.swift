import Kernel
import Testing

@testable import VitalStatistics

@Suite struct ModelTests {
    @Test(arguments: [
        ("I21.9", "I21.9", CauseGroup.circulatory, false), ("i219", "I21.9", .circulatory, false),
        ("A00", "A00", .infectious, false), ("D49", "D49", .neoplasms, false), ("D50.0", "D50.0", .blood, false),
        ("O72.1", "O72.1", .maternal, false), ("R99", "R99", .illDefined, false), ("X70", "X70", .external, false),
        ("U07.1", "U07.1", .infectious, false), ("H65", "H65", .senses, false),
        ("BA41.0", "BA41.0", .circulatory, true), ("1A00", "1A00", .infectious, true),
        ("2C25", "2C25", .neoplasms, true),
        ("3A51", "3A51", .blood, true), ("4A00", "4A00", .blood, true), ("ka40", "KA40", .perinatal, true),
        ("PA00", "PA00", .external, true), ("RA01.0", "RA01.0", .infectious, true), ("MH14", "MH14", .illDefined, true),
        ("JB40.0", "JB40.0", .maternal, true), ("6A20", "6A20", .mental, true), ("AB30", "AB30", .senses, true),
    ])
    func codesOfCauses(_ typed: String, _ text: String, _ group: CauseGroup, _ isEleven: Bool) throws {
        let code = try #require(CauseCode(typed))
        #expect(code.text == text && code.group == group && code.isEleven == isEleven)
    }

    @Test(arguments: [
        "", "I", "I2", "I21.", "I21.999", "S72.0", "T14", "Z00", "U99", "NA00", "QA00", "SA00", "VA00", "XA00", "RB00",
        "12.3", "I-21", "ខ21", "BA4", "BI41", "BA41.", "BA41.0001", "BA4100", "é21",
    ])
    func whatIsNoUnderlyingCause(_ typed: String) { #expect(CauseCode(typed) == nil) }

    @Test func ages() {
        let cases: [(Int?, Int?, String)] = [
            (0, 0, "D0T27"), (27, 0, "D0T27"), (28, 0, "D28T364"), (364, 0, "D28T364"), (365, 1, "Y1T4"),
            (nil, 0, "_U"), (nil, 4, "Y1T4"), (nil, 5, "Y5T9"), (nil, 84, "Y80T84"), (nil, 85, "Y_GE85"),
            (nil, 120, "Y_GE85"), (nil, nil, "_U"), (-1, nil, "_U"),
        ]
        for (days, years, group) in cases { #expect(AgeGroups.age(days: days, years: years) == group) }
        let mothers: [(Int?, String)] = [
            (nil, "_U"), (14, "Y_LT15"), (15, "Y15T19"), (19, "Y15T19"), (20, "Y20T24"), (49, "Y45T49"), (50, "Y_GE50"),
        ]
        for (years, group) in mothers { #expect(AgeGroups.mother(years: years) == group) }
        #expect(AgeGroups.ages.count == 21 && AgeGroups.mothers.count == 10 && AgeGroups.fertile.count == 7)
    }

    @Test func delays() {
        let days = [-3, 0, 15, 16, 30, 31, 90, 91, 365, 366, 9_000]
        let buckets = days.map { DelayBucket(days: $0).rawValue }
        #expect(
            buckets == [
                "D0T15", "D0T15", "D0T15", "D16T30", "D16T30", "D31T90", "D31T90", "D91T365", "D91T365", "D_GE366",
                "D_GE366",
            ])
    }

    @Test func everyDimensionHasCodesThatSDMXAllows() {
        for dimension in StatisticsDimension.allCases {
            let codes = dimension.categories.map(\.code)
            #expect(Set(codes).count == codes.count && codes.last == "_U", "\(dimension)")
            for category in dimension.categories {
                #expect(!category.label.km.isEmpty && !category.label.en.isEmpty)
                #expect(
                    category.code.utf8.allSatisfy { byte in
                        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                    })
                #expect(
                    !category.label.km.utf8.contains { (48...57).contains($0) }, "Khmer digits in \(category.label.km)")
            }
        }
    }

    @Test func whereAnEventCounts() {
        func fact(_ place: String?, _ residence: String?) -> VitalFact {
            VitalFact(
                kind: "birth", year: 2026, registeredYear: 2026, registeredMonth: 1, place: place, residence: residence,
                office: "1201", values: [.sex: "M", .attendant: "ghost"])
        }
        #expect(fact("0801", "0801").value(.occurrence) == "district" && fact("0801", "0801").area == "0801")
        #expect(fact("0801", "0802").value(.occurrence) == "province" && fact("0801", "0802").area == "0802")
        #expect(fact("1201", "0802").value(.occurrence) == "elsewhere")
        #expect(fact("0801", nil).value(.occurrence) == "_U" && fact("0801", nil).area == "0801")
        #expect(fact(nil, nil).area == "1201")
        #expect(fact(nil, nil).value(.attendant) == "_U" && fact(nil, nil).value(.cause) == "_Z")
    }
}
