import Accountability
import CivilRegister
import Kernel
import PopulationRegister
import ReferenceData
import RumdulServer

/// Invented births and deaths of the last two years, so that the statistics have something to show. They go through the
/// same steps as real ones, on a clock that stands at the day of their registration.
struct DemoEvents: Sendable {
    let node: Node
    let country: SyntheticCountry

    /// At most so many, and one for so many people: a first start stays quick.
    static let most = 300
    static let peoplePerEvent = 6
    /// A smaller country has none: it is there to be quick.
    static let fewestPeople = 800
    private static let batch = 50

    /// Registers those that are missing. A repeated event changes nothing, since its steps carry the same names.
    /// - Parameter save: called after each batch with what is done.
    func register(of people: Int, record: inout DemoRecord, save: (DemoRecord) throws -> Void) async throws {
        let wanted = people < Self.fewestPeople ? 0 : min(Self.most, people / Self.peoplePerEvent)
        guard record.events < wanted else { return }
        let office = try await Office(node.officers)
        while record.events < wanted {
            let numbers = record.events..<min(wanted, record.events + Self.batch)
            try await withThrowingTaskGroup { group in
                for number in numbers { group.addTask { try await self.register(number, office) } }
                try await group.waitForAll()
            }
            record.events = numbers.upperBound
            try save(record)
        }
    }

    /// The officers who take the steps: one person never takes two that need two.
    private struct Office: Sendable {
        let registrar: Officer
        let verifier: Officer
        let province: Officer
        let coder: Officer

        init(_ directory: OfficerDirectory) async throws {
            let known = try await directory.officers(limit: 200)
            func officer(_ name: String) throws -> Officer {
                guard let found = known.first(where: { $0.username == name }) else {
                    throw RumdulError.demoFile("officer \(name) missing")
                }
                return found
            }
            registrar = try officer("dalin")
            verifier = try officer("maly")
            province = try officer("samnang")
            coder = try officer("sophal")
        }
    }

    private func register(_ number: Int, _ office: Office) async throws {
        var random = Random(seed: country.seed ^ 0x5EED_0E7E, stream: UInt64(number))
        let now = node.ambient.now()
        let delay = Self.delay(&random)
        let registered = now.adding(seconds: -Int64(random.below(700)) * 86_400)
        let today = registered.dayInCambodia
        let day = CalendarDate(daysSinceEpoch: today.daysSinceEpoch - delay)
        let civil = node.civilRegister(at: Ambient(now: { registered }, randomBytes: node.ambient.randomBytes))
        func step(_ officer: Officer, _ name: String) -> CivilStep {
            CivilStep(officer, transactionID: "demo-event-\(country.seed)-\(number)-\(name)")
        }
        let isDeath = number % 5 == 4
        let values = isDeath ? death(on: day, &random) : birth(on: day, &random)
        let commune = "0811" + String(String(101 + random.below(10)).suffix(2))
        let known = try await civil.declare(
            isDeath ? .death : .birth, values, office: commune, by: step(office.registrar, "declare"))
        // Made-up people can be alike; officers would decide then.
        guard known.state == .declared else { return }
        if !isDeath { _ = try await civil.verify(known.id, by: step(office.verifier, "verify")) }
        if known.lateness == .delayed {
            _ = try await civil.approveLate(known.id, reason: "មានសាក្សី", by: step(office.province, "approve"))
        }
        _ = try await civil.register(known.id, by: step(office.registrar, "register"))
        if isDeath, random.chance(perMille: 700) {
            try await civil.setCause(
                known.id, underlying: random.pick(Self.causes), by: CivilStep(office.coder))
        }
    }

    /// Most are registered soon, some after months, a few after more than a year.
    private static func delay(_ random: inout Random) -> Int {
        switch random.below(100) {
        case 0..<62: random.below(16)
        case 62..<80: 16 + random.below(15)
        case 80..<91: 31 + random.below(60)
        case 91..<97: 91 + random.below(270)
        default: 370 + random.below(500)
        }
    }

    private static let causes = [
        "I21.9", "I64", "I63.9", "J18.9", "J44.9", "C34.9", "C22.0", "E14.9", "A16.2", "B24", "K74.6", "N18.9", "V89.2",
        "W19", "R99", "R54", "BA41.0", "CA40.0",
    ]

    private func name(_ role: String, _ sex: Sex, _ random: inout Random) -> [String: String] {
        let family = random.pick(SyntheticNames.family)
        let given = random.pick(sex == .male ? SyntheticNames.male : SyntheticNames.female)
        return ["\(role).family_km": family.khmer, "\(role).given_km": given.khmer]
    }

    /// Most live where it happened, some elsewhere in the province or the capital, few farther away.
    private func home(_ random: inout Random) -> String {
        switch random.below(100) {
        case 0..<60: "081104"
        case 60..<78: random.pick(["080101", "080201", "080301", "080701"])
        case 78..<92: random.pick(["120101", "120501", "121001"])
        default: random.pick(["030101", "050201", "170201", "210101"])
        }
    }

    private func common(on day: CalendarDate, _ random: inout Random) -> [String: String] {
        [
            "event.date": day.description, "event.place": "081104", "event.late_reason": "រស់នៅឆ្ងាយ",
            "event.place_kind": random.pick(["facility", "facility", "facility", "home"]),
            "informant.given_km": "សុខា",
        ]
    }

    private func birth(on day: CalendarDate, _ random: inout Random) -> [String: String] {
        let sex: Sex = random.chance(perMille: 512) ? .male : .female
        var values = name("child", sex, &random)
        values.merge(name("mother", .female, &random)) { $1 }
        values.merge(common(on: day, &random)) { $1 }
        values["child.sex"] = sex == .male ? "1" : "2"
        values["child.multiplicity"] = random.chance(perMille: 20) ? "2" : "1"
        values["child.nationality"] = random.pick(
            Array(repeating: "khmer", count: 16) + ["undetermined", "undetermined", "stateless", "refugee"])
        values["event.attendant"] = random.pick(["midwife", "midwife", "midwife", "physician", "nurse", "traditional"])
        if values["event.place_kind"] == "facility" { values["event.facility"] = "មន្ទីរពេទ្យតាខ្មៅ" }
        let age = 17 + random.below(14) + random.below(13)
        values["mother.birthdate"] = String(day.year - age)
        values["mother.residence"] = home(&random)
        values["father.unknown"] = "unknown"
        values["informant.relation"] = "mother"
        return values
    }

    private func death(on day: CalendarDate, _ random: inout Random) -> [String: String] {
        let sex: Sex = random.chance(perMille: 530) ? .male : .female
        var values = name("deceased", sex, &random)
        values.merge(common(on: day, &random)) { $1 }
        values["deceased.sex"] = sex == .male ? "1" : "2"
        values["deceased.nationality"] = random.chance(perMille: 880) ? "khmer" : "undetermined"
        values["deceased.residence"] = home(&random)
        values["event.manner"] = random.pick(["natural", "natural", "natural", "natural", "accident", "unknown"])
        if values["event.place_kind"] == "facility" { values["event.facility"] = "មន្ទីរពេទ្យតាខ្មៅ" }
        let infant = random.chance(perMille: 80)
        let age = infant ? 0 : 30 + random.below(30) + random.below(35)
        let born = CalendarDate(daysSinceEpoch: day.daysSinceEpoch - (infant ? random.below(60) : age * 365 + 100))
        values["deceased.birthdate"] = born.description
        values["informant.relation"] = "spouse"
        if infant { values["informant.relation"] = "mother" }
        return values
    }
}
