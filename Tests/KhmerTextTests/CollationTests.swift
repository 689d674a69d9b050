import Foundation
import Testing

@testable import KhmerText

@Suite("Khmer order")
struct CollationTests {
    /// The judge: ICU's collation of the fixed identifier `km`.
    private let judge = Locale(identifier: "km")

    private func judged(_ left: String, _ right: String) -> Int {
        left.compare(right, options: [], range: nil, locale: judge).rawValue
    }

    @Test("the 33 consonants of the alphabet")
    func consonants() {
        let alphabet = "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ".unicodeScalars.map { String($0) }
        #expect(alphabet.count == 33)
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20 {
            #expect(KhmerCollation.sorted(alphabet.shuffled(using: &generator)) { $0 } == alphabet)
        }
    }

    @Test("the vowels in dictionary order")
    func vowels() {
        let vowels = [
            "ក", "កក", "កា", "កិ", "កី", "កឹ", "កឺ", "កុ", "កូ", "កួ", "កើ", "កឿ", "កៀ", "កេ", "កែ", "កៃ",
            "កោ", "កៅ", "កុំ", "កំ", "កាំ",
            "កះ", "កិះ", "កុះ", "កេះ", "កោះ", "ក្ក", "ខ",
        ]
        #expect(KhmerCollation.sorted(vowels.reversed()) { $0 } == vowels)
    }

    @Test("names in traditional order")
    func names() {
        let names = [
            "កា", "កែវ", "កំ", "កាំ", "កះ", "ក្រ", "ខៀវ", "ខ្មែរ", "គឹម", "ចាន់", "ដារ៉ា", "រតនា", "ឫទ្ធី",
            "លី", "ល្អ", "សុខ", "សុខា", "ស្រី",
            "ហេង", "ឡុង", "អរុណ", "ឥន្ទ", "ឧត្តម", "អូន", "ឯក",
        ]
        #expect(KhmerCollation.sorted(names.reversed()) { $0 } == names)
        for (left, right) in zip(names, names.dropFirst()) { #expect(judged(left, right) < 0, "\(left) \(right)") }
    }

    @Test("groups: space, punctuation, digits, Khmer, Latin; spellings that look the same stand together")
    func groups() {
        let texts = ["-", "១", "2", "៣", "ក", "ក ខ", "កា", "អ", "a", "Ab", "é", "ez", "z", "中"]
        #expect(KhmerCollation.sorted(texts.reversed()) { $0 } == texts)
        #expect(KhmerCollation.sortKey(of: "កណ្ដាល") == KhmerCollation.sortKey(of: "កណ្តាល"))
        #expect(KhmerCollation.sortKey(of: "សុី") == KhmerCollation.sortKey(of: "ស៊ី"))
        #expect(KhmerCollation.compare("កណ្ដាល", "កណ្តាល") != 0)
        #expect(KhmerCollation.compare("ក", "ក") == 0)
    }

    @Test("random Khmer words stand as ICU puts them", arguments: [1, 2] as [UInt64])
    func againstICU(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var words: [String] = []
        for _ in 0..<3_000 {
            let count = Int.random(in: 1...3, using: &generator)
            words.append(KhmerText.key(of: RandomText.khmer(&generator, syllables: count)))
        }
        let sorted = KhmerCollation.sorted(words) { $0 }
        for (left, right) in zip(sorted, sorted.dropFirst()) where judged(left, right) > 0 {
            Issue.record("\(left) \(left.hex) before \(right) \(right.hex)")
        }
    }

    @Test("official names stand as ICU puts them", .enabled(if: SharedData.has("kh_gazetteer_villages.csv")))
    func gazetteer() throws {
        var names: Set<String> = []
        for level in ["villages", "communes", "districts", "provinces"] {
            for row in try SharedData.rows("kh_gazetteer_\(level).csv") { names.insert(KhmerText.key(of: row[6])) }
        }
        for row in try SharedData.rows("kh_names_with_romanisations.csv") { names.insert(KhmerText.key(of: row[2])) }
        #expect(names.count > 9_000)
        let sorted = KhmerCollation.sorted(names) { $0 }
        var disorder = 0
        for (left, right) in zip(sorted, sorted.dropFirst()) where judged(left, right) > 0 { disorder += 1 }
        #expect(disorder == 0)
    }

    @Test("a total order on any texts")
    func properties() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<10_000 {
            let texts = (0..<3).map { _ in RandomText.any(&generator, maxLength: 6) }
            let (a, b, c) = (texts[0], texts[1], texts[2])
            let ab = KhmerCollation.compare(a, b)
            #expect(ab.signum() == -KhmerCollation.compare(b, a).signum())
            #expect((ab == 0) == (a.hex == b.hex))
            if ab < 0, KhmerCollation.compare(b, c) < 0 { #expect(KhmerCollation.areInOrder(a, c)) }
        }
    }
}
