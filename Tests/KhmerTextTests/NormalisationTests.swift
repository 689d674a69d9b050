import Kernel
import Testing

@testable import KhmerText

@Suite("Khmer normalisation")
struct NormalisationTests {
    @Test(
        "typing variants of one word share a key",
        arguments: [
            ("ស្រ្តី", "ស្ត្រី"), ("ស្រី្ត", "ស្ត្រី"), ("កណ្ដាល", "កណ្តាល"), ("សុី", "ស៊ី"), ("សីុ", "ស៊ី"),
            ("មុី", "ម៉ី"),
            ("ចំា", "ចាំ"), ("កំុ", "កុំ"), ("ខែ្មរ", "ខ្មែរ"), ("លេាក", "លោក"), ("លាេក", "លោក"), ("ធេ្វី", "ធ្វើ"),
            ("បុ៊ន", "ប៊ុន"), ("ប\u{17BB}\u{17B8}", "ប៉ី"), ("ហុាំ", "ហ៊ាំ"), ("ឲ្យ", "ឱ្យ"), ("សុ\u{200B}ខ", "សុខ"),
            ("\u{17A3}\u{17B6}", "អា"), ("\u{17A4}", "អា"), ("ខ្មែ\u{17B4}រ", "ខ្មែរ"), ("ស៊\u{200C}ី", "ស៊ី"),
            ("ញុី", "ញ៉ី"), ("ស្បុី", "ស្ប៉ី"), ("ល្ហុី", "ល្ហ៊ី"), ("សុើ", "ស៊ើ"), ("ចេុី", "ច៊ើ"),
        ])
    func sharedKey(variant: String, canonical: String) {
        #expect(KhmerText.key(of: variant).hex == canonical.hex)
        #expect(KhmerText.key(of: canonical).hex == canonical.hex)
    }

    @Test(
        "the display form keeps what the writer chose and the reader sees",
        arguments: [
            ("កណ្ដាល", "កណ្ដាល"), ("ស្រ្តី", "ស្រ្តី"), ("សុី", "សុី"), ("ឲ្យ", "ឲ្យ"), ("សីុ", "សុី"),
            ("ខែ្មរ", "ខ្មែរ"),
            ("លេាក", "លោក"), ("ស៊\u{200C}ី", "ស៊\u{200C}ី"), ("ស\u{200C}ុខ", "សុខ"), ("Sok\u{A0}Dara", "Sok Dara"),
            ("  សុខ \u{200B} \t ដារ៉ា ", "សុខ ដារ៉ា"), ("Pra\u{302}k", "Prâk"), ("ABC", "ABC"), ("", ""),
            (" \u{200B}", ""),
            ("ក\u{17BE}\u{17B6}", "ក\u{17C4}\u{17B8}"), ("ក\u{17C1}\u{17B8}\u{17B6}", "ក\u{17C4}\u{17B8}"),
            ("ក\u{17C9}\u{200C}\u{17CA}\u{200C}", "ក\u{17C9}\u{17CA}\u{200C}"),
        ])
    func display(entered: String, expected: String) {
        #expect(KhmerText.display(of: entered).hex == expected.hex)
    }

    @Test(
        "words that really differ keep different keys",
        arguments: [
            ("កា", "ការ"), ("ចាន់", "ចន់"), ("ស៊ី", "ស៉ី"), ("សុំ", "សំ"), ("ស៊ី", "សី"), ("កុំ", "ក៊ំ"),
            ("ទាំ", "ទុំ"), ("ឯក", "ឰក"),
        ])
    func differentKeys(left: String, right: String) {
        #expect(KhmerText.key(of: left).hex != KhmerText.key(of: right).hex)
    }

    @Test("Latin passes through the display form and is folded in the key")
    func mixed() throws {
        let text = try KhmerText("ខែ្មរ  Khmer É 12 ១២")
        #expect(text.entered == "ខែ្មរ  Khmer É 12 ១២")
        #expect(text.display.hex == "ខ្មែរ Khmer É 12 ១២".hex)
        #expect(text.key.hex == "ខ្មែរ khmer é 12 ១២".hex)
    }

    @Test("equality is that of what was typed")
    func equality() throws {
        #expect(try KhmerText("សុី") != KhmerText("ស៊ី"))
        #expect(try KhmerText("សុី").key == KhmerText("ស៊ី").key)
        #expect(try Set([KhmerText("ក"), KhmerText("ក")]).count == 1)
    }

    @Test("all reference vectors", .enabled(if: SharedData.has("khmer_normalisation_vectors.csv")))
    func vectors() throws {
        let rows = try SharedData.rows("khmer_normalisation_vectors.csv")
        #expect(rows.count >= 20)
        for row in rows {
            #expect(KhmerText.key(of: row[0]).hex == row[3], "\(row[4])")
            #expect(row[0].hex == row[2])
        }
    }

    @Test(
        "official place names: how many change, and which stay malformed",
        .enabled(if: SharedData.has("kh_gazetteer_villages.csv")))
    func gazetteer() throws {
        let names = try SharedData.rows("kh_gazetteer_villages.csv").map { $0[6] }
        #expect(names.count == 14578)
        #expect(names.filter { !KhmerText.isWellFormed($0) }.count == 2)
        #expect(names.filter { KhmerText.key(of: $0).hex != $0.hex }.count == 876)
        let communes = try SharedData.rows("kh_gazetteer_communes.csv").map { $0[6] }
        #expect(communes.filter { KhmerText.key(of: $0).hex != $0.hex }.count == 93)
    }

    @Test(
        "well-formedness",
        arguments: [
            ("ស្ត្រី", true), ("ខែ្មរ", true), ("Sok", true), ("", true), ("សុខ Sok", true), ("\u{17B6}ក", false),
            ("ក\u{17D2}", false),
            ("ក្ក្ក្ក", false), ("កាា", false), ("ឃ្មុំុ", false), ("ក៉៉", false), ("ធម៌", true), ("ពេជ្រ៍", true),
        ])
    func wellFormed(text: String, expected: Bool) {
        #expect(KhmerText.isWellFormed(text) == expected)
    }

    @Test("the forms are idempotent, and the key is that of the display form", arguments: [1, 2, 3, 4] as [UInt64])
    func properties(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let text = RandomText.any(&generator)
            let display = KhmerText.display(of: text)
            let key = KhmerText.key(of: text)
            guard KhmerText.display(of: display).hex == display.hex, KhmerText.key(of: key).hex == key.hex,
                KhmerText.key(of: display).hex == key.hex
            else {
                Issue.record("\(text.hex) gives display \(display.hex), key \(key.hex)")
                return
            }
        }
    }

    @Test("the display form only moves, joins and drops: the letters stay in order")
    func lettersStay() {
        var generator = SeededGenerator(seed: 7)
        func letters(_ text: String) -> [Unicode.Scalar] {
            text.unicodeScalars.filter { (0x1780...0x17A2).contains($0.value) }
        }
        for _ in 0..<5_000 {
            let text = RandomText.khmer(&generator, syllables: 4)
            #expect(KhmerText.display(of: text).hex == text.hex)
            #expect(letters(KhmerText.display(of: text)) == letters(text))
        }
    }

    @Test("any order of marks within a syllable gives one display form")
    func orderOfMarks() {
        var generator = SeededGenerator(seed: 11)
        let marks: [Unicode.Scalar] = ["\u{17CA}", "\u{17BB}", "\u{17C6}"]
        for _ in 0..<50 {
            let typed = "ប" + String(scalars: marks.shuffled(using: &generator)) + "ន"
            #expect(KhmerText.display(of: typed).hex == "ប៊ុំន".hex)
        }
    }

    @Test("one endless syllable and endless marks are no trouble")
    func hostile() {
        let syllable = "ក" + String(repeating: "\u{17C1}\u{17B6}\u{17C9}\u{200C}\u{17D2}រ\u{17D2}ដ", count: 20_000)
        let key = KhmerText.key(of: syllable)
        #expect(KhmerText.key(of: key).hex == key.hex)
        let marks = "a" + String(scalars: (0..<50_000).map { $0 % 2 == 0 ? "\u{301}" as Unicode.Scalar : "\u{323}" })
        #expect(KhmerText.display(of: marks).unicodeScalars.count == 50_001)
        #expect(!KhmerCollation.sortKey(of: marks).isEmpty)
        #expect(LatinName.skeleton(marks) == "a")
    }
}
