import Testing

@testable import RecordLinkage

@Suite("Blocking keys")
struct BlockingTests {
    private func share(_ left: LinkageRecord, _ right: LinkageRecord) -> Bool {
        let keys = Set(BlockingKeys.keys(for: left).map { Array($0.utf8) })
        return BlockingKeys.keys(for: right).contains { keys.contains(Array($0.utf8)) }
    }

    @Test("a whole record has all twelve, an empty one none")
    func counts() {
        #expect(BlockingKeys.keys(for: person()).count == 12)
        #expect(BlockingKeys.keys(for: LinkageRecord()).isEmpty)
        #expect(BlockingKeys.limit == 12)
    }

    @Test("single errors leave a key in common")
    func errors() {
        var other = person()
        other.birthDate = LinkageDate(year: 1987, month: 11, day: 4)
        #expect(share(person(), other))
        other.birthDate = LinkageDate(year: 1988, month: 4, day: 11)
        #expect(share(person(), other))
        other.birthDate = LinkageDate(year: 2530)
        #expect(share(person(), other))
        #expect(share(person(), person("សុខ", "ចាន់តារា", "Sok", "Chantara")))
        #expect(share(person(), person("ចាន់ដារ៉ា", "សុខ", "Chandara", "Sok")))
        #expect(share(person(), person(nil, nil, "SOK", "CHAN DARA")))
        #expect(share(person(nil, nil), person(nil, nil, "Sokh", "Chandarra")))
    }

    @Test("keys do not depend on how Khmer was typed")
    func order() {
        func keys(_ family: String) -> [[UInt8]] { BlockingKeys.keys(for: person(family)).map { Array($0.utf8) } }
        #expect(keys("ស្ត្រី") == keys("ស្រ្តី"))
    }

    @Test("each pair is visited once")
    func once() {
        let entries = SyntheticCountry(seed: 6).register(people: 400, duplicates: 100)
        var seen: Set<[Int]> = []
        CandidatePairs(entries.map(\.record)).visit { left, right, _ in
            #expect(left < right)
            #expect(seen.insert([left, right]).inserted)
        }
        #expect(seen.count >= 100)
    }
}
