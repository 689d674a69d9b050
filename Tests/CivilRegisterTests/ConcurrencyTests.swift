import Database
import DatabaseTesting
import Kernel
import PopulationRegister
import Testing

@testable import CivilRegister

/// Several officers at once, on one record and on many: nothing is lost, nothing happens twice.
@Suite struct ConcurrencyTests {
    /// Runs bodies at once; their records, and the codes of those that failed.
    private func atOnce(
        _ bodies: [@Sendable () async throws -> VitalRecord]
    ) async throws -> (done: [VitalRecord], refused: [String]) {
        try await withThrowingTaskGroup(of: Result<VitalRecord, RumdulError>.self) { group in
            for body in bodies {
                group.addTask {
                    do {
                        return .success(try await body())
                    } catch let error as RumdulError {
                        return .failure(error)
                    }
                }
            }
            var result: (done: [VitalRecord], refused: [String]) = ([], [])
            for try await one in group {
                switch one {
                case .success(let record): result.done.append(record)
                case .failure(let error): result.refused.append(error.code)
                }
            }
            return result
        }
    }

    private static let conflicts: Set<String> = [RumdulError.civilChanged.code, RumdulError.civilState.code]

    @Test(arguments: TestDatabases.kinds)
    func manyClerksOnManyRecordsGetNumbersWithoutGapsAndCodesOfTheirOwn(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let communes = ["120101", "120102"]
            let (done, refused) = try await atOnce(
                (0..<16).map { number in
                    let office = communes[number % 2]
                    return {
                        let clerk = World.officer("clerk\(number)", .communeClerk, office)
                        let registrar = World.officer("registrar\(number)", .registrar, office)
                        let verifier = World.officer("verifier\(number)", .districtVerifier, "1201")
                        let raw = world.birth(["child.given_km": "ទី" + String(repeating: "ក", count: number + 1)])
                        let made = try await world.civil.declare(.birth, raw, office: office, by: CivilStep(clerk))
                        _ = try await world.civil.verify(made.id, by: CivilStep(verifier, expected: made.sequence))
                        return try await world.civil.register(made.id, by: CivilStep(registrar))
                    }
                })
            #expect(done.count == 16 && refused.isEmpty, "\(refused)")
            #expect(done.allSatisfy { $0.sequence == 4 }, "no action is lost")
            for office in communes {
                let serials = done.filter { $0.office == office }.compactMap(\.number).compactMap {
                    Int($0.split(separator: "-")[3])
                }
                #expect(serials.sorted() == Array(1...8))
            }
            #expect(Set(done.compactMap { $0.persons[.child] }).count == 16)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func oneOfManySimultaneousRegistrationsOfARecordWins(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for round in 0..<3 {
                let raw = world.birth(["child.given_km": ["ពិសី", "មករា", "មីនា"][round]])
                let made = try await world.civil.declare(.birth, raw, office: World.office, by: CivilStep(world.clerk))
                let verified = try await atOnce(
                    (0..<4).map { number in
                        {
                            try await world.civil.verify(
                                made.id, by: CivilStep(World.officer("v\(number)", .districtVerifier, "1201")))
                        }
                    })
                #expect(verified.done.count == 1 && Set(verified.refused).isSubset(of: Self.conflicts))
                let sequence = verified.done.first?.sequence
                let registered = try await atOnce(
                    (0..<4).map { number in
                        {
                            try await world.civil.register(
                                made.id,
                                by: CivilStep(
                                    World.officer("r\(number)", .registrar, "120101"),
                                    expected: number % 2 == 0 ? sequence : nil))
                        }
                    })
                #expect(registered.done.count == 1 && Set(registered.refused).isSubset(of: Self.conflicts))
                #expect(registered.done.first?.number?.contains("-0000\(round + 1)-") == true)
            }
            #expect(try await world.people.count() == 3)
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    /// Invariant 17: of two steps that cannot both follow, one is refused and says so.
    @Test(arguments: TestDatabases.kinds)
    func invariant17OfTwoConflictingStepsOneIsRefusedAndNoneIsLost(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for round in 0..<4 {
                let made = try await world.civil.declare(
                    .birth, world.birth(), office: World.office, by: CivilStep(world.clerk))
                let verified = try await world.civil.verify(made.id, by: CivilStep(world.verifier))
                let expected = round % 2 == 0 ? verified.sequence : nil
                let both = try await atOnce([
                    { try await world.civil.register(made.id, by: CivilStep(world.registrar, expected: expected)) },
                    {
                        try await world.civil.sendBack(
                            made.id, reason: "ឈ្មោះខុស", by: CivilStep(world.verifier, expected: expected))
                    },
                ])
                #expect(both.done.count == 1 && both.refused.count == 1 && Self.conflicts.contains(both.refused[0]))
                let end = try await world.database.read { try await world.civil.open(made.id, in: $0).record }
                #expect(end == both.done.first && end.sequence == verified.sequence + 1)
                try await world.civil.verifyHistory(of: made.id)
            }
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    /// A button that is pressed twice, or a request that is sent again before the first was answered.
    @Test(arguments: TestDatabases.kinds)
    func theSameRequestSentManyTimesAtOnceIsTakenOnce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let declared = try await atOnce(
                (0..<5).map { _ in
                    {
                        try await world.civil.declare(
                            .birth, world.birth(), office: World.office,
                            by: CivilStep(world.clerk, transactionID: "declare-once"))
                    }
                })
            #expect(declared.refused.isEmpty, "\(declared.refused)")
            #expect(Set(declared.done.map(\.id)).count == 1 && declared.done.allSatisfy { $0.sequence == 2 })
            let id = try #require(declared.done.first?.id)
            let verified = try await atOnce(
                (0..<5).map { _ in
                    {
                        try await world.civil.verify(
                            id, by: CivilStep(world.verifier, expected: 2, transactionID: "verify-once"))
                    }
                })
            #expect(verified.refused.isEmpty && verified.done.allSatisfy { $0.sequence == 3 }, "\(verified.refused)")
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    /// A death and a wedding of one person at the same moment: whichever comes second knows of the first.
    @Test(arguments: TestDatabases.kinds)
    func aDeathAndAWeddingAtOnceLeaveNoDeadSpouseMarried(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            for round in 0..<4 {
                let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-0\(round + 1)")
                let (_, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
                let (_, three) = try await world.person("គឹម", "លីដា", .female, born: "1997-01-01")
                var ids: [String] = []
                for (kind, raw) in [
                    (VitalEventKind.marriage, world.marriage(one, two)), (.marriage, world.marriage(one, three)),
                    (.death, world.death(one)), (.death, world.death(two)),
                ] {
                    ids.append(
                        try await world.civil.declare(kind, raw, office: World.office, by: CivilStep(world.registrar))
                            .id)
                }
                let outcome = try await atOnce(
                    ids.map { id in { try await world.civil.register(id, by: CivilStep(world.registrar)) } })
                #expect(outcome.done.filter { $0.kind == .death }.count == 2, "\(outcome.refused)")
                #expect(
                    Set(outcome.refused).isSubset(of: ["civil.marriage", "civil.person", "person.married"]),
                    "\(outcome.refused)")
            }
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }

    @Test(arguments: TestDatabases.kinds)
    func decisionsAtOnceAreTakenOnce(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let (_, one) = try await world.person("សុខ", "ដារ៉ា", .male, born: "1995-01-01")
            let (_, two) = try await world.person("ចាន់", "សុភា", .female, born: "1996-01-01")
            _ = try await world.registered(.marriage, world.marriage(one, two))
            var divorces: [String] = []
            for _ in 0..<3 {
                divorces.append(
                    try await world.civil.declare(
                        .divorce, world.divorce(one, two), office: World.office, by: CivilStep(world.registrar)
                    ).id)
            }
            let divorced = try await atOnce(
                divorces.map { id in { try await world.civil.register(id, by: CivilStep(world.registrar)) } })
            #expect(divorced.done.count == 1 && Set(divorced.refused) == ["civil.marriage"])

            let birth = try await world.registeredBirth()
            _ = try await world.civil.requestCorrection(
                birth.id, ["child.given_km": "ពិសាល"], reason: "សរសេរខុស", basis: nil, by: CivilStep(world.registrar))
            let corrected = try await atOnce([
                { try await world.civil.approveCorrection(birth.id, by: CivilStep(world.verifier)) },
                { try await world.civil.approveCorrection(birth.id, by: CivilStep(world.province)) },
                { try await world.civil.rejectCorrection(birth.id, reason: "មិនពិត", by: CivilStep(world.first)) },
            ])
            #expect(corrected.done.count == 1 && Set(corrected.refused).isSubset(of: Self.conflicts))

            _ = try await world.civil.requestRevocation(
                birth.id, reason: "ស្ទួន", basis: "សេចក្តីសម្រេច ១", by: CivilStep(world.first))
            let revoked = try await atOnce([
                { try await world.civil.approveRevocation(birth.id, by: CivilStep(world.second)) },
                {
                    try await world.civil.rejectRevocation(
                        birth.id, by: CivilStep(World.officer("third", .identificationOfficer, nil)))
                },
            ])
            #expect(revoked.done.count == 1 && Set(revoked.refused).isSubset(of: Self.conflicts))
            var invariants = Invariants(world)
            try await invariants.check()
        }
    }
}
