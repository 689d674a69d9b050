import Kernel
import PopulationRegister
import ReferenceData

/// Facts of persons out of declarations.
extension VitalRecord {
    /// Where facts of this record come from.
    var source: FactSource { FactSource(kind: "civil", reference: id) }

    /// The child of a birth or foundling as a person.
    func childDraft() -> PersonDraft {
        var birth = Birth(date: declaration.occurredOn, place: declaration.place, lunarText: declaration["event.lunar"])
        if kind == .foundling { birth.date = declaration["child.birthdate"].flatMap { PartialDate(iso: $0) } }
        return PersonDraft(
            names: [officialName(.child)], sex: sex(.child), birth: birth, nationality: [nationality(.child)],
            residence: childResidence(), source: source)
    }

    /// A party who was not in the register before.
    func partyDraft(_ role: ParticipantRole) -> PersonDraft {
        PersonDraft(
            names: [officialName(role)], sex: sex(role),
            birth: Birth(date: declaration[role, "birthdate"].flatMap { PartialDate(iso: $0) }),
            nationality: [nationality(role)],
            residence: place(role, "residence").map { [Residence(.permanent, place: $0)] } ?? [], source: source,
            confidence: 80)
    }

    func officialName(_ role: ParticipantRole) -> PersonName {
        PersonName(khmer: declaration.name(role), latin: declaration.name(role, latin: true))
    }

    func sex(_ role: ParticipantRole) -> Sex {
        declaration[role, "sex"].flatMap { Int($0) }.flatMap { Sex(rawValue: $0) } ?? .notKnown
    }

    /// Undetermined unless something was declared: missing papers close no door.
    func nationality(_ role: ParticipantRole) -> Nationality {
        guard let status = declaration[role, "nationality"].flatMap({ Nationality.Status(rawValue: $0) }) else {
            return Nationality(.undetermined)
        }
        return Nationality(status, country: declaration[role, "country"], basis: number ?? trackingID)
    }

    func place(_ role: ParticipantRole, _ name: String) -> PlaceCode? {
        declaration[role, name].flatMap { PlaceCode($0) }
    }

    /// A child lives where it is said to, or with its mother, or its father.
    private func childResidence() -> [Residence] {
        let home = place(.child, "residence") ?? place(.mother, "residence") ?? place(.father, "residence")
        return home.map { [Residence(.permanent, place: $0)] } ?? []
    }
}
