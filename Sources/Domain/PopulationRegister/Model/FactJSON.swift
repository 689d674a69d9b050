import Codecs
import Kernel
import ReferenceData

// How facts look inside sealed blobs. Names of members are short, because every person carries them.

extension FactVersion {
    var json: JSONValue {
        var object: JSONObject = [
            "v": fact.json, "r": .integer(recordedAt.microseconds), "s": .strings([source.kind, source.reference]),
        ]
        if let validFrom { object["f"] = .string(validFrom.description) }
        if let validTo { object["t"] = .string(validTo.description) }
        if let recordedTo { object["x"] = .integer(recordedTo.microseconds) }
        if confidence != 100 { object["c"] = .integer(Int64(confidence)) }
        return .object(object)
    }

    init(kind: FactKind, json: JSONValue) throws {
        guard let value = json["v"], let fact = PersonFact(kind: kind, json: value),
            let recorded = json["r"]?.integerValue,
            let source = json["s"]?.stringsValue, source.count == 2
        else { throw RumdulError.internal("population.fact \(kind.rawValue)") }
        self.init(
            fact: fact, validFrom: json["f"]?.stringValue.flatMap { CalendarDate(iso: $0) },
            validTo: json["t"]?.stringValue.flatMap { CalendarDate(iso: $0) },
            recordedAt: Instant(microseconds: recorded),
            recordedTo: json["x"]?.integerValue.map(Instant.init(microseconds:)),
            source: FactSource(kind: source[0], reference: source[1]), confidence: Int(json["c"]?.integerValue ?? 100))
    }
}

extension PersonFact {
    var json: JSONValue {
        switch self {
        case .names(let list): .array(list.map(\.json))
        case .sex(let sex): .integer(Int64(sex.rawValue))
        case .birth(let birth): birth.json
        case .nationality(let list):
            .array(list.map { object(("s", $0.status.rawValue), ("c", $0.country), ("b", $0.basis)) })
        case .residence(let list):
            .array(list.map { object(("k", $0.kind.rawValue), ("p", $0.place.text), ("d", $0.detail)) })
        case .contacts(let list):
            .array(
                list.map { contact in
                    var member: JSONObject = ["k": .string(contact.kind.rawValue), "v": .string(contact.value)]
                    if let at = contact.verifiedAt { member["a"] = .integer(at.microseconds) }
                    return .object(member)
                })
        case .documents(let list):
            .array(
                list.map {
                    object(
                        ("k", $0.kind.rawValue), ("n", $0.number), ("c", $0.country), ("i", $0.issuedOn?.description),
                        ("u", $0.validUntil?.description))
                })
        case .assurance(let assurance):
            [
                "l": .integer(Int64(assurance.level.rawValue)), "e": .strings(assurance.evidence),
                "a": .integer(assurance.at.microseconds),
            ]
        case .life(let state): .string(state.rawValue)
        case .stay(let list):
            .array(
                list.map {
                    object(
                        ("b", $0.basis.rawValue), ("n", $0.number), ("o", $0.office), ("f", $0.from.description),
                        ("u", $0.until?.description))
                })
        }
    }

    init?(kind: FactKind, json: JSONValue) {
        func list<Element>(_ read: (JSONValue) -> Element?) -> [Element]? {
            guard let elements = json.arrayValue else { return nil }
            let values = elements.compactMap(read)
            return values.count == elements.count ? values : nil
        }
        let fact: PersonFact? =
            switch kind {
            case .names: list(PersonName.init(json:)).map(PersonFact.names)
            case .sex: json.integerValue.flatMap { Sex(rawValue: Int($0)) }.map(PersonFact.sex)
            case .birth: .birth(Birth(json: json))
            case .nationality: list(Nationality.init(json:)).map(PersonFact.nationality)
            case .residence: list(Residence.init(json:)).map(PersonFact.residence)
            case .contacts: list(Contact.init(json:)).map(PersonFact.contacts)
            case .documents: list(IdentityDocument.init(json:)).map(PersonFact.documents)
            case .assurance: PersonAssurance(json: json).map(PersonFact.assurance)
            case .life: json.stringValue.flatMap(LifeState.init(rawValue:)).map(PersonFact.life)
            case .stay: list(LegalStay.init(json:)).map(PersonFact.stay)
            }
        guard let fact else { return nil }
        self = fact
    }
}

/// An object of the members that have a value.
private func object(_ members: (String, String?)...) -> JSONValue {
    var object = JSONObject()
    for (name, value) in members { if let value { object[name] = .string(value) } }
    return .object(object)
}

extension PersonName {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["k": .string(kind.rawValue)]
        if let khmer { object["km"] = .strings([khmer.family, khmer.given]) }
        if let latin { object["la"] = .strings([latin.family, latin.given]) }
        return .object(object)
    }

    fileprivate init?(json: JSONValue) {
        func parts(_ name: String) -> NameParts? {
            guard let texts = json[name]?.stringsValue, texts.count == 2 else { return nil }
            return NameParts(family: texts[0], given: texts[1])
        }
        guard let kind = json["k"]?.stringValue.flatMap(NameKind.init(rawValue:)) else { return nil }
        self.init(kind: kind, khmer: parts("km"), latin: parts("la"))
    }
}

extension Birth {
    fileprivate var json: JSONValue {
        object(("d", date?.iso), ("p", place?.text), ("t", placeText), ("l", lunarText))
    }

    fileprivate init(json: JSONValue) {
        self.init(
            date: json["d"]?.stringValue.flatMap { PartialDate(iso: $0) },
            place: json["p"]?.stringValue.flatMap { PlaceCode($0) },
            placeText: json["t"]?.stringValue, lunarText: json["l"]?.stringValue)
    }
}

extension Nationality {
    fileprivate init?(json: JSONValue) {
        guard let status = json["s"]?.stringValue.flatMap(Status.init(rawValue:)) else { return nil }
        self.init(status, country: json["c"]?.stringValue, basis: json["b"]?.stringValue)
    }
}

extension Residence {
    fileprivate init?(json: JSONValue) {
        guard let kind = json["k"]?.stringValue.flatMap(Kind.init(rawValue:)),
            let place = json["p"]?.stringValue.flatMap({ PlaceCode($0) })
        else { return nil }
        self.init(kind, place: place, detail: json["d"]?.stringValue)
    }
}

extension Contact {
    fileprivate init?(json: JSONValue) {
        guard let kind = json["k"]?.stringValue.flatMap(Kind.init(rawValue:)), let value = json["v"]?.stringValue else {
            return nil
        }
        self.init(kind, value, verifiedAt: json["a"]?.integerValue.map(Instant.init(microseconds:)))
    }
}

extension IdentityDocument {
    fileprivate init?(json: JSONValue) {
        guard let kind = json["k"]?.stringValue.flatMap(Kind.init(rawValue:)), let number = json["n"]?.stringValue,
            let country = json["c"]?.stringValue
        else { return nil }
        self.init(
            kind, number: number, country: country, issuedOn: json["i"]?.stringValue.flatMap { CalendarDate(iso: $0) },
            validUntil: json["u"]?.stringValue.flatMap { CalendarDate(iso: $0) })
    }
}

extension LegalStay {
    fileprivate init?(json: JSONValue) {
        guard let basis = json["b"]?.stringValue.flatMap(Basis.init(rawValue:)), let office = json["o"]?.stringValue,
            let from = json["f"]?.stringValue.flatMap({ CalendarDate(iso: $0) })
        else { return nil }
        self.init(
            basis, number: json["n"]?.stringValue, office: office, from: from,
            until: json["u"]?.stringValue.flatMap { CalendarDate(iso: $0) })
    }
}

extension PersonAssurance {
    fileprivate init?(json: JSONValue) {
        guard let level = json["l"]?.integerValue.flatMap({ IdentityAssuranceLevel(rawValue: Int($0)) }),
            let evidence = json["e"]?.stringsValue, let at = json["a"]?.integerValue
        else { return nil }
        self.init(level, evidence: evidence, at: Instant(microseconds: at))
    }
}
