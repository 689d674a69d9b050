import Kernel
import Synchronization
import Testing

@testable import PopulationRegister

@Suite struct KIDCTests {
    @Test(arguments: [CodeRange.production, .synthetic])
    func drawnCodesAreInTheirRange(_ range: CodeRange) throws {
        let ambient = TestAmbient(seed: 3)
        for _ in 0..<2000 {
            let code = KIDC.draw(range, ambient.ambient)
            #expect(code.digits.utf8.count == 10)
            let first = try #require(code.digits.first)
            #expect(range == .production ? ("2"..."9").contains(first) : first == "0")
            #expect(try KIDC(entered: code.digits) == code)
            #expect(!code.looksMadeUp)
        }
    }

    /// Pearson's chi-square over each digit position and over pairs of neighbours; the seed is fixed, so this fails
    /// only when drawing changes.
    @Test func bodiesAreUniform() {
        let ambient = TestAmbient(seed: 11)
        let draws = 40_000
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
        var pairs = [Int](repeating: 0, count: 100)
        for _ in 0..<draws {
            let digits = KIDC.draw(.production, ambient.ambient).digits.utf8.map { Int($0) - 48 }
            for (position, digit) in digits.enumerated() { counts[position][digit] += 1 }
            pairs[digits[4] * 10 + digits[5]] += 1
        }
        func chiSquare(_ observed: some Collection<Int>) -> Double {
            let expected = Double(observed.reduce(0, +)) / Double(observed.count)
            return observed.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        }
        // Critical values at p = 0.001: 24.3 for 7 degrees of freedom, 27.9 for 9, 148.2 for 99.
        #expect(counts[0].prefix(2) == [0, 0])
        #expect(chiSquare(counts[0].dropFirst(2)) < 24.3)
        for position in 1..<10 { #expect(chiSquare(counts[position]) < 27.9, "position \(position)") }
        #expect(chiSquare(pairs) < 148.2)
    }

    @Test func theCheckDigitFindsEverySingleErrorAndNeighbourSwap() {
        let ambient = TestAmbient(seed: 5)
        for _ in 0..<300 {
            let digits = KIDC.draw(.production, ambient.ambient).digits.utf8.map { $0 - 48 }
            #expect(Verhoeff.isValid(digits))
            for position in 0..<10 {
                for other in UInt8(0)...9 where other != digits[position] {
                    var wrong = digits
                    wrong[position] = other
                    #expect(!Verhoeff.isValid(wrong))
                }
                if position < 9, digits[position] != digits[position + 1] {
                    var swapped = digits
                    swapped.swapAt(position, position + 1)
                    #expect(!Verhoeff.isValid(swapped))
                }
            }
        }
    }

    /// The example of the published description of the method.
    @Test func verhoeffAgreesWithThePublishedExample() {
        #expect(Verhoeff.checkDigit([2, 3, 6]) == 3)
        #expect(Verhoeff.isValid([2, 3, 6, 3]))
        #expect(Verhoeff.checkDigit([1, 4, 2, 8, 5, 7]) == 0)
        #expect(Verhoeff.checkDigit([1, 2, 3, 4, 5]) == 1)
    }

    @Test func readsWhatPeopleType() throws {
        let code = KIDC(body: 234_567_890, range: .production)
        let khmer = String(
            String.UnicodeScalarView(code.digits.unicodeScalars.compactMap { Unicode.Scalar(0x17E0 + $0.value - 48) }))
        let digits = Array(code.digits)
        for text in [
            code.digits, code.display, khmer,
            String(digits[0..<3]) + "-" + String(digits[3..<6]) + "-" + String(digits[6...]),
            " " + code.digits + " ",
        ] {
            #expect(try KIDC(entered: text) == code)
        }
        #expect(code.display.split(separator: " ").map(\.count) == [3, 3, 4])
        #expect(code.masked == "••• ••• " + code.digits.suffix(4))
        #expect("\(code)" == code.masked)
        #expect(String(reflecting: code) == code.masked)
    }

    @Test func refusesWhatIsNoCode() {
        for text in ["", "1", "123456789", "12345678901", "abcdefghij", "234567890a", "២345678901", "١٢٣٤٥٦٧٨٩٠"] {
            #expect(throws: RumdulError.kidcMalformed) { _ = try KIDC(entered: text) }
        }
        // 1 is reserved, whatever the check digit.
        for last in 0...9 { #expect(throws: RumdulError.kidcMalformed) { _ = try KIDC(entered: "123456789\(last)") } }
        let good = KIDC(body: 234_567_890, range: .production).digits
        let wrong = good.dropLast() + (good.last == "0" ? "1" : "0")
        #expect(throws: RumdulError.kidcCheckDigit) { _ = try KIDC(entered: String(wrong)) }
    }

    @Test(arguments: [
        (222_222_222 as UInt64, true), (234_567_890, true), (987_654_321, true), (222_222_221, true),
        (522_222_222, true),
        (912_345_678, true), (234_567_123, false), (222_222_333, false), (202_020_202, false), (246_802_468, false),
    ])
    func codesThatLookMadeUpAreKnown(_ body: UInt64, _ madeUp: Bool) {
        #expect(KIDC(body: body, range: .production).looksMadeUp == madeUp)
    }

    @Test func madeUpCodesAreDrawnAgain() {
        // First 222222222, then 234567123.
        let bodies = [22_222_222 as UInt64, 34_567_123]
        let place = TestCounter()
        let ambient = Ambient(now: { Instant(microseconds: 0) }) { count in
            let value = bodies[min(place.next(), 1)]
            return (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
        }
        #expect(KIDC.draw(.production, ambient) == KIDC(body: 234_567_123, range: .production))
    }

    @Test func neverStopsOnAnyText() {
        var generator = SeededGenerator(seed: 9)
        let alphabet = Array("0123456789០១២៣៤៥៦៧៨៩ -\u{200B}aកុ٣".unicodeScalars)
        for _ in 0..<5000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...24, using: &generator) {
                text.append(alphabet.randomElement(using: &generator) ?? "0")
            }
            if let code = try? KIDC(entered: String(text)) {
                #expect(Verhoeff.isValid(code.digits.utf8.map { $0 - 48 }))
            }
            if let alias = try? VID(entered: String(text)) { #expect(alias.digits.utf8.count == 16) }
            _ = PhoneNumber.e164(String(text))
            _ = PartialDate(iso: String(text))
        }
    }
}

final class TestCounter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}

@Suite struct ValueTests {
    @Test func aliasesHaveSixteenDigits() throws {
        let ambient = TestAmbient(seed: 4)
        for _ in 0..<500 {
            let alias = VID.draw(ambient.ambient)
            #expect(try VID(entered: alias.display) == alias)
            #expect(alias.digits.first != "0")
            #expect(alias.display.split(separator: " ").map(\.count) == [4, 4, 4, 4])
            #expect(!"\(alias)".contains(alias.digits.prefix(12)))
        }
        #expect(throws: RumdulError.vidMalformed) { _ = try VID(entered: "123") }
        #expect(throws: RumdulError.vidMalformed) { _ = try VID(entered: "0123456789012345") }
    }

    @Test(arguments: [
        ("012 345 678", "+85512345678"), ("០១២ ៣៤៥ ៦៧៨", "+85512345678"), ("+855 12 345 678", "+85512345678"),
        ("00855 12345678", "+85512345678"), ("855 12 345 678", "+85512345678"), ("097-1234-567", "+855971234567"),
        ("+66 81 234 5678", "+66812345678"), ("+1 (202) 555-0100", "+12025550100"),
    ])
    func phoneNumbersComeOutAsE164(_ text: String, _ number: String) { #expect(PhoneNumber.e164(text) == number) }

    @Test(arguments: ["", "12", "0123", "phone", "+", "+0123456789", "01234567890123456", "٠١٢٣٤٥٦٧٨", "+8551"])
    func otherTextsAreNoPhoneNumbers(_ text: String) { #expect(PhoneNumber.e164(text) == nil) }

    @Test(arguments: [
        ("a@b.kh", true), ("a.b+c@mail.example.com", true), ("a@b", false), ("@b.kh", false), ("a b@c.kh", false),
        ("a@b@c.kh", false), ("ក@b.kh", false),
    ])
    func emailsAreCheckedForSlips(_ text: String, _ good: Bool) { #expect(EmailAddress.isPlausible(text) == good) }

    @Test func partialDatesKeepTheirPrecision() throws {
        let year = try #require(PartialDate(iso: "1950"))
        #expect((year.iso, year.birthdateClaim, year.latest.description) == ("1950", "1950", "1950-12-31"))
        let month = try #require(PartialDate(iso: "1952-02"))
        #expect((month.iso, month.birthdateClaim, month.latest.description) == ("1952-02", "1952", "1952-02-29"))
        let day = try #require(PartialDate(iso: "1990-04-13"))
        #expect((day.iso, day.birthdateClaim, day.earliest.description) == ("1990-04-13", "1990-04-13", "1990-04-13"))
        #expect(PartialDate(iso: "9999")?.latest.description == "9999-12-31")
        for text in ["", "199", "19900", "1990-13", "1990-02-30", "1990-4"] { #expect(PartialDate(iso: text) == nil) }
    }

    @Test(arguments: [
        ("2008", "2026-06-01", false), ("2007", "2026-06-01", true), ("2008-06", "2026-06-30", true),
        ("2008-06", "2026-06-29", false), ("2008-06-01", "2026-06-01", true), ("2008-06-02", "2026-06-01", false),
        ("2030", "2026-06-01", false),
    ])
    func agesAreClaimedOnlyWhenCertain(_ birth: String, _ today: String, _ over18: Bool) throws {
        let date = try #require(PartialDate(iso: birth))
        #expect(date.isOlder(than: 18, on: try #require(CalendarDate(iso: today))) == over18)
    }

    @Test func base32IsThatOfTheStandard() {
        // RFC 4648 section 10, in lower case and without padding.
        for (text, encoded) in [
            ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ] {
            #expect(Base32.encode(Array(text.utf8)) == encoded)
        }
    }

    @Test func snapshotsSurviveTheirBytes() throws {
        let now = Instant(microseconds: 5)
        let facts: [PersonFact] = [
            .names([
                PersonName(kind: .official, khmer: NameParts(family: "សុខ", given: ""), latin: nil),
                PersonName(kind: .alias, khmer: nil, latin: NameParts(family: "", given: "D \"x\"")),
            ]),
            .sex(.notApplicable),
            .birth(Birth(date: PartialDate(iso: "1952-02"), place: code("1201"), placeText: "Paris", lunarText: "១រោច")),
            .nationality([Nationality(.foreign, country: "VNM", basis: "card"), Nationality(.undetermined)]),
            .residence([Residence(.temporary, place: code("12010101"), detail: "ផ្ទះ")]),
            .contacts([Contact(.phone, "+85512345678", verifiedAt: now), Contact(.email, "a@b.kh")]),
            .documents([
                IdentityDocument(
                    .passport, number: "N1", country: "FRA", issuedOn: CalendarDate(iso: "2020-01-01"), validUntil: nil)
            ]),
            .assurance(PersonAssurance(.ial2, evidence: ["a"], at: now)), .life(.presumedDead),
            .stay([
                LegalStay(
                    .refugee, number: "R1", office: "GDI", from: CalendarDate(daysSinceEpoch: 20_000), until: nil)
            ]),
        ]
        #expect(Set(facts.map(\.kind)) == Set(FactKind.allCases))
        let versions = facts.map { fact in
            FactVersion(
                fact: fact, validFrom: CalendarDate(iso: "2001-01-01"), validTo: nil, recordedAt: now, recordedTo: nil,
                source: source, confidence: 70)
        }
        let snapshot = PersonSnapshot(versions)
        #expect(try PersonSnapshot(bytes: snapshot.bytes) == snapshot)
    }
}
