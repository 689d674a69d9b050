import Accountability
import Database
import DatabaseTesting
import Kernel
import ReferenceData
import Testing

@testable import PopulationRegister

@Suite struct VerificationTests {
    private func claims(_ fill: (inout PersonClaims) -> Void) -> PersonClaims {
        var claims = PersonClaims()
        fill(&claims)
        return claims
    }

    private func verify(
        _ world: World, _ code: String, _ claims: PersonClaims
    ) async throws -> PersonVerification {
        let identifier = try PersonIdentifier(entered: code)
        var request = world.request(PersonID(""), [], .statute("KH-CRVSI-2023"))
        request.service = "ids.verify"
        let asked = request
        return try await world.database.transaction {
            try await world.register.verify(identifier, claims, as: asked, in: $0)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func eachFieldIsAnsweredByItself(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            let all = claims {
                // The same name typed in another order of marks and with a space more.
                $0.nameKhmer = "សុខ  ដារ៉ា"
                $0.nameLatin = "dara sokh"
                $0.birthdate = PartialDate(iso: "1990-04-13")
                $0.sex = .female
                $0.birthplace = PlaceCode("08")
                $0.residence = PlaceCode("1201")
                $0.alive = true
            }
            let answer = try await verify(world, entered.kidc.display, all)
            #expect(answer.isAnchored)
            #expect(
                answer.verdicts == [
                    .nameKhmer: .match, .nameLatin: .match, .birthdate: .match, .sex: .noMatch, .birthplace: .match,
                    .residence: .notKnown, .alive: .match,
                ])
            let entry = try #require(try await world.journal.entries(of: entered.personID).first)
            #expect(entry.service == "ids.verify" && entry.basis == .statute("KH-CRVSI-2023"))
            #expect(Set(entry.attributes) == Set(PersonClaims.Field.verifiable.map(\.attribute)))
            #expect(try await world.count("ledger_entries", "stream LIKE 'access-%'") == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func anUnknownCodeAnswersAsAStranger(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara { $0.sex = .notKnown })
            let wrong = claims {
                $0.nameLatin = "CHAN Sophea"
                $0.birthdate = PartialDate(iso: "1990-05-01")
                $0.sex = .male
                $0.alive = true
            }
            let stranger = try await verify(world, entered.kidc.digits, wrong)
            var other = KIDC.draw(.production, .system)
            while other == entered.kidc { other = KIDC.draw(.production, .system) }
            let nobody = try await verify(world, other.digits, wrong)
            #expect(stranger == nobody && !stranger.isAnchored)
            #expect(stranger.verdicts.values.allSatisfy { $0 == .noMatch })
            // The stranger was asked about and sees it; of nobody the auditor reads.
            #expect(try await world.journal.entries(of: entered.personID).count == 1)
            #expect(try await world.count("ledger_entries", "stream LIKE 'access-%'") == 1)
            // Without an anchor nothing is asked at all.
            let guess = claims {
                $0.sex = .male
                $0.birthdate = PartialDate(iso: "1990")
            }
            await #expect(throws: RumdulError.verifyAnchor) {
                _ = try await verify(world, entered.kidc.digits, guess)
            }
            #expect(try await world.journal.entries(of: entered.personID).count == 1)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func theDeadTheMergedAndAliases(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let entered = try await world.enter(dara())
            let named = claims {
                $0.nameLatin = "SOK Dara"
                $0.alive = true
            }
            let alias = try await world.database.transaction {
                try await world.register.issueVID(
                    for: entered.personID, .oneTime, expiresAt: world.ambient.now.adding(seconds: 60),
                    by: .subjectSelf, in: $0)
            }
            #expect(try await verify(world, alias.digits, named).isAnchored)
            #expect(try await verify(world, alias.digits, named).isAnchored == false, "used up")
            try await world.database.transaction {
                try await world.register.amend(
                    entered.personID, .life(.deceased), validFrom: nil, source: source, by: clerk, in: $0)
            }
            #expect(try await verify(world, entered.kidc.digits, named).verdicts[.alive] == .noMatch)
            await #expect(throws: RumdulError.kidcWrongRange) {
                _ = try await verify(world, KIDC.draw(.synthetic, .system).digits, named)
            }
        }
    }

    @Test func datesAgreeAsFarAsTheyGo() throws {
        func agree(_ known: String, _ claimed: String) throws -> ClaimVerdict {
            try #require(PartialDate(iso: known)).agrees(with: try #require(PartialDate(iso: claimed)))
        }
        #expect(try agree("1990-04-13", "1990-04-13") == .match)
        #expect(try agree("1990-04-13", "1990-04") == .match)
        #expect(try agree("1990-04-13", "1990") == .match)
        #expect(try agree("1990-04-13", "1990-04-14") == .noMatch)
        #expect(try agree("1990-04", "1990-04-13") == .notKnown)
        #expect(try agree("1990", "1990-04-13") == .notKnown)
        #expect(try agree("1990", "1991-04-13") == .noMatch)
        #expect(try agree("1990", "1991") == .noMatch)
    }

    @Test func namesAgreeButForHabitsOfWriting() {
        #expect(NameComparison.latin("SOK Dara", "Dara Sok"))
        #expect(NameComparison.latin("Sokkha CHEA", "CHEA Sokha"))
        #expect(NameComparison.latin("KIM Sovann Dara", "KIM Sovanndara"))
        #expect(!NameComparison.latin("SOK Dara", "SOK Dany"))
        #expect(!NameComparison.latin("", ""))
        #expect(NameComparison.khmer("សុខដារ៉ា", "សុខ ដារ៉ា"))
        #expect(!NameComparison.khmer("សុខ ដារ៉ា", "សុខ ដារី"))
    }

    @Test(arguments: TestDatabases.kinds)
    func aReservationIsMadeOnce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let first = try await world.register.reserve(dara(), once: "r1", content: "{}", by: .client("cr"))
            let again = try await world.register.reserve(dara(), once: "r1", content: "{}", by: .client("cr"))
            let other = try await world.register.reserve(dara(), once: "r1", content: "{1}", by: .client("cr"))
            let next = try await world.register.reserve(dara(), once: "r2", content: "{}", by: .client("cr"))
            #expect(!first.isRepeated && again.isRepeated && again.isSame && !other.isSame)
            #expect(first.kidc == again.kidc && first.kidc == other.kidc && first.kidc != next.kidc)
            #expect(try await world.count("population_codes", "state = 'reserved'") == 2)
            #expect(try await world.register.person(kidc: first.kidc) == nil, "it opens nothing")
            #expect(try await world.count("population_reservations") == 2)
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func ofManyEqualRequestsOneReserves(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let codes = try await withThrowingTaskGroup(of: KIDC.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await world.register.reserve(dara(), once: "same", content: "{}", by: .client("cr")).kidc
                    }
                }
                return try await group.reduce(into: Set<KIDC>()) { $0.insert($1) }
            }
            #expect(codes.count == 1)
            #expect(try await world.count("population_codes") == 1)
        }
    }
}
