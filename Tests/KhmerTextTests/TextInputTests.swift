import Kernel
import Testing

@testable import KhmerText

@Suite("Text input")
struct TextInputTests {
    @Test(
        "names that pass",
        arguments: [
            ("សុខ ដារ៉ា", "សុខ ដារ៉ា"), (" Sok  Dara ", "Sok Dara"), ("O'Neill-Smith Jr.", "O'Neill-Smith Jr."),
            ("សុ\u{200B}ខ", "សុខ"), ("Nguyễn", "Nguyễn"),
            ("មូហាំម៉ាត់", "មូហាំម៉ាត់"), ("中文", "中文"),
        ])
    func passes(entered: String, expected: String) throws {
        #expect(try TextInput.clean(entered).hex == KhmerText.display(of: expected).hex)
        #expect(try KhmerText(entered).entered.hex == entered.hex)
    }

    @Test(
        "control characters",
        arguments: ["a\u{0}b", "a\nb", "a\tb", "a\u{7F}", "a\u{85}b", "a\u{2028}b", "a\r\nb", "\u{1B}[0m"])
    func controls(entered: String) {
        #expect(throws: RumdulError.textControlCharacter) { try TextInput.clean(entered) }
    }

    @Test(
        "direction marks",
        arguments: Array(0x202A...0x202E) + Array(0x2066...0x2069) + [0x200E, 0x200F, 0x061C] as [UInt32])
    func bidi(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(throws: RumdulError.textBidiControl) { try TextInput.clean("ក\(scalar)ខ") }
        #expect(throws: RumdulError.textBidiControl) { try TextInput.cleanLines("ក\(scalar)ខ", limit: 10) }
    }

    @Test(
        "unusable characters",
        arguments: ["a\u{E000}", "a\u{FFFD}", "a\u{E0041}", "a\u{378}", "a\u{FFFF}", "a\u{FFF9}"])
    func unusable(entered: String) {
        #expect(throws: RumdulError.textUnusableCharacter) { try TextInput.clean(entered) }
    }

    @Test("empty texts", arguments: ["", " ", "\u{200B}", "\u{A0}\u{FEFF} "])
    func empty(entered: String) {
        #expect(throws: RumdulError.textEmpty) { try TextInput.clean(entered) }
        #expect(throws: RumdulError.textEmpty) { try TextInput.cleanLines(entered + "\n \n", limit: 10) }
    }

    @Test("the limit counts scalars as typed")
    func limit() throws {
        let name = String(repeating: "ក", count: 100)
        #expect(try TextInput.clean(name).unicodeScalars.count == 100)
        #expect(throws: RumdulError.textTooLong(limit: 100)) { try TextInput.clean(name + "ក") }
        #expect(throws: RumdulError.textTooLong(limit: 100)) { try TextInput.clean(name + "\u{200B}") }
        #expect(throws: RumdulError.textTooLong(limit: 3)) { try KhmerText("abcd", limit: 3) }
        #expect(throws: RumdulError.textTooLong(limit: 100)) {
            try TextInput.clean(String(repeating: "\u{0}", count: 1_000_000))
        }
        #expect(RumdulError.textTooLong(limit: 100).message.km.contains("១០០"))
    }

    @Test("several lines")
    func lines() throws {
        #expect(try TextInput.cleanLines("\r\n ខែ្មរ\t a \r\n\r\nb\n\n", limit: 50).hex == "ខ្មែរ a\n\nb".hex)
        #expect(throws: RumdulError.textControlCharacter) { try TextInput.cleanLines("a\u{0}", limit: 50) }
        #expect(throws: RumdulError.textTooLong(limit: 2)) { try TextInput.cleanLines("a\nb", limit: 2) }
    }

    @Test("any text is refused or clean; cleaning twice changes nothing")
    func fuzz() throws {
        var generator = SeededGenerator(seed: 51)
        var passed = 0
        for _ in 0..<20_000 {
            let text = RandomText.any(&generator, maxLength: 8)
            guard let clean = try? TextInput.clean(text) else { continue }
            passed += 1
            #expect(try TextInput.clean(clean).hex == clean.hex)
            #expect(
                !clean.unicodeScalars.contains {
                    $0.value < 0x20 || (0x202A...0x202E).contains($0.value) || $0.value == 0x200B
                })
        }
        #expect(passed > 1_000)
    }
}
