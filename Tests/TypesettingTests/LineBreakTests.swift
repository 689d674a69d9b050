import Kernel
import KhmerText
import TestVectors
import Testing

@testable import Typesetting

@Suite("Where lines of Khmer end")
struct LineBreakTests {
    private let preparation = TextPreparation()

    private func parts(_ text: String) -> [String] {
        var parts: [[Unicode.Scalar]] = [[]]
        for scalar in String(decoding: preparation.prepared(text), as: UTF8.self).unicodeScalars {
            if scalar == "\u{200B}" { parts.append([]) } else { parts[parts.count - 1].append(scalar) }
        }
        return parts.map { scalars in
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            return String(view)
        }
    }

    @Test("Words come from a dictionary")
    func words() {
        #expect(parts("ឯកសារនេះមានសុពលភាព") == ["ឯកសារ", "នេះ", "មាន", "សុពលភាព"])
        #expect(parts("ភ្នំពេញ") == ["ភ្នំពេញ"])
        #expect(parts("Sok Dara") == ["Sok Dara"])
        #expect(parts("ក\u{200B}ខ") == ["ក", "ខ"])
    }

    @Test("Lines never end inside a syllable, however long the word")
    func syllables() {
        var generator = Seeded(7)
        let letters = Array("កខគឃងចឆញដតថនបផពមយរលវសហអ".unicodeScalars)
        let marks = Array(
            "\u{17D2}\u{17D2}\u{17B6}\u{17B7}\u{17BB}\u{17C1}\u{17C4}\u{17C6}\u{17CC}\u{17CB}".unicodeScalars)
        for _ in 0..<200 {
            var view = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...120, using: &generator) {
                let isMark = Int.random(in: 0..<5, using: &generator) < 2
                view.append((isMark ? marks : letters).randomElement(using: &generator) ?? "ក")
            }
            let text = String(view)
            let units = KhmerText.syllables(of: text)
            var allowed: Set<Int> = []
            var length = 0
            for unit in units {
                length += unit.unicodeScalars.count
                allowed.insert(length)
            }
            var offset = 0
            for part in parts(text).dropLast() {
                offset += part.unicodeScalars.count
                #expect(allowed.contains(offset), "\(part) | in \(text)")
            }
        }
    }

    @Test("A narrow column breaks between words")
    func narrow() throws {
        guard Reader.hasPoppler else { return }
        let text = "ឯកសារនេះមានសុពលភាពតែនៅពេលដែលមានហត្ថលេខាឌីជីថលរបស់មន្ត្រីអត្រានុកូលដ្ឋានប៉ុណ្ណោះ"
        var document = Sample.paragraphs([text])
        document.margins = Margins(top: 56, right: 300, bottom: 56, left: 150)
        let lines = try Reader.lines(try Typesetter.pdf(document).bytes)
        #expect(lines.count > 2)
        #expect(lines.joined() == text)
    }
}
