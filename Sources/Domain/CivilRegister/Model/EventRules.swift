import Kernel
import KhmerText
import PopulationRegister

/// What the law and nature say about a declaration as a whole: what is refused, and what is only questioned.
struct EventRules {
    let pack: RulePack
    let today: CalendarDate
    /// Entries of old books were registered when the rules of then were met.
    let isLegacy: Bool
    private(set) var errors: [FieldError] = []
    /// Codes of what a verifier should look at.
    private(set) var flags: [String] = []

    init(pack: RulePack, today: CalendarDate, isLegacy: Bool = false) {
        self.pack = pack
        self.today = today
        self.isLegacy = isLegacy
    }

    /// How late it is declared, by the last day that the date can mean. Throws nothing: without a date it is on time.
    func lateness(_ declaration: Declaration) -> Lateness {
        guard let occurred = declaration.occurredOn else { return .onTime }
        return pack.lateness(declaration.kind, days: today.daysSinceEpoch - occurred.latest.daysSinceEpoch)
    }

    mutating func check(_ declaration: Declaration) {
        if !isLegacy, lateness(declaration) != .onTime, EventForm.of(declaration.kind)["event.late_reason"] != nil,
            declaration["event.late_reason"] == nil
        {
            refuse("event.late_reason", km: "ហួសកំណត់ហើយ។ សូមសរសេរមូលហេតុ។", en: "The time limit has passed. Give the reason.")
        }
        checkDistinct(declaration)
        switch declaration.kind {
        case .birth, .foundling, .recognition, .legitimation: checkParents(declaration)
        case .death, .presumedDeath: checkDeath(declaration)
        case .marriage: checkMarriage(declaration)
        case .divorce, .annulment, .judicialSeparation: requirePersons(declaration, [.spouse1, .spouse2])
        case .adoption: checkAdoption(declaration)
        case .foetalDeath: checkMother(declaration)
        case .nameChange, .sexCorrection, .nationalityChange:
            requirePersons(declaration, [.person])
            checkChange(declaration)
        }
        if declaration.kind == .recognition || declaration.kind == .legitimation {
            requirePersons(declaration, [.child])
        }
    }

    // MARK: Children

    private mutating func checkParents(_ declaration: Declaration) {
        let born = declaration.kind == .birth ? declaration.occurredOn : date(declaration, .child)
        for parent in [ParticipantRole.mother, .father] {
            let isNamed = ["person", "given_km", "family_km"].contains { declaration[parent, $0] != nil }
            if declaration[parent, "unknown"] != nil, isNamed { flags.append(parent.field("unknown")) }
            guard let born, let own = date(declaration, parent) else { continue }
            checkAge(own, parent.field("birthdate"), atLeast: pack.parentAgeDifference, beforeBirth: born)
        }
        if declaration.kind == .birth { checkMother(declaration) }
    }

    /// A parent who is certainly too young is refused; what is not certain is not claimed.
    private mutating func checkAge(
        _ own: PartialDate, _ field: String, atLeast years: Int, beforeBirth born: PartialDate
    ) {
        guard own.earliest > born.latest || own.earliest.age(on: born.latest) < years else { return }
        refuse(
            field, km: "ត្រូវចាស់ជាងកូនយ៉ាងហោចណាស់ \(KhmerDigits.toKhmer(years)) ឆ្នាំ។",
            en: "This person must be at least \(years) years older than the child.")
    }

    private mutating func checkMother(_ declaration: Declaration) {
        if let born = declaration.occurredOn, let own = date(declaration, .mother), own.earliest <= born.latest {
            let ages = [own.earliest.age(on: born.latest), own.latest.age(on: born.latest)]
            if !ages.contains(where: { pack.motherAge.contains($0) }) { flags.append("mother.age") }
        }
        if let last = declaration["mother.last_birth"].flatMap({ PartialDate(iso: $0) }),
            let born = declaration.occurredOn, declaration["child.multiplicity"].map({ $0 == "1" }) ?? true,
            born.latest.daysSinceEpoch - last.earliest.daysSinceEpoch < pack.birthSpacingDays
        {
            flags.append("mother.spacing")
        }
    }

    private mutating func checkAdoption(_ declaration: Declaration) {
        requirePersons(declaration, [.child])
        for role in [ParticipantRole.adopter1, .adopter2] {
            guard let child = date(declaration, .child), let own = date(declaration, role) else { continue }
            checkAge(own, role.field("birthdate"), atLeast: pack.adopterAgeDifference, beforeBirth: child)
        }
    }

    // MARK: Deaths

    private mutating func checkDeath(_ declaration: Declaration) {
        guard let died = declaration.occurredOn else { return }
        if let born = date(declaration, .deceased), born.earliest > died.latest {
            refuse("event.date", km: "ថ្ងៃស្លាប់មុនថ្ងៃកំណើត។", en: "The death lies before the birth.")
        }
        if let born = date(declaration, .deceased), born.latest.age(on: died.earliest) > 125 {
            flags.append("deceased.age")
        }
        if declaration.code(.deceased) == nil { flags.append("deceased.unregistered") }
    }

    // MARK: Marriages

    private mutating func checkMarriage(_ declaration: Declaration) {
        guard let day = declaration.occurredOn?.earliest else { return }
        if let notice = declaration["event.notice_date"].flatMap({ CalendarDate(iso: $0) }),
            day.daysSinceEpoch - notice.daysSinceEpoch < pack.marriageNoticeDays, declaration["court.number"] == nil,
            !isLegacy
        {
            refuse(
                "event.notice_date",
                km: "សេចក្តីប្រកាសត្រូវបិទយ៉ាងហោចណាស់ \(KhmerDigits.toKhmer(pack.marriageNoticeDays)) ថ្ងៃមុន។",
                en: "The notice must be posted at least \(pack.marriageNoticeDays) days before.")
        }
        for role in [ParticipantRole.spouse1, .spouse2] {
            guard let born = date(declaration, role) else { continue }
            checkMarriageAge(born, role, declaration, on: day)
        }
    }

    private mutating func checkMarriageAge(
        _ born: PartialDate, _ role: ParticipantRole, _ declaration: Declaration, on day: CalendarDate
    ) {
        if born.isOlder(than: pack.marriageAge, on: day) || declaration["court.number"] != nil { return }
        let other = role == .spouse1 ? ParticipantRole.spouse2 : .spouse1
        let partnerIsAdult = date(declaration, other)?.isOlder(than: pack.marriageAge, on: day) ?? false
        if born.isOlder(than: pack.marriageAgeWithConsent, on: day), declaration["event.consent"] == "yes",
            partnerIsAdult
        {
            flags.append("marriage.minor")
            return
        }
        refuse(
            role.field("birthdate"),
            km: "អាយុអាពាហ៍ពិពាហ៍គឺ \(KhmerDigits.toKhmer(pack.marriageAge)) ឆ្នាំ "
                + "(\(KhmerDigits.toKhmer(pack.marriageAgeWithConsent)) ឆ្នាំបើមានការយល់ព្រម ហើយភាគីម្ខាងទៀតពេញវ័យ)។",
            en:
                "The age of marriage is \(pack.marriageAge) (\(pack.marriageAgeWithConsent) with consent and an adult partner)."
        )
    }

    // MARK: Changes

    private mutating func checkChange(_ declaration: Declaration) {
        guard declaration.kind == .nameChange else { return }
        let new = ["new.family_km", "new.given_km", "new.family_latin", "new.given_latin"]
        if new.allSatisfy({ declaration[$0] == nil }) {
            refuse("new.given_km", km: "សូមបំពេញឈ្មោះថ្មី។", en: "Fill in the new name.")
        }
    }

    /// Nobody is two people in one event.
    private mutating func checkDistinct(_ declaration: Declaration) {
        var seen: Set<String> = []
        for role in [ParticipantRole.child, .mother, .father, .spouse1, .spouse2, .adopter1, .adopter2] {
            guard let code = declaration.code(role), !seen.insert(code).inserted else { continue }
            refuse(
                role.field("person"), km: "ត្រូវជាមនុស្សពីរនាក់ផ្សេងគ្នា។", en: "These must be two different people.")
        }
    }

    private mutating func requirePersons(_ declaration: Declaration, _ roles: [ParticipantRole]) {
        for role in roles where declaration.code(role) == nil {
            refuse(
                role.field("person"), km: "សូមវាយលេខអត្តសញ្ញាណ។ មនុស្សនេះត្រូវមានក្នុងបញ្ជីជាមុនសិន។",
                en: "Type the code. This person must stand in the register first.")
        }
    }

    private func date(_ declaration: Declaration, _ role: ParticipantRole) -> PartialDate? {
        declaration[role, "birthdate"].flatMap { PartialDate(iso: $0) }
    }

    private mutating func refuse(_ field: String, km: String, en: String) {
        errors.append(FieldError(field, LocalizedText(km: km, en: en)))
    }
}
