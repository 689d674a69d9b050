import Foundation
import Kernel
import KhmerText
import Testing

@testable import Typesetting

@Suite("Documents")
struct DocumentTests {
    private func everything() -> Document {
        Document(
            metadata: DocumentMetadata(
                title: "លិខិតបញ្ជាក់ (៣)", author: "Phnom Penh Capital", subject: "Test", created: Sample.created),
            blocks: [
                .heading(Paragraph("ព្រះរាជាណាចក្រកម្ពុជា", TextStyle(.heading, 16), .centre)),
                .ornament(width: 120, colour: .seal),
                .paragraph(
                    Paragraph(
                        [
                            Run("យោងតាម ", TextStyle(.body, 11)), Run("សំណើ", TextStyle(.bold, 11, .seal)),
                            Run(" RUM-01", TextStyle(.monospaced, 10)),
                        ], spaceAfter: 4)),
                .fields([FieldRow("ឈ្មោះ", "Name", value: "សុខ", latin: "SOK")], FieldStyle(.above)),
                .fields([FieldRow("ភេទ", "Sex", value: "ស្រី")], FieldStyle(.beside(0.4), ruled: true)),
                .table(
                    Table(
                        head: [Paragraph("លេខ"), Paragraph("ឈ្មោះ")],
                        rows: [[Paragraph("១"), Paragraph("សុខ")], [Paragraph("២"), Paragraph("ហ៊ុន")]])),
                .rule(thickness: 1, colour: .seal), .spacer(10),
                .columns(
                    [
                        Column([.qr(QRBlock(name: "qr", modules: Sample.modules()))]),
                        Column([
                            .slot(
                                SlotBlock(
                                    name: "sign", kind: .signature, width: 120, height: 50, alignment: .right,
                                    outline: .hairline))
                        ]),
                    ], gap: 20), .fill(max: 300), .together([.paragraph(Paragraph("ចប់"))]),
            ], footer: Footer([Run("RUM-01", TextStyle(.body, 8))]), frame: Frame(),
            watermark: LocalizedText(km: "ចម្លង", en: "COPY"))
    }

    @Test("The same document gives the same bytes, on other threads too")
    func sameBytes() async throws {
        let first = try Typesetter.pdf(everything())
        let document = everything()
        let others = try await withThrowingTaskGroup(of: TypesetDocument.self) { group in
            for _ in 0..<48 { group.addTask { try Typesetter.pdf(document) } }
            return try await group.reduce(into: [TypesetDocument]()) { $0.append($1) }
        }
        #expect(others.allSatisfy { $0 == first })
        var later = document
        later.metadata.created = Instant(seconds: 1_773_900_001)
        #expect(try Typesetter.pdf(later).bytes != first.bytes)
    }

    @Test("The file says what it is, in which language and when it was made")
    func information() throws {
        let bytes = try Typesetter.pdf(everything()).bytes
        let text = String(decoding: bytes, as: UTF8.self)
        if let folder = ProcessInfo.processInfo.environment["RUMDUL_TYPESET_FOLDER"] {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/everything.pdf"))
        }
        #expect(text.hasPrefix("%PDF-1.5"))
        #expect(text.hasSuffix("%%EOF\n"))
        #expect(text.contains("/Lang (km-KH)"))
        #expect(text.contains("/DisplayDocTitle true"))
        #expect(text.contains("/CreationDate (D:20260319060000Z"))
        #expect(text.contains("/ID [<"))
    }

    @Test("qpdf finds nothing wrong", .enabled(if: Reader.hasQPDF, "qpdf is not installed"))
    func wellFormed() throws {
        for document in [everything(), Sample.paragraphs(Sample.khmer)] {
            let (status, output) = try Reader.run("qpdf", ["--check"], on: try Typesetter.pdf(document).bytes)
            #expect(status == 0, "\(output)")
            #expect(output.contains("No syntax or stream encoding errors found"))
        }
    }

    @Test("poppler reads title and pages", .enabled(if: Reader.hasPoppler, "pdfinfo is not installed"))
    func poppler() throws {
        let bytes = try Typesetter.pdf(everything()).bytes
        let (_, output) = try Reader.run("pdfinfo", [], on: bytes)
        #expect(output.contains("លិខិតបញ្ជាក់ (៣)"))
        #expect(output.contains("ចម្លង / COPY"))
        #expect(output.contains("(A4)"))
        let fonts = try Reader.run("pdffonts", [], on: bytes).output.split(separator: "\n").dropFirst(2)
        #expect(!fonts.isEmpty)
        for font in fonts {
            #expect(font.contains(" yes yes yes "), "not embedded, subset and with ToUnicode: \(font)")
        }
    }

    @Test("A title can hold what looks like PDF", .enabled(if: Reader.hasPoppler && Reader.hasQPDF))
    func awkwardTitle() throws {
        for title in ["a) /CreationDate (x", "\\(((", "/Type /Catalog endobj", "ក) /ModDate (", ""] {
            var document = Sample.paragraphs(["ក"])
            document.metadata.title = title
            let bytes = try Typesetter.pdf(document).bytes
            #expect(try Reader.run("qpdf", ["--check"], on: bytes).status == 0)
            let output = try Reader.run("pdfinfo", ["-isodates"], on: bytes).output
            #expect(title.isEmpty || output.contains(title))
            #expect(output.contains("2026-03-19T06:00:00Z"))
        }
    }

    @Test("Slots are where they are drawn")
    func slots() throws {
        let document = try Typesetter.pdf(everything())
        #expect(document.slots.map(\.name) == ["qr", "sign"])
        let code = try #require(document.slot("qr"))
        let sign = try #require(document.slot("sign"))
        #expect((code.kind, code.page, code.x, code.width, code.height) == (.qr, 1, 56, 84, 84))
        #expect(abs(sign.x + sign.width - (PageSize.a4.width - 56)) < 0.01)
        #expect(abs((code.y + code.height) - (sign.y + sign.height)) < 0.01)

        // A slot at the very top, and one that another page takes.
        let simple = try Typesetter.pdf(
            Sample.document([
                .slot(SlotBlock(name: "a", kind: .signature, width: 100, height: 400)),
                .slot(SlotBlock(name: "b", kind: .qr, width: 100, height: 400, alignment: .centre)),
            ]))
        let first = try #require(simple.slot("a"))
        let second = try #require(simple.slot("b"))
        #expect(first.page == 1 && second.page == 2 && simple.pageCount == 2)
        #expect(abs(first.y - (PageSize.a4.height - 56 - 400)) < 0.001)
        #expect(abs(second.x - (PageSize.a4.width - 100) / 2) < 0.001)
    }

    @Test("What does not fit goes to the next page, and nothing is lost", arguments: PageSize.allCases)
    func overflow(page: PageSize) throws {
        let texts = (1...120).map { "ល.រ \(KhmerDigits.toKhmer($0)) " + Sample.khmer[$0 % Sample.khmer.count] }
        let rows = texts.map { [Paragraph($0, TextStyle(.body, 9)), Paragraph($0, TextStyle(.body, 9))] }
        let document = try Typesetter.pdf(
            Sample.document(
                texts.map { .paragraph(Paragraph($0)) } + [.table(Table(rows: rows))], page: page, footer: Footer()))
        #expect(document.pageCount > 4)
        guard Reader.hasPoppler else { return }
        let lines = try Reader.lines(document.bytes)
        // Lines end between words as well as at spaces.
        func dense(_ text: String) -> String { KhmerText.key(of: text).replacing(" ", with: "") }
        let joined = dense(lines.joined())
        // Each stands in a paragraph and in two cells, whose lines come one after the other when there are several.
        for text in texts { #expect(joined.ranges(of: dense(text)).count >= 1, "\(text)") }
        for text in texts where text.unicodeScalars.count < 24 {
            #expect(joined.ranges(of: dense(text)).count >= 3, "\(text)")
        }
        let pages = KhmerDigits.toKhmer(document.pageCount)
        for page in 1...document.pageCount { #expect(lines.contains("ទំព័រ \(KhmerDigits.toKhmer(page))/\(pages)")) }
    }

    @Test("A heading stays with what follows; a block higher than a page is parted")
    func keeping() throws {
        let filler = Block.slot(SlotBlock(name: "filler", kind: .qr, width: 50, height: 690))
        let heading = Block.heading(Paragraph("ចំណងជើង", TextStyle(.heading, 14)))
        let place = Block.slot(SlotBlock(name: "next", kind: .qr, width: 50, height: 30))
        #expect(try Typesetter.pdf(Sample.document([filler, heading, place])).slot("next")?.page == 2)
        #expect(try Typesetter.pageCount(Sample.document([filler, heading])) == 1)
        let long = (0..<300).map { Block.paragraph(Paragraph("ជួរ \($0)")) }
        #expect(try Typesetter.pageCount(Sample.document([.together(long)])) > 5)
        #expect(try Typesetter.pageCount(Sample.document([.columns([Column(long), Column([place])], gap: 9)])) > 5)
        let value = (0..<1100).map { _ in "ស្រុកស្ទឹងត្រង់" }.joined(separator: " ")
        let row = FieldRow("ទីលំនៅ", "Residence", value: value)
        let fields = try Typesetter.pdf(Sample.document([.fields([row], FieldStyle(.beside(0.3)))]))
        #expect(fields.pageCount > 2)
        guard Reader.hasPoppler else { return }
        #expect(try Reader.text(fields.bytes).ranges(of: "ស្ទឹងត្រង់").count == 1100)
    }
}
