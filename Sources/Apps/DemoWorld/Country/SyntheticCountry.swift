import Kernel
import PopulationRegister
import ReferenceData

/// An invented people: as many as wanted, the same for the same seed, in the proportions of the census.
public struct SyntheticCountry: Sendable {
    /// Names the country; the same seed gives the same people in the same order.
    public let seed: UInt64
    /// The day on which ages are counted. Fixed, so that the people do not depend on the day of the run.
    public static let day = CalendarDate(daysSinceEpoch: 20_089)

    private let districts: [PlaceCode: [PlaceCode]]
    private let provinces: [PlaceCode]
    private let provinceTable = WeightedTable(CensusFacts.provinces.map(\.people))
    private let ageTable = WeightedTable(CensusFacts.ages.flatMap { [$0.male, $0.female] })
    private let familyTable = WeightedTable(SyntheticCountry.falling(SyntheticNames.family.count, by: 8))

    /// - Parameter districts: the districts of each province; a province without any is used as the whole address.
    public init(seed: UInt64, districts: [PlaceCode: [PlaceCode]] = [:]) {
        self.seed = seed
        self.districts = districts
        provinces = CensusFacts.provinces.compactMap { PlaceCode($0.code) }
    }

    /// The country on the places that the register knows on the day of counting.
    public static func on(_ reference: ReferenceData, seed: UInt64) async throws -> SyntheticCountry {
        var districts: [PlaceCode: [PlaceCode]] = [:]
        for province in reference.provinces(on: day) {
            districts[province.code] = try await reference.children(of: province.code, on: day).map(\.code)
        }
        return SyntheticCountry(seed: seed, districts: districts)
    }

    /// Some of the people, by number from 0.
    public func people(_ range: Range<Int>) -> [PersonDraft] { range.map(person) }

    /// One of the people, by number from 0. The first hundred are grown-ups with a phone and a whole date of birth, so
    /// that a demonstration always has somebody who can do everything.
    public func person(_ number: Int) -> PersonDraft {
        var random = Random(seed: seed, stream: UInt64(number))
        let ready = number < SyntheticCountry.readyPeople
        let standing = ready ? Standing.citizen : SyntheticCountry.standing(&random)
        var (age, sex) = ageAndSex(&random)
        if ready { age = 18 + age % 50 }
        let foreigner = standing == .foreign ? random.pick(ForeignNames.all) : nil
        if let foreigner { sex = foreigner.sex }
        let birth = birthDate(age: age, whole: ready, &random)
        let home = place(&random)
        let bornElsewhere = random.chance(perMille: 220)
        let birthPlace = foreigner == nil ? (bornElsewhere ? place(&random) : home) : nil
        return PersonDraft(
            names: [foreigner.map { PersonName(khmer: $0.khmer, latin: $0.latin) } ?? name(sex, &random)], sex: sex,
            birth: Birth(date: birth, place: birthPlace, placeText: foreigner?.country),
            nationality: [nationality(standing, foreigner?.country)],
            residence: [
                Residence(
                    standing == .foreign ? .temporary : .permanent, place: home,
                    detail: "ផ្ទះលេខ\(1 + random.below(240)) ក្រុមទី\(1 + random.below(18))")
            ], contacts: contacts(age: age, surely: ready, &random),
            documents: documents(age: age, standing: standing, country: foreigner?.country, &random),
            source: FactSource(kind: "demo", reference: "seed \(seed), person \(number)"))
    }

    /// How many at the beginning are fit for every step of the demonstration.
    public static let readyPeople = 100

    // MARK: Parts

    private enum Standing { case citizen, foreign, stateless, undetermined }

    private static func standing(_ random: inout Random) -> Standing {
        switch random.below(1000) {
        case 0..<12: .foreign
        case 12..<15: .stateless
        case 15..<24: .undetermined
        default: .citizen
        }
    }

    private func nationality(_ standing: Standing, _ country: String?) -> Nationality {
        switch standing {
        case .citizen: Nationality(.khmer)
        case .foreign: Nationality(.foreign, country: country)
        case .stateless: Nationality(.stateless)
        case .undetermined: Nationality(.undetermined)
        }
    }

    private func ageAndSex(_ random: inout Random) -> (Int, Sex) {
        let cell = ageTable.pick(&random)
        let from = CensusFacts.ages[cell / 2].from
        return (from + random.below(5), cell % 2 == 0 ? .male : .female)
    }

    /// The older a person, the more often only the year is known.
    private func birthDate(age: Int, whole: Bool, _ random: inout Random) -> PartialDate {
        // A person of this age was born in the 365 days that end so many birthdays ago.
        let latest = SyntheticCountry.day.daysSinceEpoch - age * 1461 / 4
        let date = CalendarDate(daysSinceEpoch: latest - random.below(365))
        let unknown = age >= 60 ? 250 : age >= 40 ? 50 : 4
        if whole || !random.chance(perMille: unknown) { return .day(date) }
        return random.chance(perMille: 150) ? .month(date.year, date.month) : .year(date.year)
    }

    private func name(_ sex: Sex, _ random: inout Random) -> PersonName {
        let family = SyntheticNames.family[familyTable.pick(&random)]
        let given = random.pick(sex == .male ? SyntheticNames.male : SyntheticNames.female)
        return PersonName(
            khmer: NameParts(family: family.khmer, given: given.khmer),
            latin: NameParts(family: family.latin, given: given.latin))
    }

    private func place(_ random: inout Random) -> PlaceCode {
        let province = provinces[provinceTable.pick(&random)]
        guard let inside = districts[province], !inside.isEmpty else { return province }
        return random.pick(inside)
    }

    /// Most grown-ups have a phone, many old people have none, and nobody needs one. Prefix 020 belongs to no network
    /// that we know of, so that an invented number is nobody's.
    private func contacts(age: Int, surely: Bool, _ random: inout Random) -> [Contact] {
        let share = age < 15 ? 0 : age < 70 ? 880 : 550
        guard random.chance(perMille: share) || surely else { return [] }
        return [Contact(.phone, "+85520\(1_000_000 + random.below(9_000_000))")]
    }

    private func documents(
        age: Int, standing: Standing, country: String?, _ random: inout Random
    ) -> [IdentityDocument] {
        let number = String(100_000_000 + random.below(900_000_000))
        switch standing {
        case .citizen where age >= 15 && random.chance(perMille: 860):
            return [IdentityDocument(.khmerIDCard, number: number)]
        case .citizen where random.chance(perMille: 920): return [IdentityDocument(.birthCertificate, number: number)]
        case .foreign:
            return [IdentityDocument(.passport, number: "T" + number.prefix(8), country: country ?? "KHM")]
        case .undetermined where random.chance(perMille: 500):
            return [IdentityDocument(.familyBook, number: number)]
        default: return []
        }
    }

    /// Falling weights: the first of a list is met more often than the last.
    private static func falling(_ count: Int, by offset: Int) -> [UInt64] {
        (0..<count).map { UInt64(100_000 / ($0 + offset)) }
    }
}
