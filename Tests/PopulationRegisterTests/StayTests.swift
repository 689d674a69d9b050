import Accountability
import Database
import DatabaseTesting
import Kernel
import Testing

@testable import PopulationRegister

@Suite struct StayTests {
    private let officer = RegisterHand.officer(householdOfficer("immigration", .immigrationOfficer, nil))

    private func foreigner(_ status: Nationality) -> PersonDraft { dara { $0.nationality = [status] } }

    private func stay(
        _ basis: LegalStay.Basis, _ from: String, _ until: String?, number: String? = "E 1234567"
    ) -> LegalStay {
        LegalStay(
            basis, number: number, office: "អគ្គនាយកដ្ឋានអន្តោប្រវេសន៍",
            from: CalendarDate(iso: from) ?? CalendarDate(daysSinceEpoch: 0),
            until: until.flatMap { CalendarDate(iso: $0) })
    }

    @Test(arguments: TestDatabases.kinds)
    func aStayIsNotedRunsOutAndIsFollowedByAnother(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let person = try await world.enter(foreigner(Nationality(.foreign, country: "FRA"))).personID
            #expect(try await world.disclose(person, [.legalStay])[.legalStay] == nil)
            try await world.register.recordStay(
                stay(.ordinaryVisa, "2026-01-01", "2026-03-31"), of: person, reference: "file 1", by: officer)
            var told = try await world.disclose(person, [.legalStay])[.legalStay]
            #expect(told?["state"]?.stringValue == "expired" && told?["number"]?.stringValue == "E1234567")
            world.ambient.advance(seconds: 60)
            let before = world.ambient.now
            world.ambient.advance(seconds: 60)
            try await world.register.recordStay(
                stay(.businessExtension, "2026-04-01", "2027-03-31"), of: person, reference: "file 2", by: officer)
            told = try await world.disclose(person, [.legalStay])[.legalStay]
            #expect(told?["state"]?.stringValue == "valid" && told?["basis"]?.stringValue == "extension_eb")
            for (day, known, basis, state) in [
                ("2026-02-01", nil, "visa_e", "valid"), ("2026-06-01", nil, "extension_eb", "valid"),
                ("2026-06-01", before as Instant?, "visa_e", "expired"),
            ] {
                let on = try #require(CalendarDate(iso: day))
                let past = try await world.disclose(
                    person, [.legalStay], from: world.register.view(on: on, knownAt: known))[.legalStay]
                #expect(past?["basis"]?.stringValue == basis && past?["state"]?.stringValue == state, "\(day)")
            }
            try await world.register.recordStay(nil, of: person, reference: "left", by: officer)
            #expect(try await world.disclose(person, [.legalStay])[.legalStay] == nil)
            let entries = try await world.journal.entries(of: person, limit: 20)
            #expect(entries.count == 7 && entries.allSatisfy { $0.attributes == [.legalStay] })
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func whoMayNoteWhatAboutWhom(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let khmer = try await world.enter(foreigner(Nationality(.khmer))).personID
            let unknown = try await world.enter(dara()).personID
            let stateless = try await world.enter(foreigner(Nationality(.stateless, basis: "decision 4"))).personID
            let refugee = try await world.enter(foreigner(Nationality(.refugee, country: "MMR"))).personID
            await world.refused("basis") {
                try await register.recordStay(
                    stay(.ordinaryVisa, "2026-01-01", nil), of: khmer, reference: "file", by: officer)
            }
            await world.refused("until") {
                try await register.recordStay(
                    stay(.ordinaryVisa, "2026-01-02", "2026-01-01"), of: unknown, reference: "file", by: officer)
            }
            await world.refused("number") {
                try await register.recordStay(
                    stay(.ordinaryVisa, "2026-01-02", nil, number: "!"), of: unknown, reference: "file", by: officer)
            }
            await world.refused("reference") {
                try await register.recordStay(
                    stay(.ordinaryVisa, "2026-01-02", nil), of: unknown, reference: "", by: officer)
            }
            for (person, basis) in [
                (unknown, LegalStay.Basis.residentCard), (stateless, .stateless), (refugee, .refugee),
            ] {
                try await register.recordStay(
                    stay(basis, "2026-01-01", nil), of: person, reference: "file", by: officer)
                let told = try await world.disclose(person, [.legalStay])[.legalStay]
                #expect(told?["basis"]?.stringValue == basis.rawValue && told?["state"]?.stringValue == "valid")
            }
            // Not a registrar, and not one of another province.
            for wrong in [
                householdOfficer("registrar", .registrar, nil), householdOfficer("far", .immigrationOfficer, "08"),
            ] {
                await #expect(throws: RumdulError.officerForbidden) {
                    try await register.recordStay(
                        stay(.ordinaryVisa, "2026-01-01", nil), of: unknown, reference: "file", by: .officer(wrong))
                }
            }
        }
    }
}
