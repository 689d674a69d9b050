/// How often a clerk's entry differs from what is true. Each rate is the chance for one entry, or for one part of a
/// name where it says so. The rates are assumptions, set on the high side of what registers elsewhere report; nobody has
/// published any for Cambodia.
public struct ErrorRates: Sendable {
    // Per part of a name.
    /// Khmer typed in an order that looks the same (coeng ro first, vowel before coeng, coeng DA for TA, u for a
    /// shifter, split vowels), where the name has such a place.
    public var khmerOrder = 0.12
    /// A zero-width space between two syllables.
    public var zeroWidthSpace = 0.04
    /// Another of the usual Latin spellings.
    public var romanisation = 0.30
    /// A Latin letter left out, doubled, replaced or exchanged with its neighbour.
    public var latinSlip = 0.04
    /// A Khmer letter replaced by one that sounds or looks alike, or a mark left out: given names.
    public var khmerGivenSlip = 0.03
    /// The same in family names, which are shorter.
    public var khmerFamilySlip = 0.015
    /// The same in each part of a parent's name.
    public var parentSlip = 0.03

    // Per name.
    public var latinMissing = 0.15
    /// Latin in capital letters.
    public var capitals = 0.25
    /// Family and given name exchanged in both scripts.
    public var turned = 0.015
    /// Exchanged in Latin only, as in many passports and accounts.
    public var latinTurned = 0.03
    /// Another given name altogether: a nickname, or one that was changed.
    public var otherGivenName = 0.003

    // The date of birth, one of these at most.
    public var dayMonthTurned = 0.015
    public var yearNext = 0.015
    public var yearTwelve = 0.005
    public var yearEra = 0.002
    public var oneDigit = 0.01
    /// The first of January for a day that was not known.
    public var firstOfJanuary = 0.01
    /// Only the year: people born since 1965, and before.
    public var yearOnly = 0.03
    public var yearOnlyOld = 0.20

    // Everything else.
    public var sexMissing = 0.01
    public var sexWrong = 0.004
    public var parentsMissing = 0.10
    public var fatherMissing = 0.05
    public var motherYearMissing = 0.40
    /// The mother's year of birth is one off.
    public var motherYearNext = 0.06
    public var birthPlaceMissing = 0.04
    /// Only the province, the district or the commune of birth.
    public var birthPlaceCoarse = 0.06
    /// Another commune of the same district.
    public var birthPlaceNear = 0.04
    /// Lives in another village than at the other entry.
    public var moved = 0.25

    public init() {}

    /// A later entry of a person who is in the register already.
    public static let second = ErrorRates()

    /// The first entry: less is wrong, because a registrar has papers before them.
    public static let first: ErrorRates = {
        var rates = ErrorRates()
        rates.khmerOrder = 0.06
        rates.romanisation = 0.05
        rates.latinSlip = 0.01
        rates.khmerGivenSlip = 0.006
        rates.khmerFamilySlip = 0.003
        rates.parentSlip = 0.01
        rates.latinMissing = 0.10
        rates.turned = 0.002
        rates.latinTurned = 0.004
        rates.otherGivenName = 0
        rates.dayMonthTurned = 0.002
        rates.yearNext = 0.003
        rates.yearTwelve = 0.001
        rates.yearEra = 0.0005
        rates.oneDigit = 0.002
        rates.firstOfJanuary = 0.005
        rates.yearOnly = 0.01
        rates.yearOnlyOld = 0.10
        rates.sexMissing = 0.002
        rates.sexWrong = 0.001
        rates.parentsMissing = 0.05
        rates.fatherMissing = 0.04
        rates.motherYearMissing = 0.20
        rates.motherYearNext = 0.02
        rates.birthPlaceMissing = 0.01
        rates.birthPlaceCoarse = 0.02
        rates.birthPlaceNear = 0.01
        rates.moved = 0
        return rates
    }()
}
