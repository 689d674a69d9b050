import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister

extension CivilRegister {
    /// What the register knows of the persons whose codes were typed, put into the fields that are still empty. Each person
    /// gets an access entry. Codes that name nobody are left for `declare` to refuse. Throws `officer.forbidden`.
    public func prefilled(
        _ kind: VitalEventKind, _ raw: [String: String], office: String, by officer: Officer, traceID: String
    ) async throws -> [String: String] {
        let actor = try officer.acting(.civilDeclare, in: office)
        let form = EventForm.of(kind)
        var values = raw
        for field in form.fields where field.type == .person {
            guard let typed = raw[field.id], let code = try? KIDC(entered: typed), code.range == people.codes,
                let role = ParticipantRole(rawValue: String(field.id.prefix(while: { $0 != "." }))),
                let person = try await people.person(kidc: code, followingMerges: true)
            else { continue }
            let request = Self.lookUp(
                person, kind, for: Self.prefilledAttributes.map(\.0), by: actor, organisation: officer.organisation,
                traceID: traceID)
            let known = try await database.transaction { connection in
                try await gate.disclose(request, from: people, in: connection)
            }
            for (attribute, name) in Self.prefilledAttributes {
                let id = role.field(name)
                guard form[id] != nil, values[id] ?? "" == "", let value = known[attribute]?.stringValue else {
                    continue
                }
                values[id] = name == "sex" ? Self.sexCode(value) : value
            }
        }
        return values
    }

    private static let prefilledAttributes: [(AttributeName, String)] = [
        (.familyNameKhmer, "family_km"), (.givenNameKhmer, "given_km"), (.familyName, "family_latin"),
        (.givenName, "given_latin"), (.gender, "sex"), (.birthdate, "birthdate"),
    ]

    private static func sexCode(_ claim: String) -> String {
        switch claim {
        case "male": "1"
        case "female": "2"
        default: "0"
        }
    }
}
