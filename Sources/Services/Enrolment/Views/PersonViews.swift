import Accountability
import Authenticators
import Codecs
import Kernel
import KhmerText
import ReferenceData

/// Turns what the gate disclosed, devices and evidence into the values of templates.
struct PersonViews: Sendable {
    let reference: ReferenceData
    let language: Language
    let today: CalendarDate

    /// Labels and values of disclosed attributes, in their order.
    func facts(_ attributes: DisclosedAttributes) -> [[String: Any]] {
        attributes.values.compactMap { name, value in
            guard let text = text(name, value), !text.isEmpty else { return nil }
            let label = AttributeCatalogue.description(of: name)?.label[language] ?? name.rawValue
            return ["label": label, "value": text]
        }
    }

    private func text(_ name: AttributeName, _ value: JSONValue) -> String? {
        switch name {
        case .gender:
            switch value.stringValue {
            case "male": return language == .km ? "ប្រុស" : "Male"
            case "female": return language == .km ? "ស្រី" : "Female"
            default: return language == .km ? "មិនបានបញ្ជាក់" : "Unspecified"
            }
        case .addressProvince:
            guard let code = value.stringValue else { return nil }
            return reference.provinces(on: today).first { $0.iso3166 == code }?.fullName[language] ?? code
        case .address:
            guard let address = value.objectValue else { return value.stringValue }
            let latin = address.string("formatted_latin")
            return language == .en ? latin ?? address.string("formatted") : address.string("formatted")
        case .birthdate, .dateOfBirth:
            guard let text = value.stringValue else { return nil }
            return CalendarDate(iso: text).map { KhmerDates.long($0, language) } ?? text
        case .documentType:
            return value.stringValue.map { code in Self.documents[code]?[language] ?? code }
        case .nationality:
            return value.stringValue.map { $0 == "KHM" ? (language == .km ? "ខ្មែរ" : "Cambodian") : $0 }
        default: break
        }
        if let text = value.stringValue { return text }
        if let number = value.integerValue { return KhmerDigits.prose(Int(number), language) }
        if let flag = value.boolValue { return flag ? "✓" : "–" }
        return nil
    }

    /// Kinds of documents in the register's words, as a person reads them.
    private static let documents: [String: LocalizedText] = [
        "khmer_id_card": LocalizedText(km: "អត្តសញ្ញាណប័ណ្ណសញ្ជាតិខ្មែរ", en: "Khmer identity card"),
        "birth_certificate": LocalizedText(km: "សំបុត្រកំណើត", en: "Birth certificate"),
        "family_book": LocalizedText(km: "សៀវភៅគ្រួសារ", en: "Family book"),
        "residence_book": LocalizedText(km: "សៀវភៅស្នាក់នៅ", en: "Residence book"),
        "passport": LocalizedText(km: "លិខិតឆ្លងដែន", en: "Passport"),
        "resident_card": LocalizedText(km: "ប័ណ្ណស្នាក់នៅ", en: "Resident card"),
        "other": LocalizedText(km: "ផ្សេងទៀត", en: "Other"),
    ]

    /// The rows of the evidence form, filled with what was sent before.
    func evidence(_ sent: [String: String]) -> [[String: Any]] {
        EvidenceType.allCases.map { type in
            [
                "type": type.rawValue, "label": type.label[language],
                "checked": sent["evidence_\(type.rawValue)"] != nil,
                "number": sent["number_\(type.rawValue)"] ?? "", "note": sent["note_\(type.rawValue)"] ?? "",
            ]
        }
    }

    /// The cards of devices; `actions` says what this officer may do to each.
    func devices(
        _ devices: [Device], path: String, trustsSoftware: Bool, actions: (Device) -> [OfficerDeviceAction]
    ) -> [[String: Any]] {
        devices.map { device in
            let allowed = actions(device)
            let note = device.levelNote(trustsSoftware: trustsSoftware)
            return [
                "id": device.id, "name": device.name, "platform": device.platform,
                "state": EnrolmentTexts.text(device.state)[language],
                "tone": Self.tone(device.state), "bound": KhmerDates.short(device.createdAt, language),
                "locked": device.pinLocked, "protection": device.key.protection.label[language],
                "hasKeyNote": note != nil, "keyNote": note?[language] ?? "",
                "action": "\(path)/devices/\(device.id)", "hasActions": !allowed.isEmpty,
                "actions": allowed.map {
                    ["value": $0.rawValue, "text": $0.label[language], "tone": $0 == .revoke ? "danger" : "secondary"]
                },
                "reasons": OfficerDeviceReason.allCases.map { ["value": $0.rawValue, "text": $0.label[language]] },
            ]
        }
    }

    private static func tone(_ state: DeviceState) -> String {
        switch state {
        case .active: "good"
        case .pending: "warn"
        case .blocked, .revoked: "bad"
        }
    }
}
