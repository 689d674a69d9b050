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
    /// Reserves a code (OSIA UIN management).
    case generateUIN = "uin.generate"
    /// Reads attributes of people, and finds people by them (OSIA data access); the same under the civil register's name.
    case personRead = "pr.person.read"
    case civilPersonRead = "cr.person.read"
    case personMatch = "pr.person.match"
    case civilPersonMatch = "cr.person.match"
    case personVerify = "pr.person.verify"
    case civilPersonVerify = "cr.person.verify"
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
        case .generateUIN: "Reserve an identification code for a person who is being registered"
        case .personRead, .civilPersonRead: "Read attributes of people, and find people by them"
        case .personMatch, .civilPersonMatch: "Match attributes of a person"
        case .personVerify, .civilPersonVerify: "Evaluate expressions on attributes of a person"
        case .householdRead: "Find and read households"
        case .householdWrite: "Open and change households"
        case .stayRead: "Read on what ground a foreigner, stateless person or refugee stays"
        case .stayWrite: "Note on what ground a foreigner, stateless person or refugee stays"
        }
    }
}
