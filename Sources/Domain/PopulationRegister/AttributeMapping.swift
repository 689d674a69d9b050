import Accountability
import Codecs
import Kernel
import ReferenceData

/// Facts as attributes. Pure; what needs the database is filled in before.
struct AttributeMapping {
    let snapshot: PersonSnapshot
    /// The day on which ages are counted.
    let day: CalendarDate
    /// The places of the address from the province down.
    var path: [Place] = []
    var kidc: String?
    /// The household of the day.
    var household: JSONValue?

    /// Where the person lives, permanently if known.
    var residence: Residence? {
        snapshot.residence.first { $0.kind == .permanent } ?? snapshot.residence.first
    }

    /// The value of an attribute; `nil` when the register has none.
    func value(of name: AttributeName) -> JSONValue? {
        switch name {
        case .name: text((snapshot.official?.khmer ?? snapshot.official?.latin)?.full)
        case .nameKhmer: text(snapshot.official?.khmer?.full)
        case .nameLatin: text(snapshot.official?.latin?.full)
        case .givenName: text(snapshot.official?.latin?.given)
        case .familyName: text(snapshot.official?.latin?.family)
        case .givenNameKhmer: text(snapshot.official?.khmer?.given)
        case .familyNameKhmer: text(snapshot.official?.khmer?.family)
        case .gender: gender
        case .birthdate, .dateOfBirth: text(snapshot.birth.date?.birthdateClaim)
        case .ageOver15: snapshot.birth.date.map { .bool($0.isOlder(than: 15, on: day)) }
        case .ageOver18: snapshot.birth.date.map { .bool($0.isOlder(than: 18, on: day)) }
        case .addressProvince: text(residence?.place.iso3166)
        case .address: address
        case .nationality: nationality
        case .residencyStatus: .string(residence?.kind.rawValue ?? "unrecorded")
        case .phoneNumber: text(snapshot.contacts.first { $0.kind == .phone }?.value)
        case .email: text(snapshot.contacts.first { $0.kind == .email }?.value)
        case .kidc: text(kidc)
        case .nationalID: text(snapshot.documents.first { $0.kind == .khmerIDCard }?.number)
        case .documentType: text(snapshot.documents.first?.kind.rawValue)
        case .birthplace: text(snapshot.birth.place?.text)
        case .alive: alive
        case .household: household
        case .legalStay: legalStay
        default: nil
        }
    }

    private func text(_ text: String?) -> JSONValue? {
        guard let text, !text.isEmpty else { return nil }
        return .string(text)
    }

    private var alive: JSONValue? {
        switch snapshot.life {
        case .alive: true
        case .deceased: false
        case .presumedDead, .missing: nil
        }
    }

    private var gender: JSONValue {
        switch snapshot.sex {
        case .male: "male"
        case .female: "female"
        case .notKnown, .notApplicable: "unspecified"
        }
    }

    private var nationality: JSONValue? {
        guard let first = snapshot.nationality.first else { return nil }
        switch first.status {
        case .khmer: return "KHM"
        case .foreign: return text(first.country)
        case .stateless, .refugee, .undetermined: return .string(first.status.rawValue)
        }
    }

    private var legalStay: JSONValue? {
        guard let stay = snapshot.stay.first else { return nil }
        var json: JSONObject = [
            "basis": .string(stay.basis.rawValue), "office": .string(stay.office),
            "from": .string(stay.from.description), "state": .string(stay.state(on: day).rawValue),
        ]
        json["number"] = stay.number.map { .string($0) }
        json["until"] = stay.until.map { .string($0.description) }
        return .object(json)
    }

    /// OIDC Core section 5.1.1, with the Latin forms beside the Khmer ones.
    private var address: JSONValue? {
        guard let residence else { return nil }
        var address: JSONObject = ["country": "KH", "region_code": .string(residence.place.iso3166)]
        let formatted = path.formattedAddress
        if let province = path.first {
            address["region"] = .string(province.nameKhmer)
            address["region_latin"] = .string(province.name.en)
            address["formatted"] = .string([residence.detail, formatted.km].compactMap(\.self).joined(separator: " "))
            address["formatted_latin"] = .string(formatted.en)
        } else if let detail = residence.detail {
            address["formatted"] = .string(detail)
        }
        return .object(address)
    }
}
