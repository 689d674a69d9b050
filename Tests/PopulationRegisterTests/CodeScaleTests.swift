import Database
import DatabaseTesting
import Kernel
import Testing

@testable import PopulationRegister

/// Codes in numbers: uniform over a million draws, every slip of writing caught, and no code given twice however many
/// officers draw at once.
///
/// `rumdul-bench --people 1000000` gives out a million codes on SQLite and finds persons by them, but counts no
/// duplicates: the table's primary key refuses them. Here as many are given out as a debug build does in seconds, in a
/// register whose randomness is narrowed, so that codes collide more often than they would with 50 million persons.
@Suite struct CodeScaleTests {
    private func chiSquare(_ observed: some Collection<Int>) -> Double {
        let expected = Double(observed.reduce(0, +)) / Double(observed.count)
        return observed.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    }

    /// A million bodies from a seeded generator: digits of each place, pairs of neighbours, and the thousands of the
    /// first three digits are as frequent as chance makes them. The body is drawn as `KIDC.draw` draws it, without the
    /// text, so that a debug build needs seconds only.
    @Test func aMillionCodesAreUniform() {
        var generator = SeededGenerator(seed: 21)
        let bodies = CodeRange.production.bodies
        var digits = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 9)
        var pairs = [[Int]](repeating: [Int](repeating: 0, count: 100), count: 8)
        var checks = [Int](repeating: 0, count: 10)
        for round in 0..<1_000_000 {
            var rest = bodies.first + UInt64.random(in: 0..<bodies.count, using: &generator)
            var values: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
            for place in stride(from: 8, through: 0, by: -1) {
                values[place] = UInt8(rest % 10)
                rest /= 10
            }
            for place in 0..<9 { digits[place][Int(values[place])] += 1 }
            for place in 0..<8 { pairs[place][Int(values[place]) * 10 + Int(values[place + 1])] += 1 }
            if round % 10 == 0 { checks[Int(Verhoeff.checkDigit(values))] += 1 }
        }
        // Critical values at p = 0.0001, for 27 tests in all: 29.9 for 7 degrees of freedom, 33.7 for 9, 161.3 for 99,
        // 136.7 for 79.
        #expect(digits[0].prefix(2) == [0, 0])
        #expect(chiSquare(digits[0].dropFirst(2)) < 29.9)
        for place in 1..<9 { #expect(chiSquare(digits[place]) < 33.7, "place \(place)") }
        #expect(chiSquare(pairs[0].dropFirst(20)) < 136.7)
        for place in 1..<8 { #expect(chiSquare(pairs[place]) < 161.3, "pair \(place)") }
        #expect(chiSquare(checks) < 33.7, "the check digit says nothing either")
    }

    /// What `Ambient.uniform` makes of random bytes is uniform, also where the range does not divide the numbers.
    @Test func drawingHasNoBias() {
        let ambient = TestAmbient(seed: 22)
        var counts = [Int](repeating: 0, count: 80)
        for _ in 0..<40_000 {
            counts[Int(ambient.ambient.uniform(below: CodeRange.production.bodies.count) / 10_000_000)] += 1
        }
        #expect(chiSquare(counts) < 136.7)
        // A number beyond the last whole multiple of the range is drawn again.
        let place = TestCounter()
        let drawn = Ambient(now: { Instant(microseconds: 0) }) { count in
            [UInt8](repeating: place.next() == 0 ? 255 : 0, count: count)
        }
        #expect(drawn.uniform(below: CodeRange.production.bodies.count) == 0)
        #expect(place.next() == 2)
    }

    /// Twins (11 for 22) and swaps over one digit are caught mostly, as the table of the design says; single slips and
    /// neighbours always (`KIDCTests`).
    @Test func mostOtherSlipsAreCaughtToo() {
        let ambient = TestAmbient(seed: 23)
        var (twins, foundTwins, jumps, foundJumps) = (0, 0, 0, 0)
        for _ in 0..<2_000 {
            let digits = KIDC.draw(.production, ambient.ambient).digits.utf8.map { $0 - 48 }
            for place in 0..<9 where digits[place] == digits[place + 1] {
                for other in UInt8(0)...9 where other != digits[place] {
                    var wrong = digits
                    (wrong[place], wrong[place + 1]) = (other, other)
                    twins += 1
                    foundTwins += Verhoeff.isValid(wrong) ? 0 : 1
                }
            }
            for place in 0..<8 where digits[place] != digits[place + 2] {
                var wrong = digits
                wrong.swapAt(place, place + 2)
                jumps += 1
                foundJumps += Verhoeff.isValid(wrong) ? 0 : 1
            }
        }
        #expect(Double(foundTwins) > 0.94 * Double(twins) && Double(foundJumps) > 0.93 * Double(jumps))
    }

    /// 16 officers at once, half of them in batches, with 4,096 possible codes: nobody shares one, and the collisions were
    /// drawn again.
    @Test(arguments: TestDatabases.kinds) func manyOfficersAtOnceNeverShareACode(_ kind: DatabaseKind) async throws {
        try await World.with(kind) { world in
            let clock = world.ambient
            let register = world.register { count in
                // Eight bytes are a draw of a code: twelve random bits, spread over the range. The rest stays random.
                guard count == 8 else { return clock.bytes(count) }
                let bits = clock.bytes(2).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & 0xFFF
                let body = bits * 195_311
                return (0..<8).map { UInt8(truncatingIfNeeded: body >> (8 * UInt64(7 - $0))) }
            }
            let codes = try await withThrowingTaskGroup(of: [KIDC].self) { group in
                for officer in 0..<16 {
                    group.addTask {
                        if officer % 2 == 0 {
                            let drafts = (0..<60).map { _ in dara() }
                            return try await register.register(many: drafts, by: clerk).map(\.kidc)
                        }
                        var codes: [KIDC] = []
                        for round in 0..<10 {
                            let reserves = round % 2 == 0
                            codes.append(
                                try await world.database.transaction { connection in
                                    reserves
                                        ? try await register.reserve(dara(), by: clerk, in: connection).kidc
                                        : try await register.register(dara(), by: clerk, in: connection).kidc
                                })
                        }
                        return codes
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(codes.count == 8 * 60 + 8 * 10 && Set(codes).count == codes.count)
            #expect(try await world.count("population_codes") == codes.count)
            #expect(try await world.count("population_codes", "state = 'reserved'") == 8 * 5)
            let shared = try await world.database.read { connection in
                try await connection.query(
                    "SELECT person_id FROM population_codes GROUP BY person_id HAVING COUNT(*) > 1", [])
            }
            #expect(shared.isEmpty)
            #expect(codes.allSatisfy { Verhoeff.isValid($0.digits.utf8.map { $0 - 48 }) })
        }
    }

    /// Invariant 2: a reservation that was given up, a record that was annulled and one that was erased keep their codes
    /// from everybody else for good.
    @Test(arguments: TestDatabases.kinds) func aCodeThatIsNoLongerUsedIsNeverDrawnAgain(_ kind: DatabaseKind)
        async throws
    {
        try await World.with(kind) { world in
            // Only eight codes can be drawn.
            let counter = TestCounter()
            let register = world.register { count in
                guard count == 8 else { return world.ambient.bytes(count) }
                let body = UInt64(counter.next() % 8 + 1) * 40_000_123
                return (0..<8).map { UInt8(truncatingIfNeeded: body >> (8 * UInt64(7 - $0))) }
            }
            var codes: Set<String> = []
            for round in 0..<8 {
                let made = try await world.database.transaction { connection in
                    round % 2 == 0
                        ? try await register.reserve(dara(), by: clerk, in: connection)
                        : try await register.register(dara(), by: clerk, in: connection)
                }
                #expect(codes.insert(made.kidc.digits).inserted)
                try await world.database.transaction { connection in
                    switch round % 4 {
                    case 0, 2: try await register.abandon(made.personID, by: clerk, in: connection)
                    case 1:
                        try await register.retire(
                            made.personID, .annulled, requestedBy: clerk, approvedBy: second, in: connection)
                    default:
                        try await register.erase(
                            made.personID, requestedBy: clerk, approvedBy: second, in: connection)
                    }
                }
            }
            await #expect(throws: RumdulError.kidcExhausted) {
                _ = try await world.database.transaction { connection in
                    try await register.register(dara(), by: clerk, in: connection)
                }
            }
        }
    }
}
