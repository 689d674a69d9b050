/// What a system can be let do, one scope value each. Those of the OSIA interfaces are OSIA's own.
public enum RegisterScope: String, Sendable, CaseIterable {
    /// A health facility gives notice of births and deaths.
    case noticeWrite = "cr.notice.write"
    /// A village office gives notice of births, deaths and foundlings.
    case villageNotice = "cr.notice.village"
    /// Compares what it knows of a person with the register.
    case verify = "ids.verify"
    /// Reserves a code (OSIA UIN management).
    case generateUIN = "uin.generate"

    /// What it allows, for the description of the interface.
    public var summary: String {
        switch self {
        case .noticeWrite: "Give notice of births and deaths in a health facility, and ask how far they are"
        case .villageNotice: "Give notice of births, deaths and foundlings in a village, and ask how far they are"
        case .verify: "Compare facts of a person with the register, yes or no"
        case .generateUIN: "Reserve an identification code for a person who is being registered"
        }
    }
}
