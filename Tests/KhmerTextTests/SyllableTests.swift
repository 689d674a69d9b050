import Testing

@testable import KhmerText

@Suite("Khmer syllables")
struct SyllableTests {
    @Test(
        "syllables",
        arguments: [
            ("ស្ត្រីខ្មែរ", ["ស្ត្រី", "ខ្មែ", "រ"]), ("សុខ", ["សុ", "ខ"]), ("ក\u{17D2}", ["ក\u{17D2}"]),
            ("\u{17B6}ក", ["\u{17B6}", "ក"]),
            ("Sok", ["S", "o", "k"]), ("e\u{301}ក", ["e\u{301}", "ក"]), ("ឥន្ទ្រ", ["ឥ", "ន្ទ្រ"]),
            ("ក\u{200B}ខ", ["ក\u{200B}", "ខ"]),
            ("", []), ("ក ខ", ["ក", " ", "ខ"]), ("១២", ["១", "២"]), ("ខែ្មរ", ["ខែ្ម", "រ"]), ("ធម៌", ["ធ", "ម៌"]),
            ("👩‍👧ក", ["👩‍👧", "ក"]),
        ])
    func syllables(text: String, expected: [String]) {
        #expect(KhmerText.syllables(of: text).map(\.hex) == expected.map(\.hex))
    }

    @Test("prefixes")
    func prefixes() {
        #expect(KhmerText.prefix(of: "ស្ត្រីខ្មែរ", syllables: 2) == "ស្ត្រីខ្មែ")
        #expect(KhmerText.prefix(of: "ស្ត្រី", syllables: 0) == "")
        #expect(KhmerText.prefix(of: "ស្ត្រី", syllables: -1) == "")
        #expect(KhmerText.prefix(of: "ស្ត្រី", syllables: 9) == "ស្ត្រី")
    }

    @Test("truncation never splits a syllable")
    func truncation() {
        #expect(KhmerText.truncate("ស្ត្រីខ្មែរ", maxScalars: 6) == "ស្ត្រី")
        #expect(KhmerText.truncate("ស្ត្រីខ្មែរ", maxScalars: 5) == "")
        #expect(KhmerText.truncate("ស្ត្រីខ្មែរ", maxScalars: 11) == "ស្ត្រីខ្មែរ")
        #expect(KhmerText.truncate("ស្ត្រីខ្មែរ", maxScalars: 9, ending: "…") == "ស្ត្រី…")
        #expect(KhmerText.truncate("abc", maxScalars: 0, ending: "…") == "")
        #expect(KhmerText.truncate("abc", maxScalars: -1) == "")
    }

    @Test(
        "masked names",
        arguments: [
            ("សុខ ដារ៉ា", "សុ••• ដា•••"), ("Sok Dara", "S••• D•••"), ("ក", "•••"), ("ស្ត្រី", "•••"), ("", ""),
            ("ខែ្មរ", "ខ្មែ•••"),
        ])
    func masked(name: String, expected: String) {
        #expect(KhmerText.masked(name).hex == expected.hex)
    }

    @Test("units join to the text and cuts are units", arguments: [1, 2] as [UInt64])
    func properties(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10_000 {
            let text = RandomText.any(&generator)
            let units = KhmerText.syllables(of: text)
            let count = Int.random(in: 0...30, using: &generator)
            let cut = KhmerText.truncate(text, maxScalars: count)
            var ends: Set<Int> = [0]
            var end = 0
            for unit in units {
                end += unit.unicodeScalars.count
                ends.insert(end)
            }
            let marked = units.dropFirst().first { unit in
                unit.unicodeScalars.first.map { (0x17B6...0x17D3).contains($0.value) } ?? true
            }
            guard units.joined().hex == text.hex, cut.unicodeScalars.count <= count, text.hex.hasPrefix(cut.hex),
                ends.contains(cut.unicodeScalars.count), marked == nil,
                KhmerText.prefix(of: text, syllables: 3).hex == units.prefix(3).joined().hex
            else {
                Issue.record("\(text.hex) gives \(units.map(\.hex)), cut \(cut.hex)")
                return
            }
        }
    }
}
