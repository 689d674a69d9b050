/// What a system can be let do, one scope value each. Those of the OSIA interfaces are OSIA's own.
public enum RegisterScope: String, Sendable, CaseIterable {
    /// A health facility gives notice of births and deaths.
    case noticeWrite = "cr.notice.write"
    /// A village office gives notice of births, deaths and foundlings.
    case villageNotice = "cr.notice.village"
    /// Compares what it knows of a person with the register.
    case verify = "ids.verify"
    /// Reads registered records, their histories and proofs, and finds them.
    case recordRead = "cr.record.read"
    /// With `cr.record.read`: causes of death as well.
    case medicalRead = "cr.medical.read"
    /// Answers questions about registrations that wait for a system outside.
    case check = "cr.check"
    /// Reserves a code (OSIA UIN management).
    case generateUIN = "uin.generate"
    /// Makes a person whom it registered count under a code that it reserved.
    case confirmUIN = "uin.confirm"
    /// Reads attributes of people, and finds people by them (OSIA data access); the same under the civil register's name.
    case personRead = "pr.person.read"
    case civilPersonRead = "cr.person.read"
    case personMatch = "pr.person.match"
    case civilPersonMatch = "cr.person.match"
    case personVerify = "pr.person.verify"
    case civilPersonVerify = "cr.person.verify"
    /// Reads certificates as documents (OSIA data access); the same under the civil register's name.
    case documentRead = "pr.document.read"
    case civilDocumentRead = "cr.document.read"
    /// OSIA population registry.
    case personWrite = "pr.person.write"
    case identityRead = "pr.identity.read"
    case identityWrite = "pr.identity.write"
    case referenceRead = "pr.reference.read"
    case referenceWrite = "pr.reference.write"
    case galleryRead = "pr.gallery.read"
    /// Finds and reads households, opens and changes them.
    case householdRead = "pr.household.read"
    case householdWrite = "pr.household.write"
    /// Reads on what ground somebody stays in the country, and notes it.
    case stayRead = "pr.stay.read"
    case stayWrite = "pr.stay.write"

    /// What it allows, for the description of the interface.
    public var summary: String {
        switch self {
        case .noticeWrite: "Give notice of births and deaths in a health facility, and ask how far they are"
        case .villageNotice: "Give notice of births, deaths and foundlings in a village, and ask how far they are"
        case .verify: "Compare facts of a person with the register, yes or no"
        case .recordRead: "Read registered records of the civil register, their histories and proofs, and find them"
        case .medicalRead: "With cr.record.read: causes of death as well"
        case .check: "See the registrations that wait for a check by a system outside, and answer"
        case .generateUIN: "Reserve an identification code for a person who is being registered"
        case .confirmUIN: "Confirm a reserved code: the person counts from then on"
        case .personRead, .civilPersonRead: "Read attributes of people, and find people by them"
        case .personMatch, .civilPersonMatch: "Match attributes of a person"
        case .personVerify, .civilPersonVerify: "Evaluate expressions on attributes of a person"
        case .personWrite, .identityWrite, .referenceWrite:
            "OSIA's scope for writing to the population registry, which the law leaves to offices: always refused"
        case .identityRead: "Read what the register says of a person as an identity"
        case .referenceRead: "Read the reference identity of a person"
        case .galleryRead: "List galleries; there are none"
        case .documentRead, .civilDocumentRead: "Read numbered extracts of events of a person as documents"
        case .householdRead: "Find and read households"
        case .householdWrite: "Open and change households"
        case .stayRead: "Read on what ground a foreigner, stateless person or refugee stays"
        case .stayWrite: "Note on what ground a foreigner, stateless person or refugee stays"
        }
    }
}
