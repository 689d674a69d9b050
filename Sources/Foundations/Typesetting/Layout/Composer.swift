import Kernel

/// Turns blocks into pieces for the pages.
struct Composer {
    let shaper: Shaper

    /// The pieces of blocks between two edges.
    func pieces(_ blocks: [Block], x: Double, width: Double) throws(RumdulError) -> [Piece] {
        var result: [Piece] = []
        for block in blocks { result += try pieces(block, x: x, width: width) }
        return result
    }

    private func pieces(_ block: Block, x: Double, width: Double) throws(RumdulError) -> [Piece] {
        switch block {
        case .paragraph(let paragraph): return try lines(paragraph, x: x, width: width)
        case .heading(let paragraph):
            return try lines(paragraph, x: x, width: width).map { piece in
                var piece = piece
                piece.staysWithNext = true
                return piece
            }
        case .fields(let rows, let style): return try fields(rows, style, x: x, width: width)
        case .table(let table): return try self.table(table, x: x, width: width)
        case .columns(let columns, let gap): return [try self.columns(columns, gap: gap, x: x, width: width)]
        case .qr(let code): return [qr(code, x: x, width: width)]
        case .slot(let slot): return [self.slot(slot, x: x, width: width)]
        case .rule(let thickness, let colour):
            return [
                Piece(
                    height: thickness,
                    ink: [.fill(x: x, y: 0, width: width, height: thickness, colour)])
            ]
        case .ornament(let ornament, let colour):
            return [
                Piece(
                    height: 10, ink: [.ornament(centre: x + width / 2, y: 5, width: min(ornament, width), colour)])
            ]
        case .spacer(let height): return [.space(height)]
        case .fill(let most): return [Piece(kind: .fill, height: most)]
        case .together(let blocks):
            let inner = try pieces(blocks, x: x, width: width)
            return inner.isEmpty ? [] : [.stack(inner)]
        }
    }

    // MARK: text

    private func lines(_ paragraph: Paragraph, x: Double, width: Double) throws(RumdulError) -> [Piece] {
        let text = try shaper.shape(paragraph.runs, width: width, leading: paragraph.leading)
        var pieces: [Piece] = []
        for line in text.lines {
            let room = width - line.width
            let shift =
                switch paragraph.alignment {
                case .left: 0.0
                case .centre: room / 2
                case .right: room
                }
            pieces.append(
                Piece(
                    height: line.ascent + line.descent,
                    ink: [.line(text, line, x: x + shift, baseline: line.ascent)], baseline: line.ascent))
        }
        // No line of a longer paragraph stands alone on a page.
        if pieces.count > 3 {
            pieces[0].staysWithNext = true
            pieces[pieces.count - 2].staysWithNext = true
        }
        if paragraph.spaceAfter > 0 { pieces.append(.space(paragraph.spaceAfter)) }
        return pieces
    }

    // MARK: fields

    private func fields(_ rows: [FieldRow], _ style: FieldStyle, x: Double, width: Double) throws(RumdulError)
        -> [Piece]
    {
        var result: [Piece] = []
        for (index, row) in rows.enumerated() {
            if index > 0 {
                result.append(
                    style.ruled
                        ? Piece(
                            height: style.gap,
                            ink: [.fill(x: x, y: style.gap / 2, width: width, height: 0.35, .hairline)])
                        : .space(style.gap))
            }
            result.append(try field(row, style, x: x, width: width))
        }
        return result
    }

    private func field(_ row: FieldRow, _ style: FieldStyle, x: Double, width: Double) throws(RumdulError) -> Piece {
        let label = Run(row.labelKm, TextStyle(.body, style.size, .grey))
        let labelEnglish = row.labelEn.map { Run($0, TextStyle(.body, style.size * 0.76, .grey)) }
        let value = Run(row.value, TextStyle(.body, style.size * 1.1))
        let latin = row.valueLatin.map { Run($0, TextStyle(.body, style.size * 0.95)) }
        func joined(_ first: Run, _ second: Run?) -> [Paragraph] {
            guard let second else { return [Paragraph([first], leading: style.leading)] }
            return [Paragraph([first, Run("  ", second.style), second], leading: style.leading)]
        }
        func stacked(_ first: Run, _ second: Run?) -> [Paragraph] {
            let below = second.map { Paragraph([$0], leading: 0.82 * style.leading) }
            return [Paragraph([first], leading: style.leading)] + (below.map { [$0] } ?? [])
        }
        func fitting(_ first: Run, _ second: Run?, x: Double, width: Double) throws(RumdulError) -> [Piece] {
            let inline = try all(joined(first, second), x: x, width: width)
            return inline.count <= 1 ? inline : try all(stacked(first, second), x: x, width: width)
        }
        let gap = 10.0
        switch style.arrangement {
        case .above:
            return .stack(
                try fitting(label, labelEnglish, x: x, width: width) + fitting(value, latin, x: x, width: width))
        case .beside(let share):
            let part = width * share
            let left = try all(stacked(label, labelEnglish), x: x, width: part - gap)
            let right = try all(stacked(value, latin), x: x + part, width: width - part)
            return .row([.stack(left), .stack(right)], onBaseline: true)
        case .besideInline(let share):
            let part = width * share
            let left = try fitting(label, labelEnglish, x: x, width: part - gap)
            let right = try fitting(value, latin, x: x + part, width: width - part)
            return .row([.stack(left), .stack(right)], onBaseline: true)
        }
    }

    private func all(_ paragraphs: [Paragraph], x: Double, width: Double) throws(RumdulError) -> [Piece] {
        var result: [Piece] = []
        for paragraph in paragraphs { result += try lines(paragraph, x: x, width: width) }
        return result
    }

    // MARK: tables and columns

    private func table(_ table: Table, x: Double, width: Double) throws(RumdulError) -> [Piece] {
        func rule(_ thickness: Double) -> Piece {
            Piece(height: thickness, ink: [.fill(x: x, y: 0, width: width, height: thickness, table.colour)])
        }
        var result = [rule(0.9)]
        result[0].staysWithNext = true
        if let head = table.head {
            var piece = try row(head, table.weights, x: x, width: width)
            piece.staysWithNext = true
            var below = rule(0.9)
            below.staysWithNext = true
            result += [piece, below]
        }
        for (index, cells) in table.rows.enumerated() {
            var piece = try row(cells, table.weights, x: x, width: width)
            piece.staysWithNext = true
            result += [piece, rule(index == table.rows.count - 1 ? 0.9 : 0.4)]
        }
        return result
    }

    private func row(_ cells: [Paragraph], _ weights: [Double], x: Double, width: Double) throws(RumdulError)
        -> Piece
    {
        let total = weights.reduce(0, +)
        var left = x
        var columns: [Piece] = []
        for (cell, weight) in zip(cells, weights) {
            let share = width * weight / total
            let padding = min(5, share / 8)
            columns.append(.stack(try lines(cell, x: left + padding, width: share - 2 * padding)))
            left += share
        }
        let content = Piece.row(columns, onBaseline: true)
        return .stack([.space(2), content, .space(2)])
    }

    private func columns(_ columns: [Column], gap: Double, x: Double, width: Double) throws(RumdulError) -> Piece {
        let total = columns.map(\.weight).reduce(0, +)
        let room = width - gap * Double(columns.count - 1)
        var left = x
        var result: [Piece] = []
        for column in columns {
            let share = room * column.weight / total
            result.append(.stack(try pieces(column.blocks, x: left, width: share)))
            left += share + gap
        }
        return .row(result)
    }

    // MARK: places

    private func start(_ alignment: Alignment, of size: Double, x: Double, width: Double) -> Double {
        switch alignment {
        case .left: x
        case .centre: x + (width - size) / 2
        case .right: x + width - size
        }
    }

    private func qr(_ code: QRBlock, x: Double, width: Double) -> Piece {
        let left = start(code.alignment, of: code.size, x: x, width: width)
        var ink = [Ink.modules(code.modules, x: left, y: 0, size: code.size)]
        if let name = code.name {
            ink.append(.slot(name: name, .qr, x: left, y: 0, width: code.size, height: code.size))
        }
        return Piece(height: code.size, ink: ink)
    }

    private func slot(_ slot: SlotBlock, x: Double, width: Double) -> Piece {
        let left = start(slot.alignment, of: slot.width, x: x, width: width)
        var ink = [Ink.slot(name: slot.name, slot.kind, x: left, y: 0, width: slot.width, height: slot.height)]
        if let outline = slot.outline {
            ink.append(.outline(x: left, y: 0, width: slot.width, height: slot.height, outline))
        }
        return Piece(height: slot.height, ink: ink)
    }
}
