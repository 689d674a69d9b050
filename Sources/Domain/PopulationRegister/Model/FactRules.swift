import Kernel
import KhmerText
import ReferenceData

/// Brings facts into the form in which they are kept, and says what is wrong with them.
struct FactRules {
    let today: CalendarDate
    private(set) var errors: [FieldError] = []

    init(today: CalendarDate) { self.today = today }

    /// The fact in its kept form. Refused parts stand in `errors` and come back as they were.
    mutating func clean(_ fact: PersonFact) -> PersonFact {
        switch fact {
        case .names(let names): .names(clean(names))
        case .birth(let birth): .birth(clean(birth))
        case .nationality(let list): .nationality(clean(list))
        case .residence(let list): .residence(clean(list))
        case .contacts(let list): .contacts(clean(list))
        case .documents(let list): .documents(clean(list))
        case .assurance(let assurance): .assurance(clean(assurance))
        case .stay(let list): .stay(clean(list))
        case .sex, .life: fact
        }
    }

    mutating func check(_ source: FactSource, _ confidence: Int) {
        if !(1...64).contains(source.kind.utf8.count) || !(1...200).contains(source.reference.utf8.count) {
            refuse("source", km: "ត្រូវបញ្ជាក់ប្រភព។", en: "Say where this comes from.")
        }
        if !(0...100).contains(confidence) { refuse("confidence", km: "ត្រូវនៅចន្លោះ ០ ដល់ ១០០។", en: "From 0 to 100.") }
    }

    private mutating func refuse(_ field: String, km: String, en: String) {
        errors.append(FieldError(field, LocalizedText(km: km, en: en)))
    }

    private mutating func text(_ text: String?, _ field: String, limit: Int = TextInput.nameLimit) -> String? {
        guard let text, !text.isEmpty else { return nil }
        do {
            return try TextInput.clean(text, limit: limit)
        } catch {
            errors.append(FieldError(field, error.message))
            return text
        }
    }

    private mutating func clean(_ names: [PersonName]) -> [PersonName] {
        if !(1...10).contains(names.count) || names.filter({ $0.kind == .official }).count != 1 {
            refuse("names", km: "ត្រូវមានឈ្មោះផ្លូវការមួយ។", en: "There must be one official name.")
        }
        return names.prefix(10).map { name in
            var name = name
            name.khmer = parts(name.khmer, "name_km")
            name.latin = parts(name.latin, "name_latin")
            if let khmer = name.khmer,
                !khmer.full.unicodeScalars.contains(where: { (0x1780...0x17D3).contains($0.value) })
            {
                refuse("name_km", km: "សូមសរសេរជាអក្សរខ្មែរ។", en: "Write this name in Khmer script.")
            }
            if let latin = name.latin,
                !latin.full.unicodeScalars.contains(where: { $0.value < 0x250 && $0.properties.isAlphabetic })
            {
                refuse("name_latin", km: "សូមសរសេរជាអក្សរឡាតាំង។", en: "Write this name in Latin letters.")
            }
            if name.khmer == nil, name.latin == nil {
                refuse("names", km: "សូមបំពេញឈ្មោះ។", en: "Fill in the name.")
            }
            return name
        }
    }

    private mutating func parts(_ parts: NameParts?, _ field: String) -> NameParts? {
        guard let parts, !parts.isEmpty else { return nil }
        return NameParts(
            family: text(parts.family, "family_\(field)") ?? "", given: text(parts.given, "given_\(field)") ?? "")
    }

    private mutating func clean(_ birth: Birth) -> Birth {
        var birth = birth
        if let date = birth.date, date.earliest > today || date.year < 1850 {
            refuse("birthdate", km: "ថ្ងៃកំណើតមិនត្រឹមត្រូវទេ។", en: "This date of birth is not possible.")
        }
        birth.placeText = text(birth.placeText, "birth_place", limit: 200)
        birth.lunarText = text(birth.lunarText, "birth_lunar", limit: 200)
        return birth
    }

    private mutating func clean(_ list: [Nationality]) -> [Nationality] {
        if !(1...10).contains(list.count) {
            refuse("nationality", km: "ត្រូវមានសញ្ជាតិ ឬស្ថានភាពមួយ។", en: "Give one nationality or status.")
        }
        return list.prefix(10).map { nationality in
            var nationality = nationality
            nationality.basis = text(nationality.basis, "nationality", limit: 200)
            if nationality.status == .khmer { nationality.country = "KHM" }
            if let country = nationality.country {
                if !Self.isAlpha3(country) {
                    refuse("nationality", km: "លេខកូដប្រទេសមិនត្រឹមត្រូវទេ។", en: "The country code has three capital letters.")
                }
            } else if nationality.status == .foreign {
                refuse("nationality", km: "សូមបញ្ជាក់ប្រទេស។", en: "Name the country.")
            }
            return nationality
        }
    }

    private mutating func clean(_ list: [Residence]) -> [Residence] {
        if list.count > 10 { refuse("residence", km: "អាសយដ្ឋានច្រើនពេក។", en: "There are too many addresses.") }
        return list.prefix(10).map { residence in
            var residence = residence
            residence.detail = text(residence.detail, "residence", limit: 200)
            return residence
        }
    }

    private mutating func clean(_ list: [Contact]) -> [Contact] {
        if list.count > 10 { refuse("contacts", km: "ទំនាក់ទំនងច្រើនពេក។", en: "There are too many contacts.") }
        return list.prefix(10).map { contact in
            var contact = contact
            switch contact.kind {
            case .phone:
                if let number = PhoneNumber.e164(contact.value) {
                    contact.value = number
                } else {
                    refuse("phone_number", km: "លេខទូរស័ព្ទមិនត្រឹមត្រូវទេ។", en: "This phone number is not possible.")
                }
            case .email:
                if !EmailAddress.isPlausible(contact.value) {
                    refuse("email", km: "អ៊ីមែលមិនត្រឹមត្រូវទេ។", en: "This email address is not possible.")
                }
            }
            return contact
        }
    }

    private mutating func clean(_ list: [IdentityDocument]) -> [IdentityDocument] {
        if list.count > 20 { refuse("documents", km: "ឯកសារច្រើនពេក។", en: "There are too many documents.") }
        return list.prefix(20).map { document in
            var document = document
            do throws(RumdulError) {
                document.number = try KhmerDigits.identifier(document.number, allowLetters: true, limit: 32)
            } catch {
                errors.append(FieldError("document_number", error.message))
            }
            if !Self.isAlpha3(document.country) {
                refuse("document_country", km: "លេខកូដប្រទេសមិនត្រឹមត្រូវទេ។", en: "The country code has three capital letters.")
            }
            return document
        }
    }

    private mutating func clean(_ assurance: PersonAssurance) -> PersonAssurance {
        if assurance.evidence.count > 20 || !assurance.evidence.allSatisfy({ (1...64).contains($0.utf8.count) }) {
            refuse("assurance", km: "ភស្តុតាងមិនត្រឹមត្រូវទេ។", en: "The evidence is not in the right form.")
        }
        return assurance
    }

    private mutating func clean(_ list: [LegalStay]) -> [LegalStay] {
        if list.count > 5 { refuse("basis", km: "មូលដ្ឋានច្រើនពេក។", en: "There are too many grounds.") }
        return list.prefix(5).map { stay in
            var stay = stay
            if let number = stay.number {
                do throws(RumdulError) {
                    stay.number = try KhmerDigits.identifier(number, allowLetters: true, limit: 32)
                } catch {
                    errors.append(FieldError("number", error.message))
                }
            }
            stay.office = text(stay.office, "office", limit: 100) ?? ""
            if stay.office.isEmpty {
                refuse("office", km: "សូមសរសេរការិយាល័យដែលចេញឯកសារ។", en: "Name the office that issued it.")
            }
            if stay.from.year < 1950 || stay.from.daysSinceEpoch > today.daysSinceEpoch + 366 {
                refuse("from", km: "ថ្ងៃចាប់ផ្តើមមិនត្រឹមត្រូវទេ។", en: "This first day is not possible.")
            }
            if let until = stay.until, until < stay.from || until.year > today.year + 100 {
                refuse("until", km: "ថ្ងៃផុតកំណត់ត្រូវនៅក្រោយថ្ងៃចាប់ផ្តើម។", en: "The last day lies after the first.")
            }
            return stay
        }
    }

    private static func isAlpha3(_ text: String) -> Bool {
        text.utf8.count == 3 && text.utf8.allSatisfy { (65...90).contains($0) }
    }
}

/// Phone numbers in the form of ITU-T E.164.
enum PhoneNumber {
    /// A number as people write it (`012 345 678`, `+855 12 345 678`, `០១២ ៣៤៥ ៦៧៨`) as E.164, or `nil`. Without a
    /// country code it is a Cambodian one: trunk prefix 0, then eight or nine digits.
    static func e164(_ entered: String) -> String? {
        guard entered.utf8.count <= 120 else { return nil }
        var text = entered.unicodeScalars.filter { !" -()./\u{200B}\u{A0}".unicodeScalars.contains($0) }
        var international = false
        if text.first == "+" {
            international = true
            text.removeFirst()
        }
        guard let ascii = KhmerDigits.toASCII(String(text)), !ascii.isEmpty,
            ascii.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        var digits = Substring(ascii)
        if !international, digits.hasPrefix("00") {
            international = true
            digits = digits.dropFirst(2)
        }
        if international, !digits.hasPrefix("855") {
            return !digits.hasPrefix("0") && (8...15).contains(digits.count) ? "+" + digits : nil
        }
        if international || (digits.hasPrefix("855") && digits.count >= 11) { digits = digits.dropFirst(3) }
        if digits.hasPrefix("0") { digits = digits.dropFirst() }
        // National significant numbers: `1` and 7 or 8 digits, or 2 to 9 and 7 or 8 digits.
        guard (8...9).contains(digits.count), !digits.hasPrefix("0") else { return nil }
        return "+855" + digits
    }
}

/// Email addresses, checked only as far as a typing error shows.
enum EmailAddress {
    static func isPlausible(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= 254, bytes.allSatisfy({ (33...126).contains($0) }), let at = bytes.firstIndex(of: 64),
            bytes.lastIndex(of: 64) == at, (1...64).contains(at)
        else { return false }
        let labels = bytes[(at + 1)...].split(separator: 46, omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.count)
                    && label.allSatisfy {
                        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
                    }
            }
    }
}
