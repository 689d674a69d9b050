import Codecs
import Kernel

/// What the register says now about one person: of each fact the version that holds and has no end. Older versions
/// stand in the history.
struct PersonSnapshot: Sendable, Hashable {
    var versions: [FactKind: FactVersion] = [:]

    init(_ versions: [FactVersion] = []) {
        for version in versions { self.versions[version.fact.kind] = version }
    }

    /// The snapshot out of its opened blob.
    init(bytes: [UInt8]) throws {
        for member in try JSON.parseObject(bytes).members {
            guard let kind = FactKind(rawValue: member.name) else {
                throw RumdulError.internal("population.snapshot: unknown fact")
            }
            versions[kind] = try FactVersion(kind: kind, json: member.value)
        }
    }

    var bytes: [UInt8] {
        var object = JSONObject()
        for kind in FactKind.allCases { if let version = versions[kind] { object[kind.rawValue] = version.json } }
        return JSON.bytes(object)
    }

    var names: [PersonName] { if case .names(let value)? = versions[.names]?.fact { value } else { [] } }
    var official: PersonName? { names.first { $0.kind == .official } }
    var sex: Sex { if case .sex(let value)? = versions[.sex]?.fact { value } else { .notKnown } }
    var birth: Birth { if case .birth(let value)? = versions[.birth]?.fact { value } else { Birth(date: nil) } }
    var nationality: [Nationality] {
        if case .nationality(let value)? = versions[.nationality]?.fact { value } else { [] }
    }
    var residence: [Residence] { if case .residence(let value)? = versions[.residence]?.fact { value } else { [] } }
    var contacts: [Contact] { if case .contacts(let value)? = versions[.contacts]?.fact { value } else { [] } }
    var documents: [IdentityDocument] {
        if case .documents(let value)? = versions[.documents]?.fact { value } else { [] }
    }
    var assurance: PersonAssurance? {
        if case .assurance(let value)? = versions[.assurance]?.fact { value } else { nil }
    }
    var life: LifeState { if case .life(let value)? = versions[.life]?.fact { value } else { .alive } }

    var stay: [LegalStay] { if case .stay(let value)? = versions[.stay]?.fact { value } else { [] } }

    /// The place that officers' jurisdictions are measured against: where the person lives, permanently if known;
    /// otherwise the place of birth.
    var homeArea: String? {
        (residence.first { $0.kind == .permanent } ?? residence.first)?.place.text ?? birth.place?.text
    }
}
