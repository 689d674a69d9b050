import Codecs
import Kernel
import PopulationRegister
import VitalStatistics

/// A medical certificate of cause of death, as its fields in canonical form. Those that are empty are absent.
public struct MedicalCertificate: Sendable, Hashable {
    /// By the identifiers of `MedicalForm`.
    public let values: [String: String]

    public subscript(field: String) -> String? { values[field] }

    /// Whether two certificates tell the same chain of conditions, so that a coded cause stays what it is.
    func tellsSameChain(as other: MedicalCertificate) -> Bool {
        Self.chain.allSatisfy { values[$0] == other.values[$0] }
    }

    private static let chain =
        MedicalForm.lines.map { "cause.\($0).condition" } + ["cause.other.condition", "manner.kind", "injury.how"]

    /// The values as they are shown in a form and can be typed again.
    public func typed(_ language: Language) -> [String: String] {
        values.reduce(into: [:]) { typed, item in
            typed[item.key] =
                item.key.hasSuffix(".interval")
                ? OnsetInterval(stored: item.value)?.text(language) ?? item.value : item.value
        }
    }

    var json: JSONValue { .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })) }

    init?(json: JSONValue?) throws {
        guard case .object(let object)? = json else { return nil }
        var values: [String: String] = [:]
        for member in object.members {
            guard let text = member.value.stringValue else { throw RumdulError.internal("civil.cause") }
            values[member.name] = text
        }
        self.values = values
    }

    /// Brings what was typed into canonical form and checks it: the fields, codes by their form, a chain without gaps,
    /// dates that can be. Throws `civil.invalid` with every refused field.
    /// - Returns: with the code that statistics count: the one that was named, else that of the lowest line of part I when
    ///   it can be an underlying cause, else none, which a coder states.
    static func check(
        _ raw: [String: String], about declaration: Declaration, today: CalendarDate
    ) throws -> (MedicalCertificate, CauseCode?) {
        var rules = FieldRules(today: today)
        let form = MedicalForm.form(for: MedicalForm.Subject(declaration))
        let clean = rules.clean(raw, form: form)
        rules.requireAll(clean, form: form)
        var check = Check(rules: rules, values: clean.values)
        check.lines()
        let underlying = check.underlying(isMale: declaration[.deceased, "sex"] == "1")
        check.otherCodes()
        check.dates(died: declaration.occurredOn)
        guard check.rules.errors.isEmpty else { throw RumdulError.civilInvalid(check.rules.errors) }
        return (MedicalCertificate(values: check.values), underlying)
    }

    private init(values: [String: String]) { self.values = values }

    private struct Check {
        var rules: FieldRules
        var values: [String: String]

        mutating func lines() {
            var isOpen = true
            for line in MedicalForm.lines {
                let condition = values["cause.\(line).condition"]
                let interval = "cause.\(line).interval"
                let code = "cause.\(line).code"
                if let typed = values[interval] {
                    if let read = OnsetInterval(typed: typed) {
                        values[interval] = read.stored
                    } else {
                        rules.refuse(
                            interval, km: "សូមសរសេរចំនួន និងឯកតា ដូចជា ៣ ថ្ងៃ ឬ ២ ម៉ោង។",
                            en: "Write a number and a unit, such as 3 days or 2 hours.")
                    }
                }
                if let typed = values[code] { values[code] = checked(typed, code) }
                if condition == nil, line != "a", values[interval] != nil || values[code] != nil {
                    rules.refuse(
                        "cause.\(line).condition", km: "មានរយៈពេល ឬកូដ តែគ្មានជំងឺ។",
                        en: "There is an interval or a code, and no condition.")
                }
                if condition != nil, !isOpen {
                    rules.refuse(
                        "cause.\(line).condition", km: "បន្ទាត់ខាងលើនៅទទេ។ សូមបំពេញតាមលំដាប់។",
                        en: "The line above is empty. Fill the lines in their order.")
                }
                isOpen = condition != nil
            }
        }

        private mutating func checked(_ typed: String, _ field: String) -> String {
            if let code = ICDCode(typed) { return code.text }
            rules.refuse(
                field, km: "កូដ ICD មិនត្រឹមត្រូវ។ ឧទាហរណ៍ I21.9 ឬ BA41.0", en: "This is no ICD code. Such as I21.9 or BA41.0")
            return typed
        }

        mutating func otherCodes() {
            guard let typed = values["cause.other.codes"] else { return }
            let codes = typed.split { $0 == "," || $0 == ";" || $0 == "\u{17D5}" || $0 == "\u{3001}" }
                .map { $0.filter { !$0.isWhitespace } }
            let read = codes.compactMap { ICDCode(String($0))?.text }
            guard read.count == codes.count, !read.isEmpty else {
                _ = checked("", "cause.other.codes")
                return
            }
            values["cause.other.codes"] = read.joined(separator: ", ")
        }

        mutating func underlying(isMale: Bool) -> CauseCode? {
            let named = values["cause.underlying"]
            let lowest = MedicalForm.lines.last { values["cause.\($0).condition"] != nil }
            var code = lowest.flatMap { values["cause.\($0).code"] }.flatMap { CauseCode($0) }
            if let named {
                guard let read = CauseCode(named) else {
                    rules.refuse(
                        "cause.underlying", km: "លេខកូដ ICD នេះមិនអាចជាមូលហេតុដើមបានទេ។",
                        en: "This ICD code cannot be an underlying cause.")
                    return nil
                }
                values["cause.underlying"] = read.text
                code = read
            }
            if isMale, code?.group == .maternal {
                rules.refuse(
                    named == nil ? "cause.\(lowest ?? "a").code" : "cause.underlying",
                    km: "កូដនេះសម្រាប់ការមានគភ៌ ហើយអ្នកស្លាប់ជាបុរស។", en: "This code is of a pregnancy, and the deceased is a man.")
            }
            return code
        }

        mutating func dates(died: PartialDate?) {
            guard let died else { return }
            for field in ["injury.date", "surgery.date"] {
                guard let date = values[field].flatMap({ PartialDate(iso: $0) }), date.earliest > died.latest else {
                    continue
                }
                rules.refuse(field, km: "ក្រោយថ្ងៃស្លាប់។", en: "This is after the death.")
            }
            guard let signed = values["certifier.date"].flatMap({ CalendarDate(iso: $0) }), signed < died.earliest
            else {
                return
            }
            rules.refuse("certifier.date", km: "មុនថ្ងៃស្លាប់។", en: "This is before the death.")
        }
    }
}
