import Kernel
import KeyVault
import PopulationRegister
import RecordLinkage

extension Declaration {
    /// What linkage looks at, of the person whom the event is about; `nil` for events that are no matter of likeness.
    var linkage: LinkageRecord? {
        switch kind {
        case .birth, .foundling:
            var record = LinkageRecord(
                name: linkageName(.child), sex: sex(.child), birthDate: occurredOn.map(LinkageDate.init),
                birthPlace: place?.text, residence: self["mother.residence"] ?? self["father.residence"],
                mother: linkageName(.mother), father: linkageName(.father),
                motherBirthYear: self["mother.birthdate"].flatMap { PartialDate(iso: $0)?.year })
            if kind == .foundling {
                record.birthDate = self["child.birthdate"].flatMap { PartialDate(iso: $0) }.map(LinkageDate.init)
            }
            return record
        case .death, .presumedDeath:
            return LinkageRecord(
                name: linkageName(.deceased), sex: sex(.deceased),
                birthDate: self["deceased.birthdate"].flatMap { PartialDate(iso: $0) }.map(LinkageDate.init),
                residence: self["deceased.residence"] ?? place?.text)
        default: return nil
        }
    }

    /// What linkage looks at of somebody in a part who would be entered as a new person.
    func linkage(of role: ParticipantRole) -> LinkageRecord {
        LinkageRecord(
            name: linkageName(role), sex: sex(role),
            birthDate: self[role, "birthdate"].flatMap { PartialDate(iso: $0) }.map(LinkageDate.init),
            residence: self[role, "residence"])
    }

    func linkageName(_ role: ParticipantRole) -> LinkageName {
        LinkageName(
            khmerFamily: self[role, "family_km"], khmerGiven: self[role, "given_km"],
            latinFamily: self[role, "family_latin"], latinGiven: self[role, "given_latin"])
    }

    private func sex(_ role: ParticipantRole) -> LinkageSex? {
        self[role, "sex"].flatMap { Int($0) }.flatMap { LinkageSex(rawValue: $0) }
    }
}

extension VitalEventKind {
    /// Kinds whose records can be about the same event.
    var family: String? {
        switch self {
        case .birth, .foundling: "birth"
        case .death, .presumedDeath: "death"
        default: nil
        }
    }
}

extension CivilTags {
    /// The blind tags of a record's blocking keys, apart for births and deaths.
    func blocks(_ declaration: Declaration) async throws -> [[UInt8]] {
        guard let family = declaration.kind.family, let record = declaration.linkage else { return [] }
        var tags: [[UInt8]] = []
        for key in BlockingKeys.keys(for: record) { tags.append(try await short(key, "civil.block.\(family)")) }
        return tags
    }
}
