import Accountability
import Codecs
import Database
import DatabaseTesting
import Kernel
import Ledger
import ReferenceData
import Testing

@testable import PopulationRegister

private func officer(_ id: String, _ role: Role, _ area: String? = nil) -> Officer {
    Officer(
        id: id, username: id, displayName: LocalizedText(km: id, en: id),
        organisation: Organisation(code: "gdi", name: LocalizedText(km: "អគ្គនាយកដ្ឋាន", en: "GDI")),
        grants: [Grant(role, in: area.map { .area($0) } ?? .national)], state: .active)
}

private let registrar = officer("registrar", .registrar, "12")
private let approver = officer("approver", .provincialApprover, "12")
private let both = officer("both", .identificationOfficer)

private func code(of body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let error as RumdulError {
        return error.code
    } catch {
        return "\(error)"
    }
}

@Suite("Requests for correction") struct CorrectionTests {
    private static let wish = CorrectionWish(
        wish: "SOK Darika", why: "a clerk's slip", evidence: "birth certificate 4711")

    private func actions(_ world: World, _ person: PersonID) async throws -> [String] {
        try await world.database.read { connection in
            try await world.ledger.entries(
                subject: person.text, streamPrefix: AuditTrail.streamPrefix, before: nil, limit: 50, in: connection)
        }.map(\.kind).filter { $0.hasPrefix("correction.") || $0 == "person.amended" }.reversed()
    }

    @Test(arguments: TestDatabases.kinds) func twoOfficersCorrect(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let person = try await world.enter(dara()).personID
            let filed = try await register.requestCorrection(.nameLatin, Self.wish, of: person)
            #expect(try await register.waitingCorrections(for: registrar).map(\.id) == [filed.id])
            #expect(try await register.waitingCorrections(for: officer("far", .registrar, "17")).isEmpty)
            let before = try await world.disclose(person, [.nameLatin])[.nameLatin]
            let (read, present) = try await register.correction(filed.id, by: registrar, trace: "t-1")
            #expect(read.wish == Self.wish && present[.nameLatin] == before && present[.nameKhmer] != nil)
            // The look stands in the person's own journal, with the request as its reference.
            let entry = try #require(try await world.journal.entries(of: person).first)
            #expect(entry.organisation.code == "gdi" && entry.purpose.code == "correction")
            let values = ["family": "SOK", "given": "Darika"]
            try await register.proposeCorrection(
                filed.id, CorrectionProposal(values: values, evidence: "birth certificate 4711, seen"), by: registrar)
            #expect(try await world.disclose(person, [.nameLatin])[.nameLatin] == before, "nothing changed yet")
            #expect(
                try await register.correction(filed.id, by: approver, trace: "t-2").correction.proposal?.values
                    == values)
            try await register.acceptCorrection(filed.id, by: approver)
            #expect(try await world.disclose(person, [.nameLatin])[.nameLatin] == "SOK Darika")
            #expect(try await world.disclose(person, [.nameKhmer])[.nameKhmer] != nil, "the other script stays")
            let mine = try await register.corrections(of: person)
            #expect(mine.map(\.about.state) == [.accepted])
            #expect(
                try await actions(world, person) == [
                    "correction.requested", "correction.proposed", "person.amended", "correction.accepted",
                ])
            #expect(try await register.waitingCorrections(for: both).isEmpty)
            for again in [approver, both] {
                #expect(await code { try await register.acceptCorrection(filed.id, by: again) } == "correction.state")
            }
            #expect(try await world.ledger.verify().isIntact)
        }
    }

    @Test(arguments: TestDatabases.kinds) func nobodyDecidesAlone(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let person = try await world.enter(dara()).personID
            let filed = try await register.requestCorrection(.gender, Self.wish, of: person)
            let proposal = CorrectionProposal(values: ["sex": "female"], evidence: "card")
            #expect(await code { try await register.acceptCorrection(filed.id, by: both) } == "correction.state")
            #expect(
                await code { try await register.proposeCorrection(filed.id, proposal, by: approver) }
                    == "officer.forbidden")
            try await register.proposeCorrection(filed.id, proposal, by: both)
            #expect(await code { try await register.acceptCorrection(filed.id, by: both) } == "officer.same_person")
            #expect(await code { try await register.acceptCorrection(filed.id, by: registrar) } == "officer.forbidden")
            #expect(
                await code { try await register.proposeCorrection(filed.id, proposal, by: registrar) }
                    == "correction.state")
            // Who may only prepare cannot undo what waits for a second officer.
            #expect(
                await code { try await register.refuseCorrection(filed.id, reason: "no", by: registrar) }
                    == "officer.forbidden")
            for stranger in [
                officer("far", .identificationOfficer, "17"), officer("desk", .enrolmentSupervisor),
                officer("auditor", .auditor),
            ] {
                #expect(
                    await code { _ = try await register.correction(filed.id, by: stranger, trace: "t") }
                        == "correction.not_found")
                #expect(
                    await code { try await register.acceptCorrection(filed.id, by: stranger) } == "correction.not_found"
                )
            }
            #expect(
                await code { _ = try await register.waitingCorrections(for: officer("desk", .enrolmentSupervisor)) }
                    == "officer.forbidden")
            #expect(
                try await world.journal.entries(of: person).isEmpty, "a refused look shows nothing and notes nothing")
        }
    }

    @Test(arguments: TestDatabases.kinds) func refusedWithAReason(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let person = try await world.enter(dara()).personID
            let other = try await world.enter(dara()).personID
            let filed = try await register.requestCorrection(.nameLatin, Self.wish, of: person)
            #expect(
                await code { try await register.refuseCorrection(filed.id, reason: " ", by: registrar) }
                    == "correction.text")
            try await register.refuseCorrection(filed.id, reason: "the paper says otherwise", by: registrar)
            #expect(try await register.corrections(of: person).first?.refusal == "the paper says otherwise")
            #expect(try await register.corrections(of: other).isEmpty)
            #expect(
                await code { try await register.withdrawCorrection(filed.id, by: person) } == "correction.state")
            let next = try await register.requestCorrection(.nameLatin, Self.wish, of: person)
            #expect(
                await code { try await register.withdrawCorrection(next.id, by: other) } == "correction.not_found")
            for _ in 0..<2 { try await register.withdrawCorrection(next.id, by: person) }
            #expect(
                try await actions(world, person) == [
                    "correction.requested", "correction.refused", "correction.requested", "correction.withdrawn",
                ])
        }
    }

    @Test(arguments: TestDatabases.kinds) func limitsHold(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let person = try await world.enter(dara()).personID
            func ask(_ attribute: AttributeName) async -> String? {
                await code { _ = try await register.requestCorrection(attribute, Self.wish, of: person) }
            }
            #expect(await ask(.kidc) == "correction.attribute")
            #expect(await ask(.nameLatin) == nil)
            #expect(await ask(.nameLatin) == "correction.under_way")
            // Many at once: three wait at the end, whoever was first.
            let outcomes = await withTaskGroup(of: String?.self) { group in
                for attribute in [AttributeName.gender, .birthdate, .email, .phoneNumber, .address] {
                    group.addTask { await ask(attribute) }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 2)
            #expect(outcomes.filter { $0 == "correction.too_many" }.count == 3)
            // Taken back and asked again, over and over.
            for _ in 0..<7 {
                let live = try await register.corrections(of: person).first { $0.about.state.isLive }
                try await register.withdrawCorrection(try #require(live).about.id, by: person)
                let free = try #require(
                    CorrectionRules.attributes.first { attribute in attribute == (live?.about.attribute ?? .email) })
                #expect(await ask(free) == nil)
            }
            let live = try await register.corrections(of: person).first { $0.about.state.isLive }
            try await register.withdrawCorrection(try #require(live).about.id, by: person)
            #expect(await ask(.nationalID) == "correction.too_many")
            world.ambient.advance(seconds: 31 * 86_400)
            #expect(await ask(.nationalID) == nil)
        }
    }

    @Test(arguments: TestDatabases.kinds) func sealedAndErasedWithThePerson(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let person = try await world.enter(dara()).personID
            let filed = try await register.requestCorrection(.nameLatin, Self.wish, of: person)
            try await register.proposeCorrection(
                filed.id, CorrectionProposal(values: ["given": "Darika"], evidence: "certificate 4711"), by: registrar)
            let stored = try await world.database.read { connection in
                try await connection.query("SELECT wish, proposal FROM population_corrections", []).map { row in
                    String(decoding: try row.blob(0) + (try row.optionalBlob(1) ?? []), as: UTF8.self)
                }
            }
            for secret in ["Darika", "slip", "4711"] { #expect(stored.allSatisfy { !$0.contains(secret) }) }
            let told = try await world.database.read { connection in
                try await world.ledger.entries(
                    subject: person.text, streamPrefix: "", before: nil, limit: 50, in: connection)
            }.map { String(decoding: $0.payload, as: UTF8.self) }.joined()
            for secret in ["Darika", "slip", "4711"] { #expect(!told.contains(secret)) }
            try await world.database.transaction { connection in
                try await register.erase(
                    person, requestedBy: .officer(id: "1", role: "r"), approvedBy: .officer(id: "2", role: "r"),
                    in: connection)
            }
            #expect(try await world.count("population_corrections") == 0)
            #expect(
                await code { _ = try await register.requestCorrection(.nameLatin, Self.wish, of: person) }
                    == "person.erased")
        }
    }

    @Test func textsAreChecked() async throws {
        try await World.with(.sqlite) { world in
            let person = try await world.enter(dara()).personID
            let long = String(repeating: "ក", count: 501)
            for wish in [
                CorrectionWish(wish: "", why: "x"), CorrectionWish(wish: "x", why: long),
                CorrectionWish(wish: "x\u{202E}y", why: "x"), CorrectionWish(wish: "a\u{0}b", why: "x"),
                CorrectionWish(wish: "x", why: "y", evidence: long),
            ] {
                #expect(
                    await code { _ = try await world.register.requestCorrection(.nameLatin, wish, of: person) }
                        == "correction.text")
            }
            #expect(try await world.count("population_corrections") == 0)
        }
    }

    @Test(arguments: [
        (AttributeName.nameKhmer, ["family": "សុខ", "given": "តារា"], ""), (.nameKhmer, ["given": "Latin"], "name_km"),
        (.nameLatin, ["family": "SOK"], "given"), (.gender, ["sex": "x"], "sex"), (.gender, ["sex": "female"], ""),
        (.birthdate, ["birthdate": "១៩៩០-០៤-១៤"], ""), (.birthdate, ["birthdate": "1990"], ""),
        (.birthdate, ["birthdate": "1990-13-01"], "birthdate"), (.birthdate, ["birthdate": "2999-01-01"], "birthdate"),
        (.nationality, ["nationality": "khmer"], ""), (.nationality, ["nationality": "foreign"], "nationality"),
        (.nationality, ["nationality": "foreign", "country": "vnm"], ""),
        (.nationality, ["nationality": "martian"], "nationality"), (.address, ["place": "0801", "detail": "ផ្ទះ ៥"], ""),
        (.address, ["place": "99"], "residence"), (.address, ["place": "x"], "place"),
        (.residencyStatus, ["residence": "temporary"], ""), (.residencyStatus, [:], "residence"),
        (.phoneNumber, ["phone": "០១២ ៣៤៥ ៦៧៩"], ""), (.phoneNumber, ["phone": ""], ""),
        (.phoneNumber, ["phone": "12"], "phone_number"), (.email, ["email": "a@b.example"], ""),
        (.email, ["email": "nonsense"], "email"), (.nationalID, ["number": "010 203 041"], ""),
        (.nationalID, [:], "number"),
    ]) func everyAttributeIsAmendedOrItsInputNamed(
        _ attribute: AttributeName, _ values: [String: String], _ refused: String
    ) async throws {
        try await World.with(.sqlite) { world in
            let register = world.register
            let person = try await world.enter(dara()).personID
            let filed = try await register.requestCorrection(attribute, Self.wish, of: person)
            let before = try await world.disclose(person, [attribute])[attribute]
            do {
                try await register.proposeCorrection(
                    filed.id, CorrectionProposal(values: values, evidence: "seen"), by: both)
                #expect(refused.isEmpty, "\(values) should be refused")
                try await register.acceptCorrection(filed.id, by: officer("other", .identificationOfficer))
                let after = try await world.disclose(person, [attribute])[attribute]
                #expect(after != before || attribute == .nationality, "\(attribute.rawValue)")
            } catch let error as RumdulError {
                #expect(error.code == "person.invalid" && error.fields.first?.field == refused, "\(error)")
            }
        }
    }
}
