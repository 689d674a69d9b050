import KhmerText
import Testing

@testable import RecordLinkage

@Suite("The synthetic country")
struct CountryTests {
    @Test("the same seed gives the same register, another seed another")
    func repeatable() {
        let register = SyntheticCountry(seed: 1).register(people: 200, duplicates: 40)
        let again = SyntheticCountry(seed: 1).register(people: 200, duplicates: 40)
        #expect(register.map(\.record) == again.map(\.record))
        let other = SyntheticCountry(seed: 2).register(people: 200, duplicates: 40)
        #expect(register.map(\.record) != other.map(\.record))
        // People are the same in a larger country.
        let few = SyntheticCountry(seed: 1).people(50).map(\.record)
        #expect(few == Array(SyntheticCountry(seed: 1).people(300).map(\.record).prefix(50)))
    }

    @Test("names: enough of them, well formed, no two of a list with one key")
    func names() {
        #expect(SyntheticNames.family.count >= 60)
        #expect(SyntheticNames.male.count + SyntheticNames.female.count + SyntheticNames.either.count >= 200)
        for list in [SyntheticNames.family, SyntheticNames.male, SyntheticNames.female, SyntheticNames.either] {
            let keys = list.map { Array(KhmerText.key(of: $0.khmer).unicodeScalars) }
            #expect(Set(keys).count == keys.count)
            for name in list {
                #expect(KhmerText.isWellFormed(name.khmer), "\(name.khmer)")
                #expect((1...4).contains(name.latin.count))
                #expect(name.latin.allSatisfy { !LatinName.skeleton($0).isEmpty })
            }
        }
    }

    @Test("errors happen, in about the shares that are stated")
    func errors() {
        let people = SyntheticCountry(seed: 3).people(4000)
        #expect(Set(people.map(\.number)).count == 4000)
        let typing = TypingErrors(rates: .second)
        var random = SplitMix64(seed: 1)
        var vectors = [ComparisonVector]()
        for person in people {
            let truth = PreparedRecord(person.record)
            vectors.append(truth.compared(with: PreparedRecord(typing.entered(person, &random))))
        }
        func share(_ field: LinkageField, _ level: AgreementLevel) -> Double {
            Double(vectors.count { $0[field] == level }) / Double(vectors.count)
        }
        #expect((0.01...0.03).contains(share(.birthDate, .dayMonthTurned)))
        #expect((0.01...0.03).contains(share(.birthDate, .yearNext)))
        #expect((0.02...0.10).contains(share(.birthDate, .knownPartsSame)))
        #expect((0.01...0.06).contains(share(.familyName, .turned)))
        #expect((0.005...0.10).contains(share(.givenName, .sameKey)))
        #expect((0.08...0.20).contains(share(.mother, .missing)))
        #expect(share(.givenName, .different) < 0.02)
        #expect((0.01...0.05).contains(Double(people.count { $0.isTwin }) / 4000))
        #expect((0.01...0.04).contains(Double(people.count { $0.isNamesake }) / 4000))
    }
}
