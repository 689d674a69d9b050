import Codecs
import Kernel
import KhmerText
import PopulationRegister
import ReferenceData

/// The person attributes of OSIA's documents that this register knows, by the names that OSIA's examples use; `...Km`
/// are the same in Khmer script.
enum OSIAPerson {
    /// What a request for a UIN may tell.
    static let registering = [
        "firstName", "lastName", "firstNameKm", "lastNameKm", "dateOfBirth", "gender", "placeOfBirth", "nationality",
    ]

    /// The draft of a person out of an attributes document. Throws `api.body`; the register checks the rest.
    static func draft(_ object: JSONObject, source: FactSource) throws -> PersonDraft {
        guard object.count <= registering.count else {
            throw RumdulError.apiBody("attributes", km: "មានច្រើនពេក", en: "There are too many attributes.")
        }
        var texts: [String: String] = [:]
        for member in object.members {
            guard registering.contains(member.name) else {
                throw RumdulError.apiBody(member.name, km: "មិនស្គាល់", en: "There is no such attribute.")
            }
            guard let text = member.value.stringValue, let clean = try? TextInput.clean(text) else {
                throw RumdulError.apiBody(
                    member.name, km: "ត្រូវជាអត្ថបទខ្លី", en: "A text of at most 100 characters.")
            }
            texts[member.name] = clean
        }
        let khmer = parts(texts["lastNameKm"], texts["firstNameKm"])
        let latin = parts(texts["lastName"], texts["firstName"])
        return PersonDraft(
            names: [PersonName(khmer: khmer, latin: latin)], sex: try gender(texts["gender"]),
            birth: Birth(
                date: try value(texts, "dateOfBirth") { PartialDate(iso: $0) },
                place: try value(texts, "placeOfBirth") { PlaceCode($0) }),
            nationality: try nationality(texts["nationality"]), source: source)
    }

    private static func parts(_ family: String?, _ given: String?) -> NameParts? {
        family == nil && given == nil ? nil : NameParts(family: family ?? "", given: given ?? "")
    }

    static func gender(_ text: String?) throws -> Sex {
        switch text {
        case "M": .male
        case "F": .female
        case nil, "U": .notKnown
        default: throw RumdulError.apiBody("gender", km: "ត្រូវជា M F ឬ U", en: "M, F or U.")
        }
    }

    /// A foreigner's country; of a Khmer nothing is decided here, so the register says undetermined.
    private static func nationality(_ text: String?) throws -> [Nationality] {
        guard let text else { return [Nationality(.undetermined)] }
        guard text.utf8.count == 3, text.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw RumdulError.apiBody(
                "nationality", km: "ត្រូវជាលេខកូដប្រទេស ៣ អក្សរ", en: "Three capital letters (ISO 3166-1).")
        }
        return [text == "KHM" ? Nationality(.undetermined) : Nationality(.foreign, country: text)]
    }

    private static func value<Value>(
        _ texts: [String: String], _ name: String, _ read: (String) -> Value?
    ) throws -> Value? {
        guard let text = texts[name] else { return nil }
        guard let value = read(text) else {
            throw RumdulError.apiBody(name, km: "មិនត្រឹមត្រូវ", en: "This is not well-formed.")
        }
        return value
    }
}
