import TestVectors
import Testing

@testable import RecordLinkage

@Suite("Scores")
struct ScoreTests {
    let model = LinkageModel.standard

    private func score(_ left: LinkageRecord, _ right: LinkageRecord) -> LinkageScore {
        model.score(PreparedRecord(left), PreparedRecord(right))
    }

    @Test("the same person, typed differently, is certain; a twin and a stranger are not")
    func examples() {
        let base = person()
        var again = person("សុខ", "ចាន់ដារ៉\u{17B6}", "SOK", "Chan Dara", LinkageDate(year: 1987, month: 11, day: 4))
        again.residence = "03010101"
        #expect(score(base, again).decision == .certain)

        var twin = person("សុខ", "ចាន់ធារី", "Sok", "Chanthary")
        twin.residence = base.residence
        let twins = score(base, twin)
        #expect(twins.against == .twin)
        #expect(twins.decision == .different)

        let sibling = person("សុខ", "សុភា", "Sok", "Sophea", LinkageDate(year: 1990, month: 2, day: 3))
        #expect(score(base, sibling).decision == .different)

        var namesake = person()
        namesake.birthDate = LinkageDate(year: 1987, month: 9, day: 27)
        namesake.birthPlace = "21040302"
        namesake.residence = "21040302"
        namesake.mother = LinkageName(khmerFamily: "ហេង", khmerGiven: "បុប្ផា", latinFamily: "Heng", latinGiven: "Bopha")
        namesake.father = LinkageName(khmerFamily: "កែវ", khmerGiven: "សំណាង", latinFamily: "Keo", latinGiven: "Samnang")
        #expect(score(base, namesake).decision == .different)
    }

    @Test("nothing known, nothing said: every missing field weighs 0")
    func missing() {
        let empty = PreparedRecord(LinkageRecord())
        let explanation = model.explain(empty, PreparedRecord(person()))
        for line in explanation.lines {
            #expect(line.level == .missing)
            #expect(line.weight == 0)
        }
        #expect(explanation.total == explanation.prior)
        for field in LinkageField.allCases {
            for other in LinkageClass.allCases { #expect(model.weight(field, .missing, against: other) == 0) }
        }
    }

    @Test("symmetric, repeatable, explained to the last bit: entries of a country")
    func properties() {
        let entries = SyntheticCountry(seed: 9).register(people: 300, duplicates: 100).map(\.record)
        let frequencies = NameFrequencies(counting: entries)
        let prepared = entries.map { PreparedRecord($0, frequencies: frequencies) }
        var random = Seeded(4)
        for _ in 0..<4000 {
            let left = prepared[Int.random(in: 0..<prepared.count, using: &random)]
            let right = prepared[Int.random(in: 0..<prepared.count, using: &random)]
            check(left, right)
        }
        // The later entries stand beside the people that they may be of.
        for index in 300..<prepared.count { check(prepared[index], prepared[index - 300]) }
    }

    @Test("any Unicode and any numbers")
    func fuzz() {
        var random = Seeded(5)
        var before = PreparedRecord(anyRecord(&random))
        for _ in 0..<600 {
            let record = anyRecord(&random)
            let prepared = PreparedRecord(record)
            check(prepared, before)
            check(prepared, prepared)
            let keys = BlockingKeys.keys(for: record)
            #expect(keys.count <= BlockingKeys.limit)
            before = prepared
        }
        let endless = String(repeating: "\u{1780}\u{17D2}", count: 50_000)
        let long = PreparedRecord(LinkageRecord(name: LinkageName(khmerGiven: endless, latinGiven: endless)))
        check(long, long)
    }

    private func check(_ left: PreparedRecord, _ right: PreparedRecord) {
        let score = model.score(left, right)
        #expect(score == model.score(right, left))
        #expect(score == model.score(left, right))
        #expect(score.total.isFinite && (0...1).contains(score.probability))
        let explanation = model.explain(left, right)
        let sum = explanation.lines.reduce(explanation.prior) { $0 + $1.weight }
        #expect(abs(sum - score.total) < 1e-4)
        #expect(explanation.total == score.total && explanation.decision == score.decision)
    }

    @Test("an agreement of a rare name is worth more")
    func rarity() {
        let common = (0..<90).map { _ in LinkageRecord(name: LinkageName(khmerFamily: "សុខ", khmerGiven: "សុខា")) }
        let rare = (0..<10).map { _ in LinkageRecord(name: LinkageName(khmerFamily: "សុខ", khmerGiven: "រំដួល")) }
        let frequencies = NameFrequencies(counting: common + rare)
        func total(_ record: LinkageRecord) -> Double {
            let prepared = PreparedRecord(record, frequencies: frequencies)
            return model.score(prepared, prepared).total
        }
        #expect(total(rare[0]) > total(common[0]))
        // One spelled in an order that looks the same counts as the same name.
        #expect(
            frequencies.rarity(given: LinkageName(khmerGiven: "រំដួ\u{200B}ល")) == frequencies.rarity(given: rare[0].name)
        )
    }

    @Test("a larger register asks for more")
    func population() {
        let one = PreparedRecord(LinkageRecord(name: person().name, birthDate: person().birthDate))
        let small = model.adapted(population: 1000).score(one, one).total
        let large = model.adapted(population: 10_000_000).score(one, one).total
        #expect(large < small)
    }
}
