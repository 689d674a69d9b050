import Kernel
import ReferenceData

/// When and where a person was born, as far as is known.
public struct Birth: Sendable, Hashable {
    public var date: PartialDate?
    /// The place as its code was on the day; the code is kept even when it is retired later.
    public var place: PlaceCode?
    /// The place in words, for places abroad or of old records.
    public var placeText: String?
    /// The date in the lunar calendar in words, as on old papers.
    public var lunarText: String?

    public init(date: PartialDate?, place: PlaceCode? = nil, placeText: String? = nil, lunarText: String? = nil) {
        self.date = date
        self.place = place
        self.placeText = placeText
        self.lunarText = lunarText
    }
}

/// What is settled about a person's nationality. Undetermined is a full answer and closes no door.
public struct Nationality: Sendable, Hashable {
    public enum Status: String, Sendable, Codable, CaseIterable {
        case khmer, foreign, stateless, refugee, undetermined
    }

    public var status: Status
    /// ISO 3166-1 alpha-3, with status `foreign` (and the country of origin of a refugee, if known).
    public var country: String?
    /// The decision or document that it rests on.
    public var basis: String?

    public init(_ status: Status, country: String? = nil, basis: String? = nil) {
        self.status = status
        self.country = country
        self.basis = basis
    }
}

/// Where a person lives.
public struct Residence: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable { case permanent, temporary }

    public var kind: Kind
    /// The smallest known place, best the village.
    public var place: PlaceCode
    /// House, street and group in words.
    public var detail: String?

    public init(_ kind: Kind, place: PlaceCode, detail: String? = nil) {
        self.kind = kind
        self.place = place
        self.detail = detail
    }
}

/// A way to reach a person. Nobody needs one, and none is an identifier.
public struct Contact: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable { case phone, email }

    public var kind: Kind
    /// E.164 for a phone, after the register has read it; an email address otherwise.
    public var value: String
    /// When the person proved to hold it.
    public var verifiedAt: Instant?

    public init(_ kind: Kind, _ value: String, verifiedAt: Instant? = nil) {
        self.kind = kind
        self.value = value
        self.verifiedAt = verifiedAt
    }
}

/// A paper or card.
public struct IdentityDocument: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case khmerIDCard = "khmer_id_card"
        case birthCertificate = "birth_certificate"
        case familyBook = "family_book"
        case residenceBook = "residence_book"
        case passport
        case residentCard = "resident_card"
        case other
    }

    public var kind: Kind
    public var number: String
    /// ISO 3166-1 alpha-3 of the country that issued it.
    public var country: String
    public var issuedOn: CalendarDate?
    public var validUntil: CalendarDate?

    public init(
        _ kind: Kind, number: String, country: String = "KHM", issuedOn: CalendarDate? = nil,
        validUntil: CalendarDate? = nil
    ) {
        self.kind = kind
        self.number = number
        self.country = country
        self.issuedOn = issuedOn
        self.validUntil = validUntil
    }
}

/// How well the identity was proven, and with what.
public struct PersonAssurance: Sendable, Hashable {
    public var level: IdentityAssuranceLevel
    /// Kinds of evidence in the words of the enrolment policy (`document:khmer_id_card`, `biometric:face`).
    public var evidence: [String]
    public var at: Instant

    public init(_ level: IdentityAssuranceLevel, evidence: [String], at: Instant) {
        self.level = level
        self.evidence = evidence
        self.at = at
    }
}

/// Whether a person lives, as far as the register knows.
public enum LifeState: String, Sendable, Codable, CaseIterable {
    case alive, deceased, presumedDead, missing
}

/// One thing that the register knows about a person. A change replaces the whole of it.
public enum PersonFact: Sendable, Hashable {
    case names([PersonName])
    case sex(Sex)
    case birth(Birth)
    case nationality([Nationality])
    case residence([Residence])
    case contacts([Contact])
    case documents([IdentityDocument])
    case assurance(PersonAssurance)
    case life(LifeState)
    /// None, or the one that counts.
    case stay([LegalStay])

    /// Which thing it is.
    public var kind: FactKind {
        switch self {
        case .names: .names
        case .sex: .sex
        case .birth: .birth
        case .nationality: .nationality
        case .residence: .residence
        case .contacts: .contacts
        case .documents: .documents
        case .assurance: .assurance
        case .life: .life
        case .stay: .stay
        }
    }
}

/// The things that the register knows, by name.
public enum FactKind: String, Sendable, Codable, CaseIterable {
    case names, sex, birth, nationality, residence, contacts, documents, assurance, life, stay
}

/// Where a fact comes from.
public struct FactSource: Sendable, Hashable {
    /// `enrolment`, `civil`, `household`, `immigration`, `import`, `correction`, `self`, `demo`.
    public var kind: String
    /// The packet, record or file.
    public var reference: String

    public init(kind: String, reference: String) {
        self.kind = kind
        self.reference = reference
    }
}

/// A fact with the days on which it holds, the moments since when the register says so, and where it comes from.
struct FactVersion: Sendable, Hashable {
    var fact: PersonFact
    /// The first day on which it holds; `nil` when that is not known.
    var validFrom: CalendarDate?
    /// The first day on which it holds no more; `nil` while it does.
    var validTo: CalendarDate?
    /// Since when the register says so.
    var recordedAt: Instant
    /// Since when the register no longer says so; `nil` while it does.
    var recordedTo: Instant?
    var source: FactSource
    /// 0...100.
    var confidence: Int

    func holds(on day: CalendarDate) -> Bool {
        (validFrom.map { $0 <= day } ?? true) && (validTo.map { day < $0 } ?? true)
    }

    func isKnown(at moment: Instant) -> Bool { recordedAt <= moment && (recordedTo.map { moment < $0 } ?? true) }
}
