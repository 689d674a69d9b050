import Accountability
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

@Suite struct MedicalCertificateTests {
    private let certifier = World.officer("certifier", .medicalCertifier, "12")
    private let other = World.officer("other", .medicalCertifier, "12")
    private let coder = World.officer("coder", .causeCoder, nil)

    private func death(_ world: World, sex: Sex = .male, born: String = "1950-01-01") async throws -> VitalRecord {
        let (_, code) = try await world.person("សុខ", "ដារ៉ា", sex, born: born)
        var raw = world.death(code)
        raw["deceased.birthdate"] = born
        raw["deceased.sex"] = sex == .male ? "1" : "2"
        return try await world.registered(.death, raw)
    }

    private func certificate(_ world: World, _ changes: [String: String] = [:]) -> [String: String] {
        [
            "cause.a.condition": "គាំងបេះដូង", "cause.a.interval": "២ ម៉ោង", "cause.a.code": "i219",
            "cause.b.condition": "Diabetes", "cause.b.interval": "10 years", "cause.b.code": "E11.9",
            "cause.other.codes": "I10, 5a11", "manner.kind": "disease", "certifier.name": "វេជ្ជ. សុខា",
            "certifier.date": world.clock.day(0),
        ].merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    private func groups(_ world: World) async throws -> [String] {
        try await world.database.read { try await $0.query("SELECT cause_group FROM civil_statistics") }
            .map { try $0.string(0) }
    }

    @Test(arguments: TestDatabases.kinds) func theLowestLineIsTheUnderlyingCauseUnlessOneIsNamed(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let record = try await death(world)
            #expect(try await world.civil.causeLists(of: certifier).map(\.1) == [1])
            try await world.civil.certifyCause(
                record.id, certificate(world), expectedVersion: 0, by: CivilStep(certifier, expected: record.sequence))
            #expect(try await groups(world) == ["CG04"])
            let seen = try await world.civil.deathToCertify(record.id, by: certifier, traceID: "t")
            let stored = try #require(seen.cause?.certificate)
            #expect(stored["cause.a.interval"] == "PT2H" && stored["cause.b.interval"] == "P10Y")
            #expect(stored["cause.a.code"] == "I21.9" && stored["cause.other.codes"] == "I10, 5A11")
            #expect(stored.typed(.km)["cause.a.interval"] == "២ ម៉ោង")
            #expect(seen.cause?.code == "E11.9" && seen.version == 1)
            // What was shown can be sent again, and says nothing new.
            try await world.civil.certifyCause(
                record.id, stored.typed(.en), expectedVersion: 1, by: CivilStep(certifier))
            #expect(try await world.civil.cause(of: record.id, by: coder, traceID: "t")?.version == 1)
            // A coder names another one; the certificate stays.
            try await world.civil.setCause(record.id, underlying: "I21.9", by: CivilStep(coder))
            let coded = try #require(try await world.civil.cause(of: record.id, by: coder, traceID: "t"))
            #expect(coded.code == "I21.9" && coded.certificate == stored && coded.version == 2)
            #expect(try await groups(world) == ["CG08"])
            await #expect(throws: RumdulError.civilChanged) {
                try await world.civil.certifyCause(
                    record.id, certificate(world), expectedVersion: 1, by: CivilStep(certifier))
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func aCertificateWithoutCodesWaitsForACoder(_ kind: DatabaseKind) async throws
    {
        try await World.with(kind) { world in
            let record = try await death(world)
            let plain = certificate(
                world, ["cause.a.code": "", "cause.b.code": "", "cause.other.codes": "", "cause.b.interval": "?"])
            try await world.civil.certifyCause(record.id, plain, expectedVersion: 0, by: CivilStep(certifier))
            #expect(try await groups(world) == ["_U"])
            #expect(try await world.civil.causeLists(of: coder).map(\.1) == [0, 1])
            #expect(try await world.civil.deaths(.uncoded, of: coder).map(\.id) == [record.id])
            let seen = try await world.civil.deathToCertify(record.id, by: coder, traceID: "t")
            #expect(seen.cause?.certificate?["cause.b.interval"] == "unknown" && seen.cause?.code == nil)
            try await world.civil.setCause(record.id, underlying: "E11.9", by: CivilStep(coder))
            #expect(try await world.civil.causeLists(of: coder).map(\.1) == [0, 0])
            #expect(try await groups(world) == ["CG04"])
            // The same conditions with another licence number: what was coded stays. Others: it is coded anew.
            try await world.civil.certifyCause(
                record.id, plain.merging(["certifier.licence": "123"]) { $1 }, expectedVersion: 2,
                by: CivilStep(certifier))
            #expect(try await world.civil.cause(of: record.id, by: coder, traceID: "t")?.code == "E11.9")
            try await world.civil.certifyCause(
                record.id, plain.merging(["cause.b.condition": "Stroke"]) { $1 }, expectedVersion: 3,
                by: CivilStep(certifier))
            #expect(try await groups(world) == ["_U"])
            #expect(try await world.civil.causeLists(of: coder).map(\.1) == [0, 1])
        }
    }

    @Test(arguments: TestDatabases.kinds) func onlyWhoStatedItAndCodersSeeIt(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let record = try await death(world)
            let person = try #require(record.persons[.deceased])
            try await world.civil.certifyCause(
                record.id, certificate(world), expectedVersion: 0, by: CivilStep(certifier))
            let before = try await world.journal.entries(of: person).count
            let own = try await world.civil.deathToCertify(record.id, by: certifier, traceID: "t")
            let others = try await world.civil.deathToCertify(record.id, by: other, traceID: "t")
            #expect(own.cause != nil && others.cause == nil && others.version == 1)
            #expect(others.facts.contains { $0.field.id == "deceased.given_km" })
            #expect(!others.facts.contains { $0.field.id.hasPrefix("informant.") || $0.field.id == "deceased.person" })
            let entries = try await world.journal.entries(of: person)
            #expect(entries.count == before + 2, "one entry for each look")
            for officer in [world.registrar, world.clerk, world.first, World.officer("far", .medicalCertifier, "01")] {
                await #expect(throws: RumdulError.self) {
                    _ = try await world.civil.deathToCertify(record.id, by: officer, traceID: "t")
                }
                await #expect(throws: RumdulError.self) {
                    _ = try await world.civil.death(numbered: record.number ?? "", by: officer)
                }
                await #expect(throws: RumdulError.self) {
                    try await world.civil.certifyCause(
                        record.id, certificate(world), expectedVersion: nil, by: CivilStep(officer))
                }
            }
            #expect(try await world.civil.death(numbered: record.trackingID, by: other) == record.id)
            let sealed = try await world.database.read { try await $0.query("SELECT sealed FROM civil_causes") }
            for row in sealed { #expect(try row.blob(0).firstRange(of: Array("Diabetes".utf8)) == nil) }
            let birth = try await world.registeredBirth()
            await #expect(throws: RumdulError.civilNotFound) {
                _ = try await world.civil.death(numbered: birth.number ?? "", by: certifier)
            }
        }
    }

    @Test func everyRefusalStandsAtItsField() async throws {
        try await World.with(.sqlite) { world in
            let record = try await death(world)
            let cases: [([String: String], String)] = [
                (["cause.a.condition": ""], "cause.a.condition"), (["cause.a.interval": "soon"], "cause.a.interval"),
                (["cause.a.interval": "0 days"], "cause.a.interval"), (["cause.a.code": "9"], "cause.a.code"),
                (["cause.b.condition": ""], "cause.b.condition"),
                (["cause.d.condition": "x ray"], "cause.d.condition"),
                (["cause.other.codes": "I10 E11 x"], "cause.other.codes"),
                (["cause.underlying": "S72.0"], "cause.underlying"),
                (["cause.underlying": "O72.1"], "cause.underlying"),
                (["manner.kind": "accident"], "injury.how"), (["manner.kind": ""], "manner.kind"),
                (["injury.date": world.clock.day(-1)], "injury.date"),
                (["surgery.was": "yes"], "surgery.reason"), (["pregnancy.was": "no"], "pregnancy.was"),
                (["infant.weight": "900"], "infant.weight"),
                (["certifier.date": world.clock.day(-3)], "certifier.date"),
                (["certifier.date": world.clock.day(1)], "certifier.date"), (["certifier.name": ""], "certifier.name"),
                (["cause.c.condition": "a\u{202E}b"], "cause.c.condition"), (["unknown.field": "x"], "unknown.field"),
            ]
            for (change, field) in cases {
                await #expect("\(change)") {
                    try await world.civil.certifyCause(
                        record.id, certificate(world, change), expectedVersion: nil, by: CivilStep(certifier))
                } throws: {
                    ($0 as? RumdulError)?.fields.map(\.field).contains(field) == true
                }
            }
            #expect(try await groups(world) == ["_U"])
        }
    }

    @Test(arguments: TestDatabases.kinds) func questionsFollowSexAndAge(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let woman = try await death(world, sex: .female, born: "1996-01-01")
            #expect(
                try await world.civil.deathToCertify(woman.id, by: certifier, traceID: "t").subject.mayHaveBeenPregnant)
            await #expect {
                try await world.civil.certifyCause(
                    woman.id, certificate(world), expectedVersion: nil, by: CivilStep(certifier))
            } throws: {
                ($0 as? RumdulError)?.fields.map(\.field) == ["pregnancy.was"]
            }
            try await world.civil.certifyCause(
                woman.id,
                certificate(
                    world, ["pregnancy.was": "within42Days", "pregnancy.contributed": "yes", "cause.b.code": "O72.1"]),
                expectedVersion: nil, by: CivilStep(certifier))
            #expect(try await groups(world) == ["CG14"])
            let child = try await death(world, sex: .male, born: world.clock.day(-20))
            let subject = try await world.civil.deathToCertify(child.id, by: certifier, traceID: "t").subject
            #expect(subject.isInfant && !subject.mayHaveBeenPregnant)
            try await world.civil.certifyCause(
                child.id, certificate(world, ["infant.weight": "1900", "infant.weeks": "33"]), expectedVersion: nil,
                by: CivilStep(certifier))
        }
    }

    @Test func intervalsAreReadAsPeopleWriteThem() {
        let cases = [
            ("3 days", "P3D"), ("៣ ថ្ងៃ", "P3D"), ("2h", "PT2H"), ("30 min", "PT30M"), ("៥ ឆ្នាំ", "P5Y"), ("6 M", "P6M"),
            ("១ សប្តាហ៍", "P1W"), ("?", "unknown"), ("មិនដឹង", "unknown"), ("Not known", "unknown"),
        ]
        for (typed, stored) in cases {
            #expect(OnsetInterval(typed: typed)?.stored == stored, "\(typed)")
            #expect(OnsetInterval(stored: stored)?.stored == stored)
            for language in Language.allCases {
                let shown = OnsetInterval(stored: stored)?.text(language) ?? ""
                #expect(OnsetInterval(typed: shown)?.stored == stored, "\(shown)")
            }
        }
        for wrong in ["", "days", "1000 days", "-1 d", "3", "3 parsecs", "P3D", "៣3 days"] {
            #expect(OnsetInterval(typed: wrong) == nil, "\(wrong)")
        }
    }
}
