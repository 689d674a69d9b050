import Accountability
import Codecs
import Kernel
import KhmerText
import PopulationRegister
import ReferenceData

/// One person attribute of OSIA's data access, with what it is here.
struct OSIAAttribute: Sendable {
    /// The name in OSIA's documents.
    let name: String
    let attribute: AttributeName
    /// The claim that it can be compared as; `nil` when it can only be read.
    let field: PersonClaims.Field?

    /// Every attribute that is known. OSIA leaves the names to each country; these are those of its examples, and the
    /// same in Khmer script.
    static let all: [OSIAAttribute] = [
        OSIAAttribute(name: "uin", attribute: .kidc, field: nil),
        OSIAAttribute(name: "firstName", attribute: .givenName, field: .givenName),
        OSIAAttribute(name: "lastName", attribute: .familyName, field: .familyName),
        OSIAAttribute(name: "firstNameKm", attribute: .givenNameKhmer, field: .givenNameKhmer),
        OSIAAttribute(name: "lastNameKm", attribute: .familyNameKhmer, field: .familyNameKhmer),
        OSIAAttribute(name: "dateOfBirth", attribute: .birthdate, field: .birthdate),
        OSIAAttribute(name: "gender", attribute: .gender, field: .sex),
        OSIAAttribute(name: "placeOfBirth", attribute: .birthplace, field: .birthplace),
        OSIAAttribute(name: "physicalStatus", attribute: .alive, field: .alive),
        OSIAAttribute(name: "nationality", attribute: .nationality, field: nil),
        OSIAAttribute(name: "address", attribute: .address, field: nil),
        OSIAAttribute(name: "province", attribute: .addressProvince, field: nil),
        OSIAAttribute(name: "phoneNumber", attribute: .phoneNumber, field: nil),
        OSIAAttribute(name: "email", attribute: .email, field: nil),
    ]

    static func named(_ name: String) -> OSIAAttribute? { all.first { $0.name == name } }

    /// A value of the register as OSIA writes it: a text, number or truth value.
    func osia(_ value: JSONValue) -> JSONValue? {
        switch attribute {
        case .gender: ["male": "M", "female": "F"][value.stringValue ?? ""] ?? "U"
        case .alive: value.boolValue.map { $0 ? "ALIVE" : "DEAD" }
        case .address: value["formatted"] ?? value["formatted_latin"]
        default: value
        }
    }

    /// Puts the value of an attributes document into claims. Throws `api.body` for what cannot be a value.
    func claim(_ value: JSONValue, in claims: inout PersonClaims) throws {
        guard let field else { throw refusal }
        guard let text = value.stringValue, let clean = try? TextInput.clean(text) else { throw refusal }
        switch field {
        case .birthdate:
            guard let date = PartialDate(iso: clean) else { throw refusal }
            claims.birthdate = date
        case .sex: claims.sex = try OSIAPerson.gender(clean)
        case .birthplace:
            guard let place = PlaceCode(clean) else { throw refusal }
            claims.birthplace = place
        case .alive:
            guard let alive = ["ALIVE": true, "DEAD": false][clean] else { throw refusal }
            claims.alive = alive
        default: claims.nameParts[field] = clean
        }
    }

    private var refusal: RumdulError {
        .apiBody(name, km: "តម្លៃនេះមិនត្រឹមត្រូវ", en: "This is no value of the attribute.")
    }
}

extension RegisterClient {
    /// The policy of the operator: what this system may read in the clear or compare.
    func may(_ attribute: OSIAAttribute) -> Bool { attributes.contains(attribute.attribute) }
}

/// The names of OSIA's attributes here, for the description of the interface.
public enum OSIANames {
    /// Those that people can be found by.
    public static let searchable = ["uin", "phoneNumber"] + comparable
    /// Those that can be matched and verified.
    public static let comparable = OSIAAttribute.all.filter { $0.field != nil }.map(\.name)
}
