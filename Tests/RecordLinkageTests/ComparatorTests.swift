import KhmerText
import TestVectors
import Testing

@testable import RecordLinkage

@Suite("Comparing fields")
struct ComparatorTests {
    @Test("Khmer typed in another order is the same name")
    func khmerKey() {
        let variants = [
            ("ស្ត្រី", "ស្រ្តី"), ("កណ្តាល", "កណ្ដាល"), ("ប៊ុនរិទ្ធ", "បុ៊នរិទ្ធ"), ("ចាំ", "ចំា"), ("លោក", "លេាក"),
            ("សុខា", "សុ\u{200B}ខា"),
        ]
        for (left, right) in variants {
            let found = level(LinkageName(khmerGiven: left), LinkageName(khmerGiven: right))
            #expect(found == .sameKey || found == .exact)
        }
        #expect(level(LinkageName(khmerGiven: "ស្ត្រី"), LinkageName(khmerGiven: "ស្រ្តី")) == .sameKey)
        // An invisible space and a space between words are no difference at all.
        #expect(level(LinkageName(khmerGiven: "ស្រី មុំ"), LinkageName(khmerGiven: "ស្រីមុំ")) == .exact)
    }

    @Test("Latin spellings of one name")
    func latin() {
        func latin(_ left: String, _ right: String) -> AgreementLevel {
            level(LinkageName(latinGiven: left), LinkageName(latinGiven: right))
        }
        #expect(latin("Sokha", "SOKHA") == .exact)
        #expect(latin("Chan-Dara", "Chandara") == .exact)
        #expect(latin("Sokha", "Sokkha") == .sameFold)
        #expect(latin("Samnang", "Somnang") == .sameSkeleton)
        #expect(latin("Sovannarith", "Sovannarit") == .sameFold)
        #expect(latin("Reaksmey", "Rasmey") == .near)
        #expect(latin("Sokha", "Bopha") == .different)
        #expect(latin("Sokha", "") == .missing)
        // Names without a letter from A to Z are not all the same.
        #expect(latin("王", "张") == .different)
    }

    @Test("Khmer decides where both sides have it")
    func bothScripts() {
        func names(_ left: (String, String), _ right: (String, String)) -> AgreementLevel {
            level(
                LinkageName(khmerGiven: left.0, latinGiven: left.1),
                LinkageName(khmerGiven: right.0, latinGiven: right.1))
        }
        #expect(names(("ដារ៉ា", "Dara"), ("ដារ៉ា", "Darra")) == .exact)
        #expect(names(("ពិសិដ្ឋ", "Piseth"), ("ពិសិទ្ធ", "Piseth")) == .sameFold)
        #expect(names(("តូច", "Touch"), ("សារី", "Touch")) == .near)
        #expect(names(("សុខា", "Sokha"), ("ម៉ាលី", "Maly")) == .different)
        #expect(level(LinkageName(khmerGiven: "សុខា"), LinkageName(latinGiven: "Sokha")) == .missing)
    }

    @Test("one syllable apart is near, another short name is not")
    func clusters() {
        func khmer(_ left: String, _ right: String) -> AgreementLevel {
            level(LinkageName(khmerGiven: left), LinkageName(khmerGiven: right))
        }
        #expect(khmer("សុវណ្ណារិទ្ធ", "សុវណ្ណារិទ្ធិ") == .oneLetter)
        #expect(khmer("ចាន់សុខលី", "ចាន់សុខណា") == .near)
        #expect(khmer("ចាន់ដារ៉ា", "ចាន់តារ៉ា") == .oneLetter)
        #expect(khmer("សុខា", "សុភា") == .oneLetter)
        #expect(khmer("លី", "ហេង") == .different)
        #expect(khmer("សុខ", "សុវណ្ណ") == .different)
    }

    @Test("turned and differently divided names")
    func turned() {
        let right = compared(person("សុខ", "ចាន់ដារ៉ា", "Sok", "Chandara"), person("ចាន់ដារ៉ា", "សុខ", "Chandara", "Sok"))
        #expect(right[.familyName] == .turned)
        #expect(right[.givenName] == .exact)
        let divided = compared(person("សុខ ចាន់", "ដារ៉ា", nil, nil), person("សុខ", "ចាន់ដារ៉ា", nil, nil))
        #expect(divided[.familyName] == .turned)
        let single = compared(person(nil, "សុខចាន់ដារ៉ា", nil, nil), person("សុខ", "ចាន់ដារ៉ា", nil, nil))
        #expect(single[.familyName] == .turned)
    }

    @Test(
        "dates with the slips that happen",
        arguments: [
            ("1987-04-11", "1987-04-11", AgreementLevel.exact), ("1987-04-11", "1987-11-04", .dayMonthTurned),
            ("1987-04-11", "1987-04-12", .oneDigit), ("1987-04-11", "1988-04-11", .yearNext),
            ("1987-04-11", "1999-04-11", .yearTwelve), ("1987-04-11", "2530-04-11", .yearEra),
            ("1987-04-11", "2531-04-11", .yearEra), ("1987-04-11", "1957-04-11", .oneDigit),
            ("1987-04-11", "1987", .knownPartsSame), ("1987-04", "1987", .knownPartsSame),
            ("1987-04-11", "1987-08-25", .sameYear), ("1987", "1988", .yearNear),
            ("1987-04-11", "1989-08-25", .yearNear),
            ("1987", "1999", .different), ("1987-04-11", "1979-08-25", .different), ("1987", "2530", .yearEra),
        ])
    func dates(_ left: String, _ right: String, _ expected: AgreementLevel) throws {
        func date(_ text: String) throws -> LinkageDate {
            let parts = text.split(separator: "-").compactMap { Int($0) }
            return LinkageDate(
                year: try #require(parts.first), month: parts.count > 1 ? parts[1] : nil,
                day: parts.count > 2 ? parts[2] : nil)
        }
        let one = LinkageRecord(birthDate: try date(left))
        let two = LinkageRecord(birthDate: try date(right))
        #expect(compared(one, two)[.birthDate] == expected)
        #expect(compared(two, one)[.birthDate] == expected)
    }

    @Test(
        "places as deep as both are known",
        arguments: [
            ("12010101", "12010101", AgreementLevel.sameVillage), ("12010101", "12010102", .sameCommune),
            ("12010101", "120101", .sameCommune), ("120101", "120102", .sameDistrict), ("12", "1201", .sameProvince),
            ("1201", "1301", .different), ("12", "x", .missing), ("", "12", .missing),
        ])
    func places(_ left: String, _ right: String, _ expected: AgreementLevel) {
        #expect(compared(LinkageRecord(birthPlace: left), LinkageRecord(birthPlace: right))[.birthPlace] == expected)
    }

    @Test("an unknown sex is no difference")
    func sex() {
        #expect(compared(LinkageRecord(sex: .notKnown), LinkageRecord(sex: .male))[.sex] == .missing)
        #expect(compared(LinkageRecord(sex: .female), LinkageRecord(sex: .male))[.sex] == .different)
    }

    @Test("the fast distances are those of KhmerText")
    func distances() {
        var random = Seeded(3)
        for _ in 0..<3000 {
            func word(_ random: inout Seeded) -> [UInt32] {
                (0..<Int.random(in: 0...12, using: &random)).map { _ in UInt32.random(in: 97...101, using: &random) }
            }
            let left = word(&random)
            let right = word(&random)
            left.withUnsafeBufferPointer { a in
                right.withUnsafeBufferPointer { b in
                    #expect(LetterDistance.jaroWinkler(a, b) == StringDistance.jaroWinkler(left, right))
                    #expect(
                        LetterDistance.isWithinOne(a, b) == (StringDistance.levenshtein(left, right, limit: 1) != nil))
                }
            }
        }
    }

    @Test("every level has words in both languages, and every field can be missing or different")
    func words() {
        for level in AgreementLevel.allCases {
            #expect(!level.text.en.isEmpty)
            #expect(level.text.km.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) })
        }
        for field in LinkageField.allCases {
            #expect(field.text.km.unicodeScalars.contains { (0x1780...0x17FF).contains($0.value) })
            #expect(field.levels.contains(.different) && !field.levels.contains(.missing))
        }
    }
}
