import Accountability
import Kernel
import KhmerText
import PopulationRegister
import Web

/// Households in words.
struct HouseholdViews: Sendable {
    let console: RegistrarConsole
    let language: Language

    /// The day that a page is asked for, and the day on whose knowledge.
    struct Asked: Sendable {
        var on: CalendarDate?
        var known: CalendarDate?
        var onText = ""
        var knownText = ""
        var notice: LocalizedText?

        var isPast: Bool { on != nil || known != nil }
    }

    /// The last moment of a day in Cambodia.
    static func endOfDay(_ day: CalendarDate) -> Instant {
        Instant(seconds: Int64(day.daysSinceEpoch + 1) * 86_400 - 7 * 3_600 - 1)
    }

    // MARK: Lists

    func lines(_ households: [HouseholdSummary], on day: CalendarDate) async throws -> [[String: Any]] {
        var lines: [[String: Any]] = []
        for item in households {
            lines.append([
                "path": "\(HouseholdRoutes.path)/\(item.id)", "number": item.number.text,
                "village": try await console.places.words(item.village.text, on: day, language),
                "count": KhmerDigits.prose(item.members, language), "needsHead": item.needsHead,
            ])
        }
        return lines
    }

    // MARK: One household

    func page(
        _ opened: OpenedHousehold, asked: Asked, history: [HouseholdChangeLine], officer: Officer,
        today: CalendarDate, error: RumdulError?, sent: FormFields
    ) async throws -> [String: Any] {
        let household = opened.household
        var data: [String: Any] = [
            "heading": household.number.text, "isClosed": !household.isOpen, "isPast": asked.isPast,
            "needsHead": !asked.isPast && opened.needsHead, "isEmpty": opened.members.isEmpty,
            "path": "\(HouseholdRoutes.path)/\(household.id)",
        ]
        data["notice"] =
            error.map { ["kind": "bad", "text": $0.message[language]] as Any }
            ?? asked.notice.map { ["kind": "warn", "text": $0[language]] as Any } ?? false
        data["facts"] = try await facts(household, asked, today)
        data["members"] = opened.members.map { member($0, proposed: opened.proposedHead) }
        let names = Dictionary(
            opened.members.map { ($0.membership.person, name($0)) }, uniquingKeysWith: { first, _ in first })
        data["history"] = history.map { line in
            [
                "what": Self.actions[line.action]?[language] ?? line.action,
                "who": line.person.flatMap { names[$0] }.map { $0 as Any } ?? false,
                "day": KhmerDates.short(line.day, language), "at": KhmerDates.short(line.recordedAt, language),
                "reference": Self.grounds.contains(line.action) ? line.reference as Any : false,
            ] as [String: Any]
        }
        let mayChange =
            household.isOpen && !asked.isPast && officer.may(.householdWrite, in: household.village.text)
        data["mayChange"] = mayChange
        if mayChange {
            let steps = HouseholdSteps(
                opened: opened, language: language, today: today, errors: error?.fields ?? [], sent: sent,
                name: { name($0) })
            data["steps"] = steps.all
        }
        return data
    }

    private func facts(
        _ household: Household, _ asked: Asked, _ today: CalendarDate
    ) async throws -> [[String: Any]] {
        let place = try await console.places.words(household.village.text, on: asked.on ?? today, language)
        var facts: [(LocalizedText, String)] = [
            (LocalizedText(km: "ភូមិ", en: "Village"), place),
            (LocalizedText(km: "ផ្ទះ ផ្លូវ ក្រុម", en: "House, street, group"), household.address ?? "–"),
            (
                LocalizedText(km: "នៅទីនេះតាំងពី", en: "Here since"),
                KhmerDates.short(household.since, language)
            ),
            (LocalizedText(km: "សៀវភៅ", en: "Paper book"), household.book ?? "–"),
        ]
        if let on = asked.on {
            facts.append((LocalizedText(km: "គិតត្រឹមថ្ងៃ", en: "As at"), KhmerDates.short(on, language)))
        }
        if let known = asked.known {
            facts.append(
                (LocalizedText(km: "តាមដែលបានដឹងនៅ", en: "As known on"), KhmerDates.short(known, language)))
        }
        return facts.map { ["label": $0.0[language], "value": $0.1] }
    }

    private func member(_ member: HouseholdMember, proposed: PersonID?) -> [String: Any] {
        func text(_ name: AttributeName) -> String { member.attributes?[name]?.stringValue ?? "" }
        let sex: String =
            switch text(.gender) {
            case "male": ConsoleTexts.male[language]
            case "female": ConsoleTexts.female[language]
            default: "–"
            }
        let latin = text(.nameLatin)
        return [
            "name": name(member), "latin": latin.isEmpty || latin == name(member) ? false as Any : latin, "sex": sex,
            "born": RecordViews.date(text(.birthdate), language),
            "relation": member.membership.relation.label[language],
            "isHead": member.membership.relation == .head,
            "isProposed": member.membership.person == proposed,
            "since": KhmerDates.short(member.since, language),
        ]
    }

    private func name(_ member: HouseholdMember) -> String {
        let name = member.attributes?[.name]?.stringValue ?? member.attributes?[.nameLatin]?.stringValue
        return name ?? LocalizedText(km: "បានលុប", en: "Erased")[language]
    }

    // MARK: Fields

    static func query(_ value: String) -> FormField {
        FormField(
            "query", LocalizedText(km: "ស្វែងរកគ្រួសារ", en: "Find a household"), type: "search", value: value,
            hint: LocalizedText(
                km: "លេខគ្រួសារ លេខសៀវភៅ ឬលេខអត្តសញ្ញាណរបស់សមាជិកម្នាក់",
                en: "The household's number, the book's number, or the identification code of a member"),
            autocomplete: "off", maximumLength: 200)
    }

    static func villageField(_ value: String) -> FormField {
        FormField(
            "village", LocalizedText(km: "ភូមិ", en: "Village"), value: value,
            hint: LocalizedText(km: "ឈ្មោះភូមិ ឬលេខកូដ ៨ ខ្ទង់", en: "Its name, or its code of eight digits"),
            autocomplete: "off", maximumLength: 60)
    }

    static func opening(_ sent: FormFields, today: CalendarDate) -> [FormField] {
        [
            FormField(
                "head", LocalizedText(km: "លេខអត្តសញ្ញាណរបស់មេគ្រួសារ", en: "Identification code of the head"),
                value: sent["head"] ?? "", autocomplete: "off", inputMode: "numeric", maximumLength: 24),
            address(sent["address"] ?? ""), book(sent["book"] ?? ""), day(sent["day"] ?? today.description),
            reference(sent["reference"] ?? ""),
        ]
    }

    static func asAt(_ asked: Asked) -> [FormField] {
        [
            FormField(
                "on", LocalizedText(km: "គិតត្រឹមថ្ងៃ", en: "As at"), value: asked.onText,
                hint: dayHint, autocomplete: "off", maximumLength: 20, isRequired: false),
            FormField(
                "known", LocalizedText(km: "តាមដែលបញ្ជីបានដឹងនៅថ្ងៃ", en: "As the register knew it on"),
                value: asked.knownText, autocomplete: "off", maximumLength: 20, isRequired: false),
        ]
    }

    static func address(_ value: String) -> FormField {
        FormField(
            "address", LocalizedText(km: "ផ្ទះ ផ្លូវ ក្រុម", en: "House, street, group"), value: value,
            autocomplete: "off", maximumLength: 200, isRequired: false)
    }

    static func book(_ value: String) -> FormField {
        FormField(
            "book", LocalizedText(km: "លេខសៀវភៅក្រដាស", en: "Number of the paper book"), value: value,
            autocomplete: "off", maximumLength: 40, isRequired: false)
    }

    static func day(_ value: String) -> FormField {
        FormField(
            "day", LocalizedText(km: "ចាប់ពីថ្ងៃ", en: "From the day"), value: value, hint: dayHint,
            autocomplete: "off", maximumLength: 20)
    }

    static func reference(_ value: String) -> FormField {
        FormField(
            "reference", LocalizedText(km: "ឯកសារ ឬមូលហេតុ", en: "Paper or reason"), value: value,
            autocomplete: "off", maximumLength: 60)
    }

    // MARK: Words

    static let title = LocalizedText(km: "គ្រួសារ", en: "Households")
    static let pick = LocalizedText(km: "សូមជ្រើសរើសមួយ។", en: "Choose one.")
    static let dayHint = LocalizedText(km: "ថ្ងៃ/ខែ/ឆ្នាំ", en: "day/month/year")
    static let dayError = LocalizedText(km: "សូមសរសេរថ្ងៃ/ខែ/ឆ្នាំ។", en: "Write day/month/year.")
    static let codeError = LocalizedText(
        km: "លេខអត្តសញ្ញាណមិនត្រឹមត្រូវ។ សូមពិនិត្យម្តងទៀត។", en: "This is no identification code. Please check it.")
    static let nobody = LocalizedText(km: "គ្មានមនុស្សក្រោមលេខនេះទេ។", en: "There is nobody under this code.")
    static let nothing = LocalizedText(
        km: "រកមិនឃើញគ្រួសារក្នុងតំបន់របស់អ្នកទេ។", en: "No household was found in your area.")
    static let notThere = LocalizedText(
        km: "នៅថ្ងៃនោះ បញ្ជីមិនទាន់មានគ្រួសារនេះទេ។ នេះជាស្ថានភាពបច្ចុប្បន្ន។",
        en: "The register had no such household on that day. This is how it is now.")
    static let purpose = Purpose(
        code: "household-keeping",
        text: LocalizedText(km: "ការកាន់កាប់បញ្ជីគ្រួសារ និងលំនៅ", en: "Keeping the register of households"))

    /// Lines whose ground an officer wrote.
    private static let grounds: Set<String> = [
        "opened", "joined", "left", "relation", "head", "moved", "book", "closed",
    ]

    private static let actions: [String: LocalizedText] = [
        "opened": LocalizedText(km: "បើកគ្រួសារ", en: "Opened"),
        "joined": LocalizedText(km: "ចូលជាសមាជិក", en: "Joined"),
        "left": LocalizedText(km: "ចេញពីគ្រួសារ", en: "Left"),
        "relation": LocalizedText(km: "កែទំនាក់ទំនង", en: "Relation changed"),
        "head": LocalizedText(km: "ប្តូរមេគ្រួសារ", en: "Head changed"),
        "moved": LocalizedText(km: "ប្តូរលំនៅ", en: "Moved"),
        "book": LocalizedText(km: "កែលេខសៀវភៅ", en: "Book's number changed"),
        "closed": LocalizedText(km: "បិទគ្រួសារ", en: "Closed"),
        "death": LocalizedText(km: "មរណភាព", en: "Died"),
        "retired": LocalizedText(km: "កំណត់ត្រារបស់សមាជិកត្រូវបានបិទ", en: "A member's record was closed"),
        "returned": LocalizedText(km: "ត្រឡប់មកវិញ", en: "Back again"),
    ]
}
