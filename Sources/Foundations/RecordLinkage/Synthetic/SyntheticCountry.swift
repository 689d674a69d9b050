/// The Latin spellings that a person's name is met with.
struct Spellings: Sendable {
    var family: [String] = []
    var given: [String] = []
}

/// An invented person with all that is true of them.
public struct SyntheticPerson: Sendable {
    /// The number of the person, from 0.
    public let number: Int
    /// The number of the family: brothers and sisters share it.
    public let family: Int
    public let record: LinkageRecord
    /// Born on one day with a brother or sister.
    public let isTwin: Bool
    /// Bears the name of somebody else who was born in the same year or the next, with the same sex.
    public let isNamesake: Bool
    let spellings: Spellings
    let motherSpellings: Spellings
    let fatherSpellings: Spellings
    let nickname: SyntheticNames.Name?
}

/// An entry in a register of invented people.
public struct SyntheticEntry: Sendable {
    /// Who it is about, as nobody but the generator knows.
    public let person: Int
    public let family: Int
    /// Bears somebody else's name on purpose (see `SyntheticPerson.isNamesake`).
    public let isNamesake: Bool
    public let record: LinkageRecord
}

/// An invented people in families, and a register of it with errors and duplicates; the same for the same seed.
public struct SyntheticCountry: Sendable {
    /// Of a thousand births, so many are of twins (real: about ten).
    public static let twinsPerMille = 15
    /// Of a thousand people, so many bear the whole name of somebody of the same sex and about the same age.
    public static let namesakesPerMille = 20

    public let seed: UInt64
    private let first: TypingErrors
    private let second: TypingErrors

    public init(seed: UInt64, first: ErrorRates = .first, second: ErrorRates = .second) {
        self.seed = seed
        self.first = TypingErrors(rates: first)
        self.second = TypingErrors(rates: second)
    }

    /// So many people, in families.
    public func people(_ count: Int) -> [SyntheticPerson] {
        var people: [SyntheticPerson] = []
        people.reserveCapacity(count + 8)
        var number = 0
        while people.count < count {
            people += SyntheticFamily(seed: seed, number: number).children(from: people.count, namesakes: true)
            number += 1
        }
        return Array(people.prefix(max(0, count)))
    }

    /// A register: one entry of each person, then further entries of some of them, drawn by chance.
    public func register(people count: Int, duplicates: Int) -> [SyntheticEntry] {
        let people = people(count)
        var random = SplitMix64(seed: seed, stream: 0xD0B1_E5)
        var entries = people.map { person in
            SyntheticEntry(
                person: person.number, family: person.family, isNamesake: person.isNamesake,
                record: first.entered(person, &random))
        }
        entries.reserveCapacity(count + duplicates)
        for _ in 0..<max(0, duplicates) {
            guard let person = random.pick(people) else { break }
            entries.append(
                SyntheticEntry(
                    person: person.number, family: person.family, isNamesake: person.isNamesake,
                    record: second.entered(person, &random)))
        }
        return entries
    }
}

/// One family: parents who are not in the register, and their children, who are.
struct SyntheticFamily {
    let seed: UInt64
    let number: Int

    private typealias Name = SyntheticNames.Name

    func children(from start: Int, namesakes: Bool) -> [SyntheticPerson] {
        var random = SplitMix64(seed: seed, stream: UInt64(number))
        let father = Parent(.male, &random)
        let mother = Parent(.female, &random)
        let family = familyName(father, mother, &random)
        let home = SyntheticPlaces.village(&random)
        let birthPlace = random.chance(0.2) ? SyntheticPlaces.village(near: home, &random) : home
        var year = 1945 + max(random.below(80), random.below(80))
        let motherBirthYear = year - 18 - random.below(14)
        // Khmer names only in Latin letters (foreigners), and people with one name (some of the highlands).
        let kind = random.below(200)
        var people: [SyntheticPerson] = []
        var date = day(year, &random)
        var twinOf: Name?
        var taken: [Name] = []
        for _ in 0..<[1, 1, 2, 2, 2, 3, 3, 4, 5, 6][random.below(10)] {
            let sex: LinkageSex = random.below(2) == 0 ? .male : .female
            let given = newName(sex, twinOf, taken, &random)
            taken.append(given)
            let residence =
                2025 - year > 20 && random.chance(0.45) ? SyntheticPlaces.village(near: home, &random) : home
            let parts = PersonParts(
                sex: sex, family: kind == 0 ? nil : family, given: given, date: date, birthPlace: birthPlace,
                residence: residence, latinOnly: kind == 1)
            let isTwin = random.below(1000) < SyntheticCountry.twinsPerMille
            var person = make(
                start + people.count, parts, mother, father, motherBirthYear, isTwin || twinOf != nil, &random)
            if namesakes && random.below(1000) < SyntheticCountry.namesakesPerMille {
                person = namesake(person, &random)
            }
            people.append(person)
            twinOf = isTwin ? given : nil
            if isTwin { continue }
            year += 1 + random.below(4)
            if year > min(2025, motherBirthYear + 46) { break }
            date = day(year, &random)
        }
        return people
    }

    // MARK: Names

    /// A given name: mostly from the list, the earlier the more common, else of two elements.
    private static func givenName(_ sex: LinkageSex, _ random: inout SplitMix64) -> SyntheticNames.Name {
        if random.chance(0.35) { return composed(sex, first: nil, &random) }
        let list = sex == .male ? men : women
        return list.names[random.index(list.sums)]
    }

    private static func composed(_ sex: LinkageSex, first: Name?, _ random: inout SplitMix64) -> SyntheticNames.Name {
        let firsts = SyntheticNames.eitherFirst + (sex == .male ? SyntheticNames.maleFirst : SyntheticNames.femaleFirst)
        let front = first ?? firsts[random.below(firsts.count)]
        let back = SyntheticNames.second[random.below(SyntheticNames.second.count)]
        let other = random.pick(back.latin) ?? back.latin[0]
        return Name(
            khmer: front.khmer + back.khmer,
            latin: [
                front.latin[0] + lower(back.latin[0]), front.latin[0] + " " + back.latin[0],
                front.latin[front.latin.count - 1] + lower(other),
            ])
    }

    /// A name that no brother or sister has. Half of all twins have names that are alike: with the same first element.
    private func newName(_ sex: LinkageSex, _ twin: Name?, _ taken: [Name], _ random: inout SplitMix64) -> Name {
        let firsts = SyntheticNames.eitherFirst + SyntheticNames.maleFirst + SyntheticNames.femaleFirst
        var first: Name?
        if let twin, random.below(2) == 0 {
            first = firsts.first { twin.khmer.unicodeScalars.starts(with: $0.khmer.unicodeScalars) }
        }
        for _ in 0..<16 {
            let name =
                first.map { SyntheticFamily.composed(sex, first: $0, &random) }
                ?? SyntheticFamily.givenName(sex, &random)
            if !taken.contains(where: { name.khmer.utf8.elementsEqual($0.khmer.utf8) }) { return name }
        }
        return Name(khmer: "ទីបំផុត", latin: ["Tibamphot"])
    }

    private func familyName(_ father: Parent, _ mother: Parent, _ random: inout SplitMix64) -> Name {
        switch random.below(20) {
        case 0..<15: father.family
        case 15..<18: father.given
        default: mother.family
        }
    }

    private static func lower(_ text: String) -> String { text.lowercased() }

    /// A list with running sums of weights that fall with the place in it, so that names are as unequal as they are.
    private struct Skewed {
        let names: [SyntheticNames.Name]
        let sums: [Int]

        init(_ names: [SyntheticNames.Name], by offset: Int) {
            self.names = names
            sums = names.indices.reduce(into: []) { $0.append(($0.last ?? 0) + 100_000 / ($1 + offset)) }
        }
    }

    private static let families = Skewed(SyntheticNames.family, by: 8)
    private static let men = Skewed(interleaved(SyntheticNames.male), by: 12)
    private static let women = Skewed(interleaved(SyntheticNames.female), by: 12)

    /// Every third name is one that both sexes bear.
    private static func interleaved(_ names: [Name]) -> [Name] {
        var result: [Name] = []
        var either = SyntheticNames.either[...]
        for (index, name) in names.enumerated() {
            result.append(name)
            if index % 2 == 1, let next = either.popFirst() { result.append(next) }
        }
        return result + either
    }

    private struct Parent {
        let family: Name
        let given: Name

        init(_ sex: LinkageSex, _ random: inout SplitMix64) {
            family = families.names[random.index(families.sums)]
            given = SyntheticFamily.givenName(sex, &random)
        }
    }

    // MARK: People

    private struct PersonParts {
        var sex: LinkageSex
        var family: Name?
        var given: Name
        var date: LinkageDate
        var birthPlace: String
        var residence: String
        var latinOnly: Bool
    }

    private func make(
        _ number: Int, _ parts: PersonParts, _ mother: Parent, _ father: Parent, _ motherBirthYear: Int, _ isTwin: Bool,
        _ random: inout SplitMix64
    ) -> SyntheticPerson {
        let record = LinkageRecord(
            name: name(parts.family, parts.given, parts.latinOnly, &random), sex: parts.sex, birthDate: parts.date,
            birthPlace: parts.birthPlace, residence: parts.residence,
            mother: name(mother.family, mother.given, parts.latinOnly, &random),
            father: name(father.family, father.given, parts.latinOnly, &random), motherBirthYear: motherBirthYear)
        return SyntheticPerson(
            number: number, family: self.number, record: record, isTwin: isTwin, isNamesake: false,
            spellings: Spellings(family: parts.family?.latin ?? [], given: parts.given.latin),
            motherSpellings: Spellings(family: mother.family.latin, given: mother.given.latin),
            fatherSpellings: Spellings(family: father.family.latin, given: father.given.latin),
            nickname: SyntheticFamily.givenName(parts.sex, &random))
    }

    /// A name with the spelling that its bearer uses: the usual one in two of three cases.
    private func name(_ family: Name?, _ given: Name, _ latinOnly: Bool, _ random: inout SplitMix64) -> LinkageName {
        func spelling(_ name: Name) -> String {
            random.below(3) < 2 ? name.latin[0] : random.pick(name.latin) ?? name.latin[0]
        }
        return LinkageName(
            khmerFamily: latinOnly ? nil : family?.khmer, khmerGiven: latinOnly ? nil : given.khmer,
            latinFamily: family.map(spelling), latinGiven: spelling(given))
    }

    /// The person under the name of the first child of one of the two hundred families before.
    private func namesake(_ person: SyntheticPerson, _ random: inout SplitMix64) -> SyntheticPerson {
        guard number > 0 else { return person }
        let other = SyntheticFamily(seed: seed, number: number - 1 - random.below(min(number, 200)))
        guard let model = other.children(from: 0, namesakes: false).first, let born = model.record.birthDate else {
            return person
        }
        var record = person.record
        record.name = model.record.name
        record.sex = model.record.sex
        record.birthDate = day(born.year + max(0, random.below(3) - 1), &random)
        if random.below(2) == 0, let place = model.record.birthPlace {
            record.birthPlace = SyntheticPlaces.otherCommune(than: place, &random)
        }
        return SyntheticPerson(
            number: person.number, family: person.family, record: record, isTwin: false, isNamesake: true,
            spellings: model.spellings, motherSpellings: person.motherSpellings,
            fatherSpellings: person.fatherSpellings, nickname: person.nickname)
    }

    private func day(_ year: Int, _ random: inout SplitMix64) -> LinkageDate {
        let month = 1 + random.below(12)
        return LinkageDate(year: year, month: month, day: 1 + random.below(month == 2 ? 28 : 30))
    }
}
