import Codecs
import Kernel
import KhmerText
import PopulationRegister
import ReferenceData

/// Brings what was typed into a field into its canonical form, or says what is wrong with it.
struct FieldRules {
    private(set) var errors: [FieldError] = []
    let today: CalendarDate
    /// Entries of old books: the date may be a month or a year, and what no book has is not asked for.
    let isLegacy: Bool

    init(today: CalendarDate, isLegacy: Bool = false) {
        self.today = today
        self.isLegacy = isLegacy
    }

    /// The canonical values of a form. Unknown fields are refused, empty ones left out.
    mutating func clean(_ raw: [String: String], form: EventForm) -> Declaration {
        var values: [String: String] = [:]
        for (id, text) in raw where !text.isEmpty {
            guard let field = form[id] else {
                refuse(id, km: "មិនស្គាល់ចន្លោះនេះទេ។", en: "There is no such field.")
                continue
            }
            values[id] = clean(text, field) ?? text
        }
        return Declaration(form.kind, values)
    }

    /// Refuses what must be filled in and is not.
    mutating func requireAll(_ declaration: Declaration, form: EventForm) {
        for field in form.fields
        where declaration[field.id] == nil && !(isLegacy && LegacyRules.isSpared(field.id, of: form.kind)) {
            let isNeeded =
                switch field.requirement {
                case .optional: false
                case .always: true
                case .when(let other, let values): declaration[other].map { values.contains($0) } ?? false
                case .unless(let other): declaration[other] == nil
                }
            if isNeeded { refuse(field.id, km: "ត្រូវបំពេញ។", en: "This must be filled in.") }
        }
    }

    mutating func refuse(_ field: String, km: String, en: String) {
        errors.append(FieldError(field, LocalizedText(km: km, en: en)))
    }

    private mutating func clean(_ text: String, _ field: FieldDefinition) -> String? {
        switch field.type {
        case .khmerName: return name(text, field.id, khmer: true)
        case .latinName: return name(text, field.id, khmer: false)
        case .text(let limit): return line(text, field.id, limit)
        case .date where isLegacy && field.id == "event.date": return partialDate(text, field.id)
        case .date:
            guard let date = date(text), date <= today, date.year >= 1850 else {
                return refused(
                    field.id, km: "កាលបរិច្ឆេទនេះមិនអាចមានទេ។ ឧទាហរណ៍ ៣១/១២/២០២៥",
                    en: "This date is not possible. Example: 31/12/2025")
            }
            return date.description
        case .partialDate: return partialDate(text, field.id)
        case .time: return time(text, field.id)
        case .place(let level):
            guard let digits = ascii(text, limit: 8), let code = PlaceCode(digits), code.level.rawValue >= level else {
                return refused(
                    field.id, km: "រកមិនឃើញទីកន្លែងនេះទេ។ សូមសរសេរឈ្មោះភូមិក្នុងឃុំ ឬលេខកូដ។",
                    en: "No such place was found. Write the name of a village of this commune, or a code.")
            }
            return code.text
        case .choice(let choices):
            guard choices.contains(where: { sameCodePoints($0.code, text) }) else {
                return refused(field.id, km: "សូមជ្រើសរើសចម្លើយមួយ។", en: "Choose one of the answers.")
            }
            return text
        case .number(let range):
            guard let digits = ascii(text, limit: 9), let number = Int(digits), range.contains(number) else {
                let from = KhmerDigits.toKhmer(range.lowerBound), to = KhmerDigits.toKhmer(range.upperBound)
                return refused(
                    field.id, km: "លេខត្រូវនៅចន្លោះ \(from) ដល់ \(to)។",
                    en: "A number from \(range.lowerBound) to \(range.upperBound).")
            }
            return String(number)
        case .country:
            guard text.utf8.count == 3, text.utf8.allSatisfy({ (65...90).contains($0 & 0xDF) && $0 > 64 }) else {
                return refused(field.id, km: "កូដប្រទេសមាន ៣ អក្សរ។", en: "A country code has three letters.")
            }
            return text.uppercased()
        case .icd:
            let kept = text.uppercased()
            guard (3...12).contains(kept.utf8.count),
                kept.utf8.allSatisfy({
                    (48...57).contains($0) || (65...90).contains($0) || $0 == 46 || $0 == 47 || $0 == 38
                })
            else { return refused(field.id, km: "កូដជំងឺមិនត្រឹមត្រូវ។", en: "This is no code of a cause of death.") }
            return kept
        case .person:
            do {
                return try KIDC(entered: text).digits
            } catch {
                errors.append(FieldError(field.id, error.message))
                return nil
            }
        }
    }

    private mutating func partialDate(_ text: String, _ field: String) -> String? {
        guard let date = partial(text), date.earliest <= today, date.year >= 1850 else {
            return refused(
                field, km: "កាលបរិច្ឆេទនេះមិនអាចមានទេ។ បើដឹងតែឆ្នាំ សូមវាយតែឆ្នាំ។",
                en: "This date is not possible. If only the year is known, type the year.")
        }
        return date.iso
    }

    private mutating func refused(_ field: String, km: String, en: String) -> String? {
        refuse(field, km: km, en: en)
        return nil
    }

    private mutating func name(_ text: String, _ field: String, khmer: Bool) -> String? {
        guard let kept = line(text, field, TextInput.nameLimit) else { return nil }
        let fits = kept.unicodeScalars.contains { scalar in
            khmer ? (0x1780...0x17D3).contains(scalar.value) : scalar.value < 0x250 && scalar.properties.isAlphabetic
        }
        guard fits else {
            return khmer
                ? refused(field, km: "សូមសរសេរជាអក្សរខ្មែរ។", en: "Write this in Khmer script.")
                : refused(field, km: "សូមសរសេរជាអក្សរឡាតាំង។", en: "Write this in Latin letters.")
        }
        return kept
    }

    private mutating func line(_ text: String, _ field: String, _ limit: Int) -> String? {
        do {
            return try TextInput.clean(text, limit: limit)
        } catch {
            errors.append(FieldError(field, error.message))
            return nil
        }
    }

    private mutating func time(_ text: String, _ field: String) -> String? {
        let parts = (KhmerDigits.toASCII(text) ?? text).split(separator: ":")
        guard parts.count == 2, let hour = KhmerDigits.number(parts[0]), let minute = KhmerDigits.number(parts[1]),
            (0...23).contains(hour),
            (0...59).contains(minute)
        else { return refused(field, km: "ម៉ោងត្រូវសរសេរដូច ០៧:៣០។", en: "Write the time as 07:30.") }
        return String(String(100 + hour).suffix(2)) + ":" + String(String(100 + minute).suffix(2))
    }

    private func ascii(_ text: String, limit: Int) -> String? { try? KhmerDigits.identifier(text, limit: limit) }

    /// A day as ISO 8601 or as people here write it, day first, Khmer digits too.
    private func date(_ text: String) -> CalendarDate? {
        let digits = KhmerDigits.toASCII(text) ?? text
        return CalendarDate(iso: digits) ?? (try? KhmerDates.parse(text))
    }

    private func partial(_ text: String) -> PartialDate? {
        let digits = KhmerDigits.toASCII(text) ?? text
        if let date = PartialDate(iso: digits) { return date }
        let parts = digits.split(whereSeparator: { $0 == "/" || $0 == "-" || $0 == "." })
        if parts.count == 2, let month = KhmerDigits.number(parts[0]), let year = KhmerDigits.number(parts[1]),
            (1...12).contains(month),
            CalendarDate(year: year, month: month, day: 1) != nil
        {
            return .month(year, month)
        }
        return date(text).map { .day($0) }
    }
}
