import Kernel
import KhmerText
import Testing

@testable import Typesetting

@Suite("Text comes back from the file", .enabled(if: Reader.hasPoppler, "pdftotext is not installed"))
struct TextReturnTests {
    @Test(
        "Khmer comes back scalar by scalar, in every face",
        arguments: Face.allCases, [true, false])
    func khmer(face: Face, raw: Bool) throws {
        let document = try Typesetter.pdf(Sample.paragraphs(Sample.khmer, TextStyle(face, 11)))
        let lines = try Reader.lines(document.bytes, raw: raw)
        #expect(lines.count == Sample.khmer.count)
        for (expected, found) in zip(Sample.khmer, lines) {
            #expect(Array(expected.unicodeScalars) == Array(found.unicodeScalars), "\(expected) became \(found)")
        }
    }
}
