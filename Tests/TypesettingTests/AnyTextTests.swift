import Foundation
import Kernel
import TestVectors
import Testing

@testable import Typesetting

@Suite("Any text can be set")
struct AnyTextTests {
    /// Scalars that have caused trouble somewhere: controls, joiners, marks without letters, other directions, surrogates'
    /// neighbours, private use, pictures.
    private static let awkward: [Unicode.Scalar] = {
        var scalars = (UInt32(0)...0x9F).compactMap { Unicode.Scalar($0) }
        scalars += (UInt32(0x1780)...0x17F9).compactMap { Unicode.Scalar($0) }
        scalars += (UInt32(0x19E0)...0x19FF).compactMap { Unicode.Scalar($0) }
        scalars += (UInt32(0x2000)...0x206F).compactMap { Unicode.Scalar($0) }
        scalars += Array(
            "\u{AD}\u{300}\u{301}\u{20DD}\u{FEFF}\u{FFFC}\u{FFFD}\u{FFFF}\u{10FFFF}\u{E000}\u{E0001}".unicodeScalars)
        scalars += Array("אבגابتثกขཀམ\u{F71}\u{FB2}ကာ한\u{1100}\u{1161}漢字👩🏽‍🚀🇰🇭ﬁ".unicodeScalars)
        return scalars
    }()

    private func text(_ generator: inout Seeded, _ length: Int) -> String {
        var view = String.UnicodeScalarView()
        let wild = Bool.random(using: &generator)
        for _ in 0..<length {
            if wild, let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator)) {
                view.append(scalar)
            } else if let scalar = Self.awkward.randomElement(using: &generator) {
                view.append(scalar)
            }
        }
        return String(view)
    }

    @Test("Random scalars in every block")
    func random() throws {
        var generator = Seeded(2026)
        for round in 0..<60 {
            func any() -> String { text(&generator, Int.random(in: 0...60, using: &generator)) }
            let style = TextStyle(Face.allCases.randomElement(using: &generator) ?? .body, 10)
            var document = Sample.document(
                [
                    .paragraph(Paragraph([Run(any(), style), Run(any()), Run(any(), style)], .right)),
                    .heading(Paragraph(any(), style, .centre)),
                    .fields([FieldRow(any(), any(), value: any(), latin: any())], FieldStyle(.beside(0.3))),
                    .table(Table(rows: [[Paragraph(any(), style), Paragraph(any())]])),
                ], page: .a5)
            document.metadata.title = any()
            document.metadata.author = any()
            document.watermark = LocalizedText(km: any(), en: "")
            let result = try Typesetter.pdf(document)
            guard round % 10 == 0, Reader.hasQPDF else { continue }
            #expect(try Reader.run("qpdf", ["--check"], on: result.bytes).status == 0)
        }
    }

    @Test(
        "Words without end",
        arguments: [
            "ក", "a", "\u{301}", "ក្ក", "\u{17D2}", "\u{200D}", "א", "\n", " ", "\u{17C1}", "漢", "👩🏽‍🚀", "ក\u{200B}",
        ])
    func endless(unit: String) throws {
        let count = Typesetter.runLimit / unit.unicodeScalars.count
        let start = ContinuousClock.now
        var document = Sample.paragraphs([String(repeating: unit, count: count)], TextStyle(.body, 4))
        document.margins = Margins(all: 20)
        do {
            _ = try Typesetter.pdf(document)
        } catch { #expect(error.code == "typesetting.too_many_pages") }
        #expect(start.duration(to: .now) < .seconds(20), "\(unit.unicodeScalars.first?.value ?? 0)")
    }

    @Test(
        "Characters that no font has come back all the same",
        .enabled(if: Reader.hasPoppler, "pdftotext is not installed"))
    func unknown() throws {
        let bytes = try Typesetter.pdf(Sample.paragraphs(["ក\u{1F9FF}ខ A\u{10A01}B"])).bytes
        #expect(try Reader.text(bytes).contains("A\u{10A01}B"))
    }
}
