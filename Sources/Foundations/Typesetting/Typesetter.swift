import Kernel
import KhmerText

/// Sets documents as PDF with shaped Khmer, through pango and cairo.
///
/// Calls may come from any threads; they are served one after the other (`Press`). A call blocks its thread for the
/// milliseconds that it and those before it need.
public enum Typesetter {
    /// The most pages of a document.
    public static let pageLimit = 200
    /// The most Unicode scalars of one run.
    public static let runLimit = 20_000
    /// The most Unicode scalars of a document.
    public static let textLimit = 600_000
    /// The most blocks of a document, inner ones counted.
    public static let blockLimit = 20_000
    /// Font sizes in points.
    public static let sizes = 4.0...72.0

    /// Sets a document. The same document gives the same bytes, as long as fonts and libraries are the same.
    /// - Throws: `typesetting.text_too_long`, `typesetting.too_many_pages`, `typesetting.block`, `typesetting.slot_name`,
    ///   `typesetting.fonts`, `typesetting.failed`.
    public static func pdf(_ document: Document) throws(RumdulError) -> TypesetDocument {
        try Press.alone { () throws(RumdulError) in try pdf(Composition(document)) }
    }

    /// Draws what is laid out. Only within `Press.alone`.
    static func pdf(_ composition: Composition) throws(RumdulError) -> TypesetDocument {
        let document = composition.document
        let surface = try PDFSurface(document)
        let page = document.page
        let drawing = PageDrawing(drawing: surface.drawing)
        for (index, marks) in composition.pages.enumerated() {
            if let watermark = composition.watermark { drawing.watermark(watermark, page: page) }
            if let frame = document.frame { drawing.frame(frame, page: page) }
            drawing.draw(marks, top: document.margins.top)
            drawing.draw(try composition.footer(page: index + 1), top: 0)
            surface.endPage()
        }
        // Fonts live until the file is written.
        let file = try withExtendedLifetime(composition) { () throws(RumdulError) in try surface.finish() }
        let bytes = try PDFCompletion.completed(file, language: document.metadata.language)
        return TypesetDocument(bytes: bytes, pageCount: composition.pages.count, slots: composition.slots)
    }

    /// How many pages a document takes.
    /// - Throws: as `pdf`.
    public static func pageCount(_ document: Document) throws(RumdulError) -> Int {
        try Press.alone { () throws(RumdulError) in try Composition(document).pages.count }
    }
}

/// A document laid out on its pages.
struct Composition {
    let document: Document
    private let shaper: Shaper
    /// The marks of each page, counted from the top of the text area.
    let pages: [Paginator.Page]
    let watermark: ShapedText?

    private static let footerHeight = 26.0

    init(_ document: Document) throws(RumdulError) {
        try DocumentCheck(document).check()
        let shaper = try Shaper()
        let margins = document.margins
        let width = document.page.width - margins.left - margins.right
        var height = document.page.height - margins.top - margins.bottom
        if document.footer != nil { height -= Self.footerHeight }
        let pieces = try Composer(shaper: shaper).pieces(document.blocks, x: margins.left, width: width)
        self.document = document
        self.shaper = shaper
        pages = try Paginator(height: height).pages(pieces)
        watermark = try document.watermark.map { (text) throws(RumdulError) in
            try shaper.shape(
                [Run("\(text.km)\n", TextStyle(.heading, 40)), Run(text.en, TextStyle(.latinBold, 30))], width: nil)
        }
    }

    /// The places that were kept, in reading order.
    var slots: [Slot] {
        var result: [Slot] = []
        for (index, page) in pages.enumerated() {
            for case .slot(let name, let kind, let x, let y, let width, let height) in page {
                result.append(
                    Slot(
                        name: name, kind: kind, page: index + 1, x: x,
                        y: document.page.height - document.margins.top - y - height, width: width, height: height))
            }
        }
        return result
    }

    /// The marks of a page's foot, counted from the top of the paper.
    func footer(page: Int) throws(RumdulError) -> [Ink] {
        guard let footer = document.footer else { return [] }
        let margins = document.margins
        let width = document.page.width - margins.left - margins.right
        let top = document.page.height - margins.bottom - Self.footerHeight
        var marks: [Ink] = [.fill(x: margins.left, y: top + 8, width: width, height: 0.4, .hairline)]
        var numberWidth = 0.0
        if footer.showsPageNumber {
            let text = try shaper.shape([Run(pageNumber(page), TextStyle(.body, 8, .grey))], width: nil)
            numberWidth = text.width + 12
            if let line = text.lines.first {
                marks.append(
                    .line(text, line, x: margins.left + width - line.width, baseline: top + Self.footerHeight - 6))
            }
        }
        guard !footer.runs.isEmpty else { return marks }
        let text = try shaper.shape(footer.runs, width: width - numberWidth)
        // What does not fit on the line is for the document's text, not for its foot.
        guard text.lines.count == 1, let line = text.lines.first else {
            throw .typesettingBlock("the footer is longer than a line")
        }
        let left = Ink.line(text, line, x: margins.left, baseline: top + Self.footerHeight - 6)
        marks.insert(left, at: 1)
        return marks
    }

    private func pageNumber(_ page: Int) -> String {
        switch document.metadata.language {
        case .km: "ទំព័រ \(KhmerDigits.toKhmer(page))/\(KhmerDigits.toKhmer(pages.count))"
        case .en: "Page \(page) of \(pages.count)"
        }
    }
}
