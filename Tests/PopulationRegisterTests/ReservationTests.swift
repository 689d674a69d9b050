import Accountability
import Database
import DatabaseTesting
import Kernel
import KeyVault
import Synchronization
import Testing

@testable import PopulationRegister

/// Seeded choices, and who was given which code.
private final class Draws: Sendable {
    private let random: Mutex<SeededGenerator>
    private let given = Mutex<[KIDC: Int]>([:])

    init(_ seed: UInt64) { random = Mutex(SeededGenerator(seed: seed)) }

    var count: Int { given.withLock { $0.count } }
    func pick(_ bound: Int) -> Int { random.withLock { Int.random(in: 0..<bound, using: &$0) } }
    func note(_ code: KIDC, _ number: Int) -> Int? { given.withLock { $0.updateValue(number, forKey: code) } }
}

@Suite struct ReservationTests {
    private static let system = Actor.client("cr")

    private func state(_ world: World, _ request: String, _ code: KIDC) async throws -> ReservationState {
        try await world.register.reservation(once: request, of: code).state
    }

    @Test(arguments: TestDatabases.kinds) func aReservationIsConfirmedOnceAndThenThePersonCounts(
        _ kind: DatabaseKind
    ) async throws {
        try await World.with(kind) { world in
            let register = world.register
            let held = try await register.reserve(dara(), once: "r1", content: "{}", by: Self.system)
            #expect(held.state == .open && held.expiresAt == world.ambient.now.adding(seconds: 90 * 86_400))
            #expect(try await register.person(kidc: held.kidc) == nil)
            for _ in 0..<2 {
                try await register.confirmReservation(
                    once: "r1", of: held.kidc, as: dara(), content: "{a}", by: Self.system)
            }
            let person = try #require(try await register.person(kidc: held.kidc))
            #expect(try await register.lifeState(of: person) == .alive)
            #expect(try await state(world, "r1", held.kidc) == .confirmed)
            await #expect(throws: RumdulError.kidcReservationConfirmed) {
                try await register.confirmReservation(
                    once: "r1", of: held.kidc, as: dara(), content: "{b}", by: Self.system)
            }
            await #expect(throws: RumdulError.kidcReservationConfirmed) {
                try await register.releaseReservation(once: "r1", of: held.kidc, by: Self.system)
            }
            // What was confirmed does not expire.
            world.ambient.advance(seconds: 400 * 86_400)
            #expect(try await register.expireReservations() == 0)
            #expect(try await register.reserve(dara(), once: "r1", content: "{}", by: Self.system).kidc == held.kidc)
            // Another's code, or another's request, is unknown.
            let other = try await register.reserve(dara(), once: "r2", content: "{}", by: Self.system)
            for (request, code) in [("r1", other.kidc), ("r2", held.kidc), ("r3", held.kidc)] {
                await #expect(throws: RumdulError.kidcReservationUnknown) { _ = try await state(world, request, code) }
                await #expect(throws: RumdulError.kidcReservationUnknown) {
                    try await register.confirmReservation(
                        once: request, of: code, as: dara(), content: "{}", by: Self.system)
                }
            }
        }
    }

    @Test(arguments: TestDatabases.kinds) func whatIsNotConfirmedInTimeEndsAndIsErased(_ kind: DatabaseKind)
        async throws
    {
        try await World.with(kind) { world in
            let register = world.register
            let first = try await register.reserve(dara(), once: "r1", content: "{}", days: 1, by: Self.system)
            let late = try await register.reserve(dara(), once: "r2", content: "{}", days: 1, by: Self.system)
            let long = try await register.reserve(dara(), once: "r3", content: "{}", days: 30, by: Self.system)
            world.ambient.advance(seconds: 86_400)
            // Also before the job comes by: the time is over.
            await #expect(throws: RumdulError.kidcReservationOver) {
                try await register.confirmReservation(
                    once: "r2", of: late.kidc, as: dara(), content: "{}", by: Self.system)
            }
            #expect(try await state(world, "r2", late.kidc) == .expired)
            #expect(try await register.expireReservations() == 1)
            #expect(try await register.expireReservations() == 0)
            #expect(try await state(world, "r1", first.kidc) == .expired)
            #expect(try await state(world, "r3", long.kidc) == .open)
            await #expect(throws: RumdulError.kidcReservationOver) {
                _ = try await register.reserve(dara(), once: "r1", content: "{}", by: Self.system)
            }
            try await register.releaseReservation(once: "r3", of: long.kidc, by: Self.system)
            try await register.releaseReservation(once: "r3", of: long.kidc, by: Self.system)
            #expect(try await state(world, "r3", long.kidc) == .released)
            // Nothing of the three is left but that their codes were given once.
            let rows = try await world.database.read {
                try await $0.query("SELECT data_key, snapshot, record_state FROM population_persons")
            }
            for row in rows {
                #expect(try row.optionalBlob(0) == nil && row.optionalBlob(1) == nil)
                #expect(try row.string(2) == "error")
            }
            let codes = try await world.database.read {
                try await $0.query("SELECT sealed, state FROM population_codes")
            }
            #expect(codes.count == 3)
            for code in codes {
                #expect(try code.optionalBlob(0) == nil)
                #expect(try code.string(1) == "error")
            }
        }
    }

    /// Invariants 1 and 2 over random ways of many reservations, where only a few hundred codes can be drawn: no code is
    /// ever given to a second person, whatever became of the first.
    @Test(arguments: TestDatabases.kinds, [UInt64(1), 2, 3]) func noCodeIsEverGivenTwice(
        _ kind: DatabaseKind, _ seed: UInt64
    ) async throws {
        try await World.with(kind) { world in
            let draws = Draws(seed)
            @Sendable func pick(_ bound: Int) -> Int { draws.pick(bound) }
            // Eight bytes are a draw of a code; everything else stays random.
            let narrow = Ambient(
                now: { world.ambient.now },
                randomBytes: { count in
                    guard count == 8 else { return world.ambient.bytes(count) }
                    let value = UInt64(pick(300)) * 2_654_435
                    return (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
                })
            let register = PopulationRegister(
                database: world.database, vault: world.vault, ledger: world.ledger, gate: world.gate,
                referenceData: world.referenceData, ambient: narrow, codes: .production)
            for round in 0..<12 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<8 {
                        let (number, way, days) = (round * 8 + index, pick(5), 1 + pick(3))
                        group.addTask {
                            let request = "r\(number)"
                            let held: Reservation
                            do {
                                held = try await register.reserve(
                                    dara(), once: request, content: "{}", days: days, by: Self.system)
                            } catch let error as RumdulError where error.code == "kidc.exhausted" {
                                return
                            }
                            let before = draws.note(held.kidc, number)
                            #expect(before == nil, "\(number) got the code of \(before ?? -1)")
                            switch way {
                            case 0, 1:
                                try await register.confirmReservation(
                                    once: request, of: held.kidc, as: dara(), content: "{}", by: Self.system)
                            case 2: try await register.releaseReservation(once: request, of: held.kidc, by: Self.system)
                            case 3:
                                _ = try await world.database.transaction {
                                    try await register.register(dara(), by: Self.system, in: $0)
                                }
                            default: break
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                world.ambient.advance(seconds: Int64(pick(2)) * 86_400)
                _ = try await register.expireReservations()
            }
            let rows = try await world.database.read {
                try await $0.query(
                    "SELECT COUNT(*), COUNT(DISTINCT tag), COUNT(DISTINCT person_id) FROM population_codes")
            }
            let counts = try (0..<3).map { try rows[0].int($0) }
            #expect(Set(counts).count == 1, "one person for each code, one code for each person: \(counts)")
            #expect(draws.count > 60)
        }
    }

    @Test(arguments: TestDatabases.kinds) func oneOfConfirmationAndEndWins(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let register = world.register
            for number in 0..<6 {
                let held = try await register.reserve(dara(), once: "c\(number)", content: "{}", by: Self.system)
                async let confirmed = try? await register.confirmReservation(
                    once: "c\(number)", of: held.kidc, as: dara(), content: "{}", by: Self.system)
                async let released = try? await register.releaseReservation(
                    once: "c\(number)", of: held.kidc, by: Self.system)
                let outcomes = [await confirmed != nil, await released != nil]
                #expect(outcomes.count { $0 } == 1)
                let counts = try await register.person(kidc: held.kidc) != nil
                #expect(counts == outcomes[0])
                #expect(try await state(world, "c\(number)", held.kidc) == (counts ? .confirmed : .released))
            }
        }
    }
}
