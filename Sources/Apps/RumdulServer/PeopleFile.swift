import Codecs
import Kernel
import PopulationRegister
import ReferenceData

/// Reads people from JSON Lines, one person a line, for `rumdul admin import people`: how an existing list enters the register until civil
/// registration feeds it.
///
/// ```json
/// {"name_km": {"family": "សុខ", "given": "ដារា"}, "name_latin": {"family": "SOK", "given": "DARA"}, "sex": "male",
///  "birthdate": "1990-05-01", "birth_place": "1204", "nationality": "khmer", "residence": "120401", "phone": "+85512345678",
///  "reference": "list-7/1"}
/// ```
/// `birthdate` may be a year or a month alone; `nationality` is `khmer`, `stateless`, `refugee`, `undetermined` (the default) or a
/// foreign country's alpha-3 code. Only a name, the sex and the reference are required: nobody is left out for missing papers.
public enum PeopleFile {
    private static let members: Set<String> = [
        "name_km", "name_latin", "sex", "birthdate", "birth_place", "nationality", "residence", "phone", "email",
        "reference",
    ]
    /// The most people in one file.
    public static let limit = 1_000_000

    /// All people of a file, or the error of the first line that is wrong. Throws `people.line` with the line's number.
    public static func parse(_ bytes: [UInt8]) throws -> [PersonDraft] {
        var drafts: [PersonDraft] = []
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if content.isEmpty { continue }
            guard drafts.count < limit else { throw RumdulError.peopleLine(number, "more than \(limit) people") }
            let object: JSONObject
            do {
                object = try JSON.parseObject(Array(content), limits: JSONLimits(depth: 4, size: 1 << 14))
            } catch {
                throw RumdulError.peopleLine(number, "not a JSON object")
            }
            drafts.append(try draft(object, line: number))
        }
        return drafts
    }

    private static func draft(_ object: JSONObject, line: Int) throws -> PersonDraft {
        for name in object.names where !members.contains(name) {
            throw RumdulError.peopleLine(line, "unknown member \(name)")
        }
        guard let reference = object.string("reference"), !reference.isEmpty else {
            throw RumdulError.peopleLine(line, "reference is missing: where the facts come from")
        }
        let sex: Sex
        switch object.string("sex") {
        case "male": sex = .male
        case "female": sex = .female
        case "unknown": sex = .notKnown
        default: throw RumdulError.peopleLine(line, "sex is male, female or unknown")
        }
        let date = try value(object, "birthdate", line, PartialDate.init(iso:))
        let birthPlace = try value(object, "birth_place", line) { PlaceCode($0) }
        let residence = try value(object, "residence", line) { PlaceCode($0) }
        var contacts: [Contact] = []
        if let phone = object.string("phone") { contacts.append(Contact(.phone, phone)) }
        if let email = object.string("email") { contacts.append(Contact(.email, email)) }
        return PersonDraft(
            names: [
                PersonName(khmer: try name(object, "name_km", line), latin: try name(object, "name_latin", line))
            ], sex: sex, birth: Birth(date: date, place: birthPlace), nationality: [try nationality(object, line)],
            residence: residence.map { [Residence(.permanent, place: $0)] } ?? [], contacts: contacts,
            source: FactSource(kind: "migration", reference: reference))
    }

    private static func value<Value>(
        _ object: JSONObject, _ name: String, _ line: Int, _ make: (String) -> Value?
    ) throws -> Value? {
        guard object.has(name) else { return nil }
        guard let text = object.string(name), let value = make(text) else {
            throw RumdulError.peopleLine(line, "\(name) is not valid")
        }
        return value
    }

    private static func name(_ object: JSONObject, _ member: String, _ line: Int) throws -> NameParts? {
        guard object.has(member) else { return nil }
        guard let parts = object.object(member), parts.names.allSatisfy({ $0 == "family" || $0 == "given" }) else {
            throw RumdulError.peopleLine(line, "\(member) has family and given")
        }
        return NameParts(family: parts.string("family") ?? "", given: parts.string("given") ?? "")
    }

    private static func nationality(_ object: JSONObject, _ line: Int) throws -> Nationality {
        guard object.has("nationality") else { return Nationality(.undetermined) }
        guard let text = object.string("nationality") else {
            throw RumdulError.peopleLine(line, "nationality is not a text")
        }
        if let status = Nationality.Status(rawValue: text), status != .foreign { return Nationality(status) }
        guard text.utf8.count == 3, text.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw RumdulError.peopleLine(line, "nationality is a status or an alpha-3 code")
        }
        return Nationality(.foreign, country: text)
    }
}

extension RumdulError {
    /// A line of a people file is not valid; nothing was entered.
    static func peopleLine(_ line: Int, _ reason: String) -> RumdulError {
        RumdulError(
            "people.line", .invalid, km: "បន្ទាត់ទី \(line) មិនត្រឹមត្រូវ៖ \(reason)", en: "Line \(line) is not valid: \(reason)"
        )
    }
}
