import Accountability
import Codecs
import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing
import VitalStatistics

@testable import CivilRegister

@Suite struct StatisticsTests {
    /// The rows of facts as they lie in the table, without their tags.
    private func facts(_ world: World) async throws -> [[String: String]] {
        let names = ["kind", "area", "place", "residence"] + StatisticsDimension.allCases.map(\.rawValue)
        return try await world.database.read { connection in
            try await connection.query(
                "SELECT \(names.joined(separator: ", ")), year, registered FROM civil_statistics ORDER BY kind, sex"
            ).map { row in
                var fact = Dictionary(
                    uniqueKeysWithValues: try names.enumerated().map { ($1, try row.string($0)) })
                fact["year"] = String(try row.int(names.count))
                fact["registered"] = String(try row.int(names.count + 1))
                return fact
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func aFactFollowsItsRecord(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let declared = try await world.civil.declare(
                .birth,
                world.birth(["mother.residence": "080201", "event.attendant": "midwife", "event.place_kind": "home"]),
                office: World.office, by: CivilStep(world.clerk))
            _ = try await world.civil.verify(declared.id, by: CivilStep(world.verifier))
            #expect(try await facts(world).isEmpty, "only what is in force counts")
            _ = try await world.civil.register(declared.id, by: CivilStep(world.registrar))
            let fact = try #require(try await facts(world).first)
            #expect(fact["kind"] == "birth" && fact["area"] == "0802" && fact["place"] == "1201")
            #expect(fact["sex"] == "F" && fact["mother_age"] == "Y25T29" && fact["attendant"] == "midwife")
            #expect(fact["delay"] == "D0T15" && fact["month"] == "11" && fact["year"] == "2026")
            #expect(fact["registered"] == String(2026 * 12 + 10) && fact["occurrence"] == "elsewhere")
            #expect(fact["nationality"] == "undetermined" && fact["cause_group"] == "_Z")

            _ = try await world.civil.requestCorrection(
                declared.id, ["child.sex": "1"], reason: "សរសេរខុស", basis: nil, by: CivilStep(world.registrar))
            #expect(try await facts(world).map { $0["sex"] } == ["F"])
            _ = try await world.civil.approveCorrection(declared.id, by: CivilStep(world.verifier))
            #expect(try await facts(world).map { $0["sex"] } == ["M"], "replaced, not added")

            try await world.revoke(declared.id)
            #expect(try await facts(world).isEmpty)
            try await world.reinstate(declared.id)
            #expect(try await facts(world).map { $0["sex"] } == ["M"])

            // Invariant 13.
            _ = try await world.civil.setSealed(declared.id, true, reason: "ការពារ", by: CivilStep(world.first))
            #expect(try await facts(world).isEmpty)
            _ = try await world.civil.setSealed(declared.id, false, reason: "ចប់", by: CivilStep(world.first))
            #expect(try await facts(world).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aRefusedRegistrationLeavesNoFact(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            let (_, three) = try await world.person("គឹម", "លីដា", .female, born: "1997-01-01")
            _ = try await world.registered(.marriage, world.marriage(one, two))
            await #expect(throws: RumdulError.self) {
                _ = try await world.registered(.marriage, world.marriage(one, three))
            }
            #expect(try await facts(world).map { $0["kind"] } == ["marriage"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func theRowsTellNothingOfWhoItWas(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let record = try await world.registeredBirth()
            let row = try await world.database.read {
                try await $0.query("SELECT * FROM civil_statistics")
            }.first
            let values = try #require(row).values
            for value in values {
                guard case .text(let text) = value else { continue }
                #expect(text != record.id && text != record.trackingID && text != record.number)
                #expect(!text.contains("សុខ") && CalendarDate(iso: text) == nil)
            }
            let tag = values.compactMap { value -> [UInt8]? in if case .blob(let bytes) = value { bytes } else { nil } }
            #expect(tag.count == 1 && tag[0].count == 16)
            let columns = 7 + StatisticsDimension.allCases.count
            #expect(values.count == columns)
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCauseComesLaterAndOnlyMedicalOfficersSeeIt(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let certifier = World.officer("certifier", .medicalCertifier, "12")
            let coder = World.officer("coder", .causeCoder, nil)
            let (person, code) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1950-01-01")
            var raw = world.death(code)
            raw["deceased.birthdate"] = "1950-01-01"
            let record = try await world.registered(.death, raw)
            #expect(try await facts(world).map { $0["cause_group"] } == ["_U"])
            #expect(try await facts(world).map { $0["age_group"] } == ["Y75T79"])

            for officer in [world.registrar, world.first, world.province, world.clerk, world.verifier] {
                await #expect(throws: RumdulError.officerForbidden) {
                    try await world.civil.setCause(record.id, underlying: "I21.9", by: CivilStep(officer))
                }
                await #expect(throws: RumdulError.officerForbidden) {
                    _ = try await world.civil.cause(of: record.id, by: officer, traceID: "t")
                }
            }
            await #expect(throws: RumdulError.officerForbidden) {
                _ = try await world.civil.cause(of: record.id, by: certifier, traceID: "t")
            }
            await #expect {
                try await world.civil.setCause(record.id, underlying: "S72.0", by: CivilStep(coder))
            } throws: {
                ($0 as? RumdulError)?.fields.map(\.field) == ["cause.underlying"]
            }
            await #expect(throws: RumdulError.civilNotFound) {
                try await world.civil.setCause(
                    record.id, underlying: "I21.9", by: CivilStep(World.officer("far", .medicalCertifier, "01")))
            }
            try await world.civil.setCause(record.id, underlying: "r99", by: CivilStep(certifier))
            try await world.civil.setCause(record.id, underlying: "R99", by: CivilStep(certifier))
            #expect(try await facts(world).map { $0["cause_group"] } == ["CG17"])
            try await world.civil.setCause(record.id, underlying: "BA41.0", by: CivilStep(coder))
            #expect(try await facts(world).map { $0["cause_group"] } == ["CG08"])
            let before = try await world.journal.entries(of: person).count
            let cause = try #require(try await world.civil.cause(of: record.id, by: coder, traceID: "t1"))
            #expect(cause.code == "BA41.0" && cause.version == 2 && cause.statedBy == coder.id)
            #expect(try await world.journal.entries(of: person).count == before + 1)

            // Sealed, and nowhere in the record's own history.
            let sealed = try await world.database.read { try await $0.query("SELECT sealed FROM civil_causes") }
            for row in sealed { #expect(try row.blob(0).firstRange(of: Array("BA41".utf8)) == nil) }
            let opened = try await world.civil.view(record.id, by: world.registrar, traceID: "t2")
            #expect(opened.record == record && opened.history.count == 3)
            try await world.civil.verifyHistory(of: record.id)

            try await world.revoke(record.id)
            await #expect(throws: RumdulError.civilState) {
                try await world.civil.setCause(record.id, underlying: "I64", by: CivilStep(coder))
            }
            try await world.reinstate(record.id)
            #expect(try await facts(world).map { $0["cause_group"] } == ["CG08"], "the cause comes back with the death")
            let birth = try await world.registeredBirth()
            await #expect(throws: RumdulError.civilState) {
                try await world.civil.setCause(birth.id, underlying: "I64", by: CivilStep(coder))
            }
        }
    }

    @Test func agesOfTheDeceased() async throws {
        try await World.with(.sqlite) { world in
            let cases = [
                (world.clock.day(-2), "D0T27"), (world.clock.day(-29), "D0T27"), (world.clock.day(-30), "D28T364"),
                ("2024-01", "Y1T4"), ("1956", "Y70T74"), ("1930-02-01", "Y_GE85"), ("", "_U"),
            ]
            for (born, group) in cases {
                var raw = world.death("")
                raw["deceased.birthdate"] = born
                raw["deceased.given_km"] = World.names[cases.firstIndex { $0.0 == born } ?? 0]
                raw["deceased.family_km"] = World.families[cases.firstIndex { $0.0 == born } ?? 0]
                let record = try await world.registered(.death, raw.filter { !$0.value.isEmpty })
                #expect(record.fact(cause: nil)?.value(.ageGroup) == group, "\(born)")
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func releasesAndTheTablesOfOldRegisters(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for number in 0..<7 {
                _ = try await world.registeredBirth([
                    "child.family_km": World.families[number], "child.given_km": World.names[number],
                    "mother.family_km": World.families[6 - number], "mother.given_km": World.mothers[number],
                    "child.sex": number < 6 ? "1" : "2", "event.date": world.clock.day(-3 - number),
                ])
            }
            let release = try await world.civil.release(.births, year: 2026, before: nil)
            #expect(release.total("KH") == .count(7) && release.total("12") == .count(7))
            #expect(release.value("births-sex", Cell("12", "F")) == .suppressed)
            #expect(release.value("births-sex", Cell("12", "M")) == .suppressed)
            #expect(try await world.civil.statisticsYears(before: nil) == [2026])
            // What is registered this month is not published before it is over.
            let month = try await world.civil.release(.births, year: 2026, before: (2026, 11))
            #expect(month.total("KH") == .count(0))
            #expect(try await world.civil.release(.births, year: 2026, before: (2026, 12)).total("KH") == .count(7))

            #expect(try await world.civil.fillStatistics() == 0, "nothing is missing")
            try await world.database.transaction { _ = try await $0.execute("DELETE FROM civil_statistics") }
            #expect(try await world.civil.fillStatistics() == 7)
            #expect(try await facts(world).count == 7)
        }
    }
}
