import Accountability
import Kernel
import KhmerText
import ReferenceData

/// Which attributes people may ask to have corrected, and how an officer's inputs become a fact.
public enum CorrectionRules {
    /// One thing that an officer fills in.
    public enum Input: String, Sendable, CaseIterable {
        /// Family name and given name, in the script of the attribute.
        case family, given
        case sex, birthdate, nationality, country, residence
        /// A place by its code, and house and street in words.
        case place, detail
        case phone, email, number

        /// The values to choose from; empty for an input that is typed.
        public var choices: [String] {
            switch self {
            case .sex: ["male", "female", "unspecified"]
            case .nationality: Nationality.Status.allCases.map(\.rawValue)
            case .residence: Residence.Kind.allCases.map(\.rawValue)
            default: []
            }
        }

        /// Whether it may stay empty: a contact that is given up, a country that goes without saying.
        public var isOptional: Bool { [.family, .country, .detail, .phone, .email].contains(self) }
    }

    /// The attributes, in the order in which a person reads them. The identification code is not among them: it carries no
    /// meaning that could be wrong.
    public static let attributes: [AttributeName] = [
        .nameKhmer, .nameLatin, .gender, .birthdate, .nationality, .residencyStatus, .address, .phoneNumber, .email,
        .nationalID,
    ]

    /// What an officer fills in for an attribute; empty for one that cannot be corrected this way.
    public static func inputs(for attribute: AttributeName) -> [Input] {
        switch attribute {
        case .nameKhmer, .nameLatin: [.family, .given]
        case .gender: [.sex]
        case .birthdate: [.birthdate]
        case .nationality: [.nationality, .country]
        case .residencyStatus: [.residence]
        case .address: [.place, .detail]
        case .phoneNumber: [.phone]
        case .email: [.email]
        case .nationalID: [.number]
        default: []
        }
    }

    /// The fact with the attribute corrected and everything else as it was.
    /// - Throws: `person.invalid` with the names of the inputs that were refused.
    static func fact(
        _ attribute: AttributeName, _ values: [String: String], in snapshot: PersonSnapshot
    ) throws(RumdulError) -> PersonFact {
        var reader = Reader(values: values)
        let fact = reader.fact(attribute, in: snapshot)
        guard reader.errors.isEmpty, let fact else { throw RumdulError.personInvalid(reader.errors) }
        return fact
    }

    private struct Reader {
        let values: [String: String]
        var errors: [FieldError] = []

        mutating func fact(_ attribute: AttributeName, in snapshot: PersonSnapshot) -> PersonFact? {
            switch attribute {
            case .nameKhmer, .nameLatin: names(attribute, snapshot.names)
            case .gender: sex()
            case .birthdate: birth(snapshot.birth)
            case .nationality: nationality(snapshot.nationality)
            case .residencyStatus, .address: residence(attribute, snapshot.residence)
            case .phoneNumber: contacts(.phone, text(.phone), snapshot.contacts)
            case .email: contacts(.email, text(.email), snapshot.contacts)
            case .nationalID: documents(snapshot.documents)
            default: nil
            }
        }

        private mutating func refuse(_ input: Input) {
            errors.append(
                FieldError(input.rawValue, LocalizedText(km: "តម្លៃនេះមិនត្រឹមត្រូវទេ។", en: "This value is not possible.")))
        }

        private mutating func text(_ input: Input) -> String {
            let value = values[input.rawValue] ?? ""
            if value.isEmpty, !input.isOptional { refuse(input) }
            return value
        }

        private mutating func choice<Value: RawRepresentable>(_ input: Input, _ type: Value.Type) -> Value?
        where Value.RawValue == String {
            let value = Value(rawValue: text(input))
            if value == nil, errors.isEmpty { refuse(input) }
            return value
        }

        private mutating func names(_ attribute: AttributeName, _ names: [PersonName]) -> PersonFact? {
            let parts = NameParts(family: text(.family), given: text(.given))
            guard let place = names.firstIndex(where: { $0.kind == .official }) else {
                refuse(.given)
                return nil
            }
            var names = names
            if attribute == .nameKhmer { names[place].khmer = parts } else { names[place].latin = parts }
            return .names(names)
        }

        private mutating func sex() -> PersonFact? {
            switch text(.sex) {
            case "male": return .sex(.male)
            case "female": return .sex(.female)
            case "unspecified": return .sex(.notApplicable)
            default:
                if errors.isEmpty { refuse(.sex) }
                return nil
            }
        }

        private mutating func birth(_ birth: Birth) -> PersonFact? {
            let typed = text(.birthdate)
            guard let date = KhmerDigits.toASCII(typed).flatMap({ PartialDate(iso: $0) }) else {
                if errors.isEmpty { refuse(.birthdate) }
                return nil
            }
            var birth = birth
            birth.date = date
            return .birth(birth)
        }

        private mutating func nationality(_ list: [Nationality]) -> PersonFact? {
            guard let status = choice(.nationality, Nationality.Status.self) else { return nil }
            let country = text(.country).uppercased()
            let needsCountry = status == .foreign || status == .refugee
            let first = Nationality(status, country: needsCountry && !country.isEmpty ? country : nil)
            return .nationality([first] + list.dropFirst())
        }

        private mutating func residence(_ attribute: AttributeName, _ list: [Residence]) -> PersonFact? {
            let place = list.firstIndex { $0.kind == .permanent } ?? list.indices.first
            var list = list
            if attribute == .residencyStatus {
                guard let kind = choice(.residence, Residence.Kind.self) else { return nil }
                guard let place else {
                    // Without an address there is nothing that could be permanent.
                    refuse(.residence)
                    return nil
                }
                list[place].kind = kind
                return .residence(list)
            }
            guard let code = KhmerDigits.toASCII(text(.place)).flatMap({ PlaceCode($0) }) else {
                if errors.isEmpty { refuse(.place) }
                return nil
            }
            let detail = text(.detail)
            let new = Residence(
                place.map { list[$0].kind } ?? .permanent, place: code, detail: detail.isEmpty ? nil : detail)
            if let place { list[place] = new } else { list = [new] }
            return .residence(list)
        }

        /// A contact is replaced by one that nobody has verified; an empty one goes.
        private func contacts(_ kind: Contact.Kind, _ value: String, _ list: [Contact]) -> PersonFact {
            var list = list
            let place = list.firstIndex { $0.kind == kind }
            if value.isEmpty {
                if let place { list.remove(at: place) }
            } else if let place {
                list[place] = Contact(kind, value)
            } else {
                list.append(Contact(kind, value))
            }
            return .contacts(list)
        }

        private mutating func documents(_ list: [IdentityDocument]) -> PersonFact? {
            let number = text(.number)
            var list = list
            if let place = list.firstIndex(where: { $0.kind == .khmerIDCard }) {
                list[place].number = number
            } else {
                list.append(IdentityDocument(.khmerIDCard, number: number))
            }
            return .documents(list)
        }
    }
}
