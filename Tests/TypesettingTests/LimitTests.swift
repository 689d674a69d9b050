import Kernel
import Testing

@testable import Typesetting

@Suite("Limits and refusals")
struct LimitTests {
    private func code(_ document: Document) -> String? {
        do {
            _ = try Typesetter.pdf(document)
            return nil
        } catch { return error.code }
    }

    @Test("Too much text, too many pages")
    func tooMuch() {
        #expect(code(Sample.paragraphs([String(repeating: "ក", count: 20_001)])) == "typesetting.text_too_long")
        let text = String(repeating: "a ", count: 9_000)
        #expect(code(Sample.paragraphs(Array(repeating: text, count: 40))) == "typesetting.text_too_long")
        let page = Block.slot(SlotBlock(name: "x", kind: .qr, width: 10, height: 700))
        let pages = (0..<201).map { Block.slot(SlotBlock(name: "\($0)", kind: .qr, width: 10, height: 700)) }
        #expect(code(Sample.document(pages)) == "typesetting.too_many_pages")
        #expect(code(Sample.document(Array(pages.dropLast()))) == nil)
        #expect(code(Sample.document([page, page])) == "typesetting.slot_name")
        #expect(code(Sample.document(Array(repeating: .spacer(1), count: 20_001))) == "typesetting.block")
    }

    @Test("Numbers that cannot be")
    func numbers() {
        let bad: [Block] = [
            .paragraph(Paragraph("a", TextStyle(.body, 3))), .paragraph(Paragraph("a", TextStyle(.body, .nan))),
            .paragraph(Paragraph("a", TextStyle(.body, 11, Colour(2, 0, 0)))),
            .paragraph(Paragraph("a", leading: .infinity)), .spacer(-1), .fill(max: .nan),
            .rule(thickness: 0, colour: .black), .qr(QRBlock(modules: [], size: 50)),
            .qr(QRBlock(modules: [[true, false], [true]], size: 50)),
            .qr(QRBlock(modules: Sample.modules(), size: 4000)),
            .slot(SlotBlock(name: "a", kind: .qr, width: 900, height: 10)),
            .slot(SlotBlock(name: "a", kind: .qr, width: 10, height: 900)),
            .table(Table(rows: [[Paragraph("a")]])), .table(Table(weights: [], rows: [])),
            .table(Table(weights: [0, 1], rows: [])), .columns([], gap: 1),
            .columns([Column(weight: 0.02, [.spacer(1)]), Column(weight: 99, [.spacer(1)])], gap: 1),
            .fields([], FieldStyle(.beside(2))),
        ]
        for block in bad { #expect(code(Sample.document([block])) == "typesetting.block", "\(block)") }
        var nested = Block.spacer(1)
        for _ in 0..<40 { nested = .together([nested]) }
        #expect(code(Sample.document([nested])) == "typesetting.block")
        var document = Sample.document([])
        document.margins = Margins(all: 280)
        #expect(code(document) == "typesetting.block")
        #expect(
            code(Sample.document([], footer: Footer([Run(String(repeating: "word ", count: 99))])))
                == "typesetting.block")
    }

    @Test("An empty document is one empty page")
    func empty() throws {
        let document = try Typesetter.pdf(Sample.document([]))
        #expect(document.pageCount == 1 && document.slots.isEmpty)
        #expect(
            code(Sample.document([.paragraph(Paragraph("")), .columns([Column([])], gap: 0), .together([])])) == nil)
    }

    @Test("Every error is in the room's catalogue, in both languages")
    func catalogue() {
        let catalogue = ErrorCatalogue([.typesetting])
        let errors: [RumdulError] = [
            .typesettingTextTooLong, .typesettingTooManyPages, .typesettingBlock(""), .typesettingSlotName,
            .typesettingFonts(""), .typesettingFailed(""),
        ]
        for error in errors { #expect(catalogue[error.code]?.text == error.message) }
        #expect(ErrorRoom.typesetting.entries.count == errors.count)
    }
}
