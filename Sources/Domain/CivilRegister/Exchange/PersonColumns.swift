import Kernel
import KhmerText
import PopulationRegister
import ReferenceData

/// The columns of a file of people.
enum PersonColumns {
    static let all = [
        "code", "family_km", "given_km", "family_latin", "given_latin", "sex", "birthdate", "birth_place",
        "nationality",
        "country", "residence",
    ]

    /// The person of a line. Throws `civil.invalid` with each refused column.
    static func draft(_ values: [String: String], source: String) throws(RumdulError) -> PersonDraft {
        var errors: [FieldError] = []
        func value<Value>(_ column: String, _ make: (String) -> Value?) -> Value? {
            guard let text = values[column] else { return nil }
            if let value = make(text) { return value }
            errors.append(FieldError(column, LocalizedText(km: "តម្លៃនេះមិនត្រឹមត្រូវទេ។", en: "This value is not valid.")))
            return nil
        }
        let sex = value("sex") { text in Int(text).flatMap { Sex(rawValue: $0) } }
        if values["sex"] == nil {
            errors.append(FieldError("sex", LocalizedText(km: "ត្រូវបំពេញ។", en: "This must be filled in.")))
        }
        let date = value("birthdate") { PartialDate(iso: $0) }
        let place = value("birth_place") { PlaceCode($0) }
        let residence = value("residence") { PlaceCode($0) }
        let status = value("nationality") { Nationality.Status(rawValue: $0) } ?? .undetermined
        guard errors.isEmpty else { throw .civilInvalid(errors) }
        func name(_ script: String) -> NameParts? {
            let parts = NameParts(
                family: values["family_" + script] ?? "", given: values["given_" + script] ?? "")
            return parts.family.isEmpty && parts.given.isEmpty ? nil : parts
        }
        return PersonDraft(
            names: [PersonName(khmer: name("km"), latin: name("latin"))], sex: sex ?? .notKnown,
            birth: Birth(date: date, place: place), nationality: [Nationality(status, country: values["country"])],
            residence: residence.map { [Residence(.permanent, place: $0)] } ?? [],
            source: FactSource(kind: "migration", reference: source))
    }
}
