import Accountability
import CivilRegister
import Codecs
import Kernel
import ReferenceData

/// A person as the standard writes one (`CRVS_Person`, extensions/crvs/v1). Only what was told through the gate.
struct DCIPerson {
    /// The attributes that may be asked for here, in the order of an entry.
    static let attributes: [AttributeName] = [
        .kidc, .familyName, .givenName, .familyNameKhmer, .givenNameKhmer, .gender, .birthdate, .birthplace, .address,
        .phoneNumber, .email,
    ]

    static let context = "https://schema.spdci.org/extensions/crvs/v1/data/CRVSPerson.jsonld"
    static let recordType = "spdci-extensions-crvs:CRVS_Person"
    static let registryType = "ns:org:RegistryType:Civil"

    let told: DisclosedAttributes
    let isKhmer: Bool
    /// The name of the place of birth.
    var birthPlace: String?

    /// - Parameter event: what happened to the person, of a search or a notification for events.
    func json(_ event: EventSubject? = nil) -> JSONValue {
        var identifiers: [JSONValue] = []
        if let code = told[.kidc]?.stringValue { identifiers.append(Self.identifier("UIN", code)) }
        let type = event.flatMap { event in DCIEventType.allCases.first { $0.kinds.contains(event.kind) } }
        if let event, let name = type?.identifierType { identifiers.append(Self.identifier(name, event.number)) }
        var object: JSONObject = ["@context": .string(Self.context), "@type": "CRVS_Person"]
        if !identifiers.isEmpty { object["identifier"] = .array(identifiers) }
        object["name"] = name
        object["sex"] = told[.gender].map { ["male": "male", "female": "female"][$0.stringValue ?? ""] ?? "unknown" }
        object["birth_date"] = told[.birthdate]
        if told[.birthplace] != nil, let birthPlace {
            object["birth_place"] = ["@type": "Place", "name": .string(birthPlace)]
        }
        object["address"] = address
        object["phone_number"] = told[.phoneNumber].map { [$0] }
        object["email"] = told[.email].map { [$0] }
        if let event, let date = event.occurredOn {
            switch type {
            case .death: object["death_date"] = .string(date)
            case .marriage: object["marriage_date"] = .string(date)
            case .divorce: object["divorce_date"] = .string(date)
            default: break
            }
        }
        for (index, parent) in (event?.parents ?? []).prefix(2).enumerated() {
            object["parent\(index + 1)_identifier"] = Self.identifier("UIN", parent)
        }
        return .object(object)
    }

    static func identifier(_ type: String, _ value: String) -> JSONValue {
        ["@type": "Identifier", "identifier_type": .string(type), "identifier_value": .string(value)]
    }

    /// In the script that was asked for, else in the other.
    private var name: JSONValue? {
        let khmer = (told[.familyNameKhmer], told[.givenNameKhmer]), latin = (told[.familyName], told[.givenName])
        for (family, given) in isKhmer ? [khmer, latin] : [latin, khmer] where family != nil || given != nil {
            var object: JSONObject = ["@type": "Name"]
            object["surname"] = family
            object["given_name"] = given
            return .object(object)
        }
        return nil
    }

    private var address: JSONValue? {
        guard let known = told[.address]?.objectValue else { return nil }
        var object: JSONObject = ["@type": "Address"]
        object["address_line1"] = isKhmer ? known["formatted"] : known["formatted_latin"] ?? known["formatted"]
        object["region_code"] = known["region_code"]
        object["country_code"] = known["country"]
        return [.object(object)]
    }
}
