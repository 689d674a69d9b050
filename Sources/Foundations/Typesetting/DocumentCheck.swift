import Kernel

/// Checks a document before anything is set: sizes that can be drawn, text that is not endless, names that are unique.
struct DocumentCheck {
    private let document: Document
    private var scalars = 0
    private var blocks = 0
    private var names: Set<String> = []

    private static let depthLimit = 16
    private static let runsLimit = 2000
    private static let moduleLimit = 177
    /// The least room for text on a page, in points.
    private static let leastRoom = 120.0

    init(_ document: Document) { self.document = document }

    func check() throws(RumdulError) {
        var copy = self
        try copy.run()
    }

    private mutating func run() throws(RumdulError) {
        let margins = document.margins
        for margin in [margins.top, margins.right, margins.bottom, margins.left] {
            try inRange(margin, 0...300, "margin")
        }
        let width = document.page.width - margins.left - margins.right
        let height = document.page.height - margins.top - margins.bottom
        guard width >= Self.leastRoom, height >= Self.leastRoom else {
            throw .typesettingBlock("the margins leave no room")
        }
        try inRange(Double(document.metadata.created.seconds), -62_135_596_800...253_402_300_799, "time of creation")
        for text in [document.metadata.title, document.metadata.author ?? "", document.metadata.subject ?? ""] {
            try count(text)
        }
        if let frame = document.frame {
            try inRange(frame.inset, 0...100, "frame")
            try colour(frame.colour)
        }
        if let watermark = document.watermark {
            for text in [watermark.km, watermark.en] where text.unicodeScalars.count > 60 {
                throw .typesettingTextTooLong
            }
        }
        for run in document.footer?.runs ?? [] { try check(run) }
        for block in document.blocks { try check(block, width: width, height: height, depth: 0) }
    }

    private mutating func check(_ block: Block, width: Double, height: Double, depth: Int) throws(RumdulError) {
        blocks += 1
        guard blocks <= Typesetter.blockLimit else { throw .typesettingBlock("more blocks than allowed") }
        guard depth < Self.depthLimit else { throw .typesettingBlock("blocks in blocks without end") }
        guard width >= 24 else { throw .typesettingBlock("a column is too narrow") }
        switch block {
        case .heading(let paragraph), .paragraph(let paragraph): try check(paragraph)
        case .fields(let rows, let style): try check(rows, style)
        case .table(let table): try check(table)
        case .columns(let columns, let gap):
            try inRange(gap, 0...200, "gap")
            guard (1...6).contains(columns.count) else { throw .typesettingBlock("number of columns") }
            let total = try weights(columns.map(\.weight))
            let room = width - gap * Double(columns.count - 1)
            for column in columns {
                for inner in column.blocks {
                    try check(inner, width: room * column.weight / total, height: height, depth: depth + 1)
                }
            }
        case .qr(let code):
            try inRange(code.size, 16...min(width, height), "QR code")
            guard (1...Self.moduleLimit).contains(code.modules.count),
                code.modules.allSatisfy({ $0.count == code.modules.count })
            else { throw .typesettingBlock("a QR code is no square") }
            if let name = code.name { try self.name(name) }
        case .slot(let slot):
            try inRange(slot.width, 1...width, "slot")
            try inRange(slot.height, 1...height, "slot")
            if let outline = slot.outline { try colour(outline) }
            try name(slot.name)
        case .rule(let thickness, let colour):
            try inRange(thickness, 0.1...20, "rule")
            try self.colour(colour)
        case .ornament(let width, let colour):
            try inRange(width, 10...600, "ornament")
            try self.colour(colour)
        case .spacer(let space), .fill(let space): try inRange(space, 0...2000, "space")
        case .together(let inner):
            for block in inner { try check(block, width: width, height: height, depth: depth + 1) }
        }
    }

    private mutating func check(_ rows: [FieldRow], _ style: FieldStyle) throws(RumdulError) {
        try inRange(style.size, 6...36, "field size")
        try inRange(style.gap, 0...100, "field gap")
        try inRange(style.leading, 0.5...4, "leading")
        switch style.arrangement {
        case .above: break
        case .beside(let share), .besideInline(let share): try inRange(share, 0.15...0.85, "label width")
        }
        for row in rows {
            blocks += 1
            for text in [row.labelKm, row.labelEn ?? "", row.value, row.valueLatin ?? ""] { try count(text) }
        }
        guard blocks <= Typesetter.blockLimit else { throw .typesettingBlock("more blocks than allowed") }
    }

    private mutating func check(_ table: Table) throws(RumdulError) {
        guard (1...6).contains(table.weights.count) else { throw .typesettingBlock("number of columns") }
        _ = try weights(table.weights)
        try colour(table.colour)
        for row in (table.head.map { [$0] } ?? []) + table.rows {
            blocks += 1
            guard row.count == table.weights.count else { throw .typesettingBlock("a table's rows are unequal") }
            for cell in row { try check(cell) }
        }
        guard blocks <= Typesetter.blockLimit else { throw .typesettingBlock("more blocks than allowed") }
    }

    private mutating func check(_ paragraph: Paragraph) throws(RumdulError) {
        try inRange(paragraph.leading, 0.5...4, "leading")
        try inRange(paragraph.spaceAfter, 0...2000, "space")
        guard paragraph.runs.count <= Self.runsLimit else { throw .typesettingBlock("more runs than allowed") }
        for run in paragraph.runs { try check(run) }
    }

    private mutating func check(_ run: Run) throws(RumdulError) {
        try inRange(run.style.size, Typesetter.sizes, "font size")
        try colour(run.style.colour)
        try count(run.text)
    }

    private mutating func count(_ text: String) throws(RumdulError) {
        let length = text.unicodeScalars.count
        scalars += length
        guard length <= Typesetter.runLimit, scalars <= Typesetter.textLimit else { throw .typesettingTextTooLong }
    }

    private mutating func name(_ name: String) throws(RumdulError) {
        guard !name.isEmpty, names.insert(name).inserted else { throw .typesettingSlotName }
    }

    private func weights(_ weights: [Double]) throws(RumdulError) -> Double {
        for weight in weights { try inRange(weight, 0.01...100, "share of the width") }
        return weights.reduce(0, +)
    }

    private func colour(_ colour: Colour) throws(RumdulError) {
        for part in [colour.red, colour.green, colour.blue] { try inRange(part, 0...1, "colour") }
    }

    private func inRange(_ value: Double, _ range: ClosedRange<Double>, _ what: String) throws(RumdulError) {
        guard value.isFinite, range.contains(value) else { throw .typesettingBlock("\(what): \(value)") }
    }
}
