import Kernel
import PopulationRegister

@testable import CivilRegister

/// What the officers of a walk type.
extension Walk {
    /// Births, marriages and deaths are most of a register's work.
    var kinds: [VitalEventKind] {
        VitalEventKind.allCases + [.birth, .birth, .birth, .birth, .birth, .marriage, .marriage, .marriage, .death]
    }

    /// A form that may pass: whether it does depends on whom chance chose.
    mutating func form(_ kind: VitalEventKind) async throws -> [String: String] {
        switch kind {
        case .birth: birth()
        case .foundling: foundling()
        case .foetalDeath: foetalDeath()
        case .death, .presumedDeath: death(kind)
        case .marriage: marriage()
        case .divorce, .annulment, .judicialSeparation: try await marriageEnd()
        case .adoption: adoption()
        case .recognition, .legitimation: filiation(kind)
        case .nameChange, .sexCorrection, .nationalityChange: change(kind)
        }
    }

    private var court: [String: String] {
        ["court.name": "សាលាដំបូង", "court.number": "១២", "court.date": world.clock.day(-1)]
    }

    private mutating func informant(_ kind: VitalEventKind) -> [String: String] {
        let relation = RulePack.cambodia2026.reporters[kind]?.first?.rawValue ?? "person"
        return ["informant.relation": relation, "informant.given_km": name()]
    }

    private mutating func event(_ days: Int) -> [String: String] {
        ["event.date": world.clock.day(-roll(days)), "event.place": percent(80) ? "120101" : "120102"]
    }

    /// The fields of somebody of the register; the date of birth is left out at times, for the register knows it.
    private mutating func party(_ role: ParticipantRole, _ known: Known, sex: Bool = false) -> [String: String] {
        var fields = [role.field("person"): known.code, role.field("given_km"): "ឈ្មោះ"]
        if percent(70) { fields[role.field("birthdate")] = known.born }
        if sex { fields[role.field("sex")] = String(known.sex.rawValue) }
        return fields
    }

    /// Somebody whom the register does not know.
    private mutating func stranger(_ role: ParticipantRole, sex: String? = nil) -> [String: String] {
        var fields = [role.field("given_km"): name(), role.field("birthdate"): "19\(60 + roll(40))"]
        fields[role.field("sex")] = sex
        return fields
    }

    private mutating func birth() -> [String: String] {
        var raw = [
            "child.family_km": name(), "child.given_km": name(), "child.sex": percent(50) ? "1" : "2",
            "child.nationality": ["", "undetermined", "khmer", "stateless", "refugee"][roll(5)],
        ].merging(event(25)) { $1 }.merging(informant(.birth)) { $1 }
        if percent(10) {
            raw["event.date"] = world.clock.day(-(percent(50) ? 500 : 60))
            raw["event.late_reason"] = "នៅឆ្ងាយ"
        }
        for (role, share) in [(ParticipantRole.mother, 60), (.father, 40)] {
            let parent = percent(share) ? party(role, someone()) : percent(50) ? stranger(role) : [:]
            raw.merge(parent.isEmpty ? [role.field("unknown"): "unknown"] : parent) { $1 }
        }
        return raw.filter { !$0.value.isEmpty }
    }

    private mutating func foundling() -> [String: String] {
        [
            "child.given_km": name(), "child.sex": "1", "child.birthdate": world.clock.day(-40),
            "event.circumstances": "នៅមុខវត្ត",
        ].merging(event(20)) { $1 }.merging(informant(.foundling)) { $1 }
    }

    private mutating func foetalDeath() -> [String: String] {
        ["event.gestation": "30"].merging(event(20)) { $1 }.merging(informant(.foetalDeath)) { $1 }
            .merging(percent(50) ? party(.mother, someone()) : stranger(.mother)) { $1 }
    }

    private mutating func death(_ kind: VitalEventKind) -> [String: String] {
        var raw = event(12).merging(informant(kind)) { $1 }
        raw.merge(percent(85) ? party(.deceased, someone(), sex: true) : stranger(.deceased, sex: "1")) { $1 }
        return kind == .death ? raw : raw.merging(court) { $1 }
    }

    private mutating func marriage() -> [String: String] {
        let (one, other) = (someone(), someone())
        var raw = [
            "event.notice_date": world.clock.day(-40), "witness1.given_km": name(), "witness2.given_km": name(),
        ].merging(event(5)) { $1 }.merging(informant(.marriage)) { $1 }
        raw.merge(party(.spouse1, one, sex: true)) { $1 }
        raw.merge(percent(80) ? party(.spouse2, other, sex: true) : stranger(.spouse2, sex: "2")) { $1 }
        if percent(10) { raw.merge(court) { $1 } }
        if percent(30) { raw["event.consent"] = "yes" }
        return raw
    }

    private mutating func marriageEnd() async throws -> [String: String] {
        var pair = (someone(), someone())
        var couples: [(Known, Known)] = []
        for one in crowd {
            for edge in try await world.edges(one.person) where edge.kind == .spouse && edge.isLive {
                if let other = crowd.first(where: { $0.person == edge.partner(of: one.person) }) {
                    couples.append((one, other))
                }
            }
        }
        if !couples.isEmpty, percent(85) { pair = couples[roll(couples.count)] }
        return party(.spouse1, pair.0).merging(party(.spouse2, pair.1)) { $1 }.merging(event(3)) { $1 }
            .merging(informant(.divorce)) { $1 }.merging(court) { $1 }
    }

    /// Mostly somebody who was born in the walk.
    private mutating func youngOne() -> Known {
        percent(75) ? crowd[crowd.count - 1 - roll(min(crowd.count, 5))] : someone()
    }

    private mutating func adoption() -> [String: String] {
        var raw = party(.child, youngOne(), sex: true).merging(party(.adopter1, someone())) { $1 }
        if percent(40) { raw.merge(party(.adopter2, someone())) { $1 } }
        raw["event.type"] = percent(60) ? "full" : "simple"
        if percent(60) { raw["new.family_km"] = name() }
        return raw.merging(event(3)) { $1 }.merging(informant(.adoption)) { $1 }.merging(court) { $1 }
    }

    private mutating func filiation(_ kind: VitalEventKind) -> [String: String] {
        var raw = party(.child, youngOne()).merging(party(.father, someone())) { $1 }
        if kind == .legitimation || percent(30) { raw.merge(party(.mother, someone())) { $1 } }
        if percent(30) { raw["new.family_km"] = name() }
        return raw.merging(event(3)) { $1 }.merging(informant(kind)) { $1 }
    }

    private mutating func change(_ kind: VitalEventKind) -> [String: String] {
        var raw = party(.person, someone()).merging(event(3)) { $1 }.merging(informant(kind)) { $1 }
        raw["event.reason"] = "មានមូលហេតុ"
        switch kind {
        case .sexCorrection: raw["new.sex"] = percent(50) ? "1" : "2"
        case .nationalityChange:
            raw["new.nationality"] = percent(70) ? "khmer" : "foreign"
            raw["new.country"] = raw["new.nationality"] == "foreign" ? "VNM" : nil
            raw["new.basis"] = "ព្រះរាជក្រឹត្យ ៥"
        default: raw[percent(50) ? "new.given_km" : "new.family_km"] = name()
        }
        return raw
    }

    /// One form in eight has a slip, or more than that.
    mutating func spoiled(_ raw: [String: String], _ kind: VitalEventKind) -> [String: String] {
        guard percent(12), let field = raw.keys.sorted().randomElement(using: &chance) else { return raw }
        var raw = raw
        switch roll(5) {
        case 0: raw[field] = nil
        case 1: raw[field] = "\u{202E}x"
        case 2: raw["event.date"] = world.clock.day(30)
        case 3: raw["no.such"] = "x"
        default: raw[field] = String(decoding: chance.bytes(12), as: UTF8.self)
        }
        return raw
    }

    /// What an officer wants to have corrected.
    mutating func correction(of record: VitalRecord) -> [String: String] {
        let subject = record.kind.subjects[0]
        switch roll(6) {
        case 0: return [subject.field("given_km"): name()]
        case 1: return [subject.field("given_latin"): "Dara"]
        case 2: return ["event.date": world.clock.day(-roll(10))]
        case 3 where record.kind == .birth:
            let known = someone()
            return ["mother.person": known.code, "mother.given_km": "ឈ្មោះ", "mother.unknown": "", "mother.birthdate": ""]
        case 4 where record.kind == .birth:
            return ["father.person": "", "father.given_km": "", "father.birthdate": "", "father.unknown": "unknown"]
        case 3 where record.declaration["new.family_km"] != nil: return ["new.family_km": name()]
        case 3: return [subject.field("sex"): percent(50) ? "1" : "2"]
        case 4: return ["event.place": "120102"]
        default: return percent(50) ? [:] : ["child.birthdate": world.clock.day(-5)]
        }
    }
}
