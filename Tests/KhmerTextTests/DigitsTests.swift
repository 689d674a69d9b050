import Kernel
import Testing

@testable import KhmerText

@Suite("Khmer digits")
struct DigitsTests {
    @Test(
        "to ASCII",
        arguments: [
            ("០១២៣៤៥៦៧៨៩", "0123456789"), ("ភូមិ ៥", "ភូមិ 5"), ("5", "5"), ("", ""), ("១,២៣៤.៥", "1,234.5"),
            ("៥ and 5", "5 and 5"),
        ])
    func toASCII(text: String, expected: String) {
        #expect(KhmerDigits.toASCII(text) == expected)
    }

    @Test("mixed and foreign digits are refused", arguments: ["១2", "1២", "១,234", "1.៥", "٣", "៥ ๕", "５"])
    func mixed(text: String) {
        #expect(KhmerDigits.toASCII(text) == nil)
        #expect(KhmerDigits.number(text) == nil)
    }

    @Test(
        "numbers",
        arguments: [
            ("០", 0), ("២០២៦", 2026), ("2026", 2026), ("999999999999999999", 999_999_999_999_999_999),
        ])
    func numbers(text: String, expected: Int) { #expect(KhmerDigits.number(text) == expected) }

    @Test("no number", arguments: ["", " 1", "-1", "1.0", "1000000000000000000", "១a"])
    func noNumber(text: String) { #expect(KhmerDigits.number(text) == nil) }

    @Test("to Khmer and back")
    func roundTrip() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let number = Int.random(in: 0..<1_000_000_000_000, using: &generator)
            #expect(KhmerDigits.number(KhmerDigits.toKhmer(number)) == number)
            #expect(KhmerDigits.toASCII(KhmerDigits.toKhmer(number)) == String(number))
        }
        #expect(KhmerDigits.toKhmer("a 10") == "a ១០")
        #expect(KhmerDigits.prose(10, .km) == "១០" && KhmerDigits.prose(10, .en) == "10")
        #expect(KhmerDigits.prose("3 × 20", .km) == "៣ × ២០" && KhmerDigits.prose("3", .en) == "3")
    }

    @Test(
        "identifiers",
        arguments: [
            ("123-456 7890", "1234567890"), ("១២៣-៤៥៦ ៧៨៩០", "1234567890"), ("១២៣\u{200B}៤៥\u{A0}៦", "123456"),
            ("12\u{2013}3", "123"),
        ])
    func identifiers(text: String, expected: String) throws {
        #expect(try KhmerDigits.identifier(text) == expected)
    }

    @Test("identifiers with letters")
    func letters() throws {
        #expect(try KhmerDigits.identifier("n០១-x", allowLetters: true) == "N01X")
        #expect(throws: RumdulError.identifierMalformed) { try KhmerDigits.identifier("N01") }
        #expect(throws: RumdulError.identifierMalformed) { try KhmerDigits.identifier("é1", allowLetters: true) }
    }

    @Test("identifiers that are refused")
    func refused() {
        #expect(throws: RumdulError.digitsMixed) { try KhmerDigits.identifier("១2") }
        #expect(throws: RumdulError.digitsMixed) { try KhmerDigits.identifier("១ 2") }
        for text in [
            "", " - ", "1_2", "٣", "1\u{202E}2", String(repeating: "1", count: 33),
            String(repeating: " ", count: 99_999),
        ] {
            #expect(throws: RumdulError.identifierMalformed) { try KhmerDigits.identifier(text) }
        }
    }

    @Test("any text: digits out, or an error")
    func fuzz() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let text = RandomText.any(&generator, maxLength: 12)
            if let identifier = try? KhmerDigits.identifier(text) {
                #expect(identifier.utf8.allSatisfy { (48...57).contains($0) } && !identifier.isEmpty)
            }
            if let ascii = KhmerDigits.toASCII(text) {
                #expect(!ascii.unicodeScalars.contains { (0x17E0...0x17E9).contains($0.value) })
            }
        }
    }
}
