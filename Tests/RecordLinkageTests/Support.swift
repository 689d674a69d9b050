import TestVectors

@testable import RecordLinkage

/// A record of one person, for examples.
func person(
    _ khmerFamily: String? = "សុខ", _ khmerGiven: String? = "ចាន់ដារ៉ា", _ latinFamily: String? = "Sok",
    _ latinGiven: String? = "Chandara", _ date: LinkageDate? = LinkageDate(year: 1987, month: 4, day: 11)
) -> LinkageRecord {
    LinkageRecord(
        name: LinkageName(
            khmerFamily: khmerFamily, khmerGiven: khmerGiven, latinFamily: latinFamily, latinGiven: latinGiven),
        sex: .male, birthDate: date, birthPlace: "08090203", residence: "12010101",
        mother: LinkageName(khmerFamily: "លី", khmerGiven: "សុធារី", latinFamily: "Ly", latinGiven: "Sotheary"),
        father: LinkageName(khmerFamily: "សុខ", khmerGiven: "វិបុល", latinFamily: "Sok", latinGiven: "Vibol"),
        motherBirthYear: 1961)
}

/// The levels of two records.
func compared(_ left: LinkageRecord, _ right: LinkageRecord) -> ComparisonVector {
    PreparedRecord(left).compared(with: PreparedRecord(right))
}

/// The level of two names as one part.
func level(_ left: LinkageName, _ right: LinkageName, _ field: LinkageField = .givenName) -> AgreementLevel {
    compared(LinkageRecord(name: left), LinkageRecord(name: right))[field]
}

/// Any text: Khmer in any order, other scripts, marks, controls.
func anyText(_ random: inout Seeded) -> String {
    var view = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...80, using: &random) {
        let value: UInt32 =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: UInt32.random(in: 0x1780...0x17FF, using: &random)
            case 1: UInt32.random(in: 0x20...0x17F, using: &random)
            case 2: UInt32.random(in: 0x300...0x36F, using: &random)
            default: UInt32.random(in: 0...0x10FFFF, using: &random)
            }
        if let scalar = Unicode.Scalar(value) { view.append(scalar) }
    }
    return String(view)
}

/// Any record, of any text and numbers.
func anyRecord(_ random: inout Seeded) -> LinkageRecord {
    func maybe<Value>(_ value: Value, _ random: inout Seeded) -> Value? { Bool.random(using: &random) ? value : nil }
    func name(_ random: inout Seeded) -> LinkageName {
        LinkageName(
            khmerFamily: maybe(anyText(&random), &random), khmerGiven: maybe(anyText(&random), &random),
            latinFamily: maybe(anyText(&random), &random), latinGiven: maybe(anyText(&random), &random))
    }
    func number(_ random: inout Seeded) -> Int {
        Bool.random(using: &random)
            ? Int.random(in: -3...3000, using: &random) : Int.random(in: .min ... .max, using: &random)
    }
    return LinkageRecord(
        name: name(&random), sex: maybe(LinkageSex.allCases[Int.random(in: 0..<4, using: &random)], &random),
        birthDate: maybe(
            LinkageDate(
                year: number(&random), month: maybe(number(&random), &random), day: maybe(number(&random), &random)),
            &random),
        birthPlace: maybe(
            Bool.random(using: &random) ? "0102030\(Int.random(in: 0...9, using: &random))" : anyText(&random), &random),
        residence: maybe(anyText(&random), &random), mother: name(&random), father: name(&random),
        motherBirthYear: maybe(number(&random), &random))
}
