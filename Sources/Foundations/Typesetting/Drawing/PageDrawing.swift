import CPango
import Kernel

/// Draws marks on a page.
struct PageDrawing {
    let drawing: OpaquePointer

    /// Draws marks whose places are counted from a height on the paper.
    func draw(_ marks: [Ink], top: Double) {
        for mark in marks { draw(mark.moved(down: top)) }
    }

    private func draw(_ mark: Ink) {
        switch mark {
        case .line(let text, let line, let x, let baseline): draw(text, line, x: x, baseline: baseline)
        case .fill(let x, let y, let width, let height, let colour):
            use(colour)
            cairo_rectangle(drawing, x, y, width, height)
            cairo_fill(drawing)
        case .outline(let x, let y, let width, let height, let colour):
            use(colour)
            cairo_set_line_width(drawing, 0.5)
            cairo_rectangle(drawing, x + 0.25, y + 0.25, width - 0.5, height - 0.5)
            cairo_stroke(drawing)
        case .modules(let modules, let x, let y, let size): draw(modules, x: x, y: y, size: size)
        case .ornament(let centre, let y, let width, let colour): ornament(centre, y, width, colour)
        case .slot: break
        }
    }

    private func use(_ colour: Colour) { cairo_set_source_rgb(drawing, colour.red, colour.green, colour.blue) }

    // MARK: text

    private func draw(_ text: ShapedText, _ line: ShapedText.Line, x: Double, baseline: Double) {
        var pen = x
        for item in text.items(of: line) {
            let units = TextUnits(item: item, bytes: text.text, x: pen, baseline: baseline)
            if let glyphs = item.glyphs { pen += Double(pango_glyph_string_get_width(glyphs)) / Double(PANGO_SCALE) }
            guard !units.glyphs.isEmpty, let pangoItem = item.item,
                let font = pangoItem.pointee.analysis.font, let scaled = cpango_scaled_font(font)
            else { continue }
            use(text.colour(at: Int(pangoItem.pointee.offset)))
            cairo_set_scaled_font(drawing, scaled)
            units.text.withUnsafeBytes { bytes in
                cairo_show_text_glyphs(
                    drawing, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), units.glyphs,
                    Int32(units.glyphs.count), units.clusters, Int32(units.clusters.count),
                    cairo_text_cluster_flags_t(rawValue: 0))
            }
        }
    }

    /// A word across the page, as outlines: it is seen, and stays out of the text that comes back from the page. The
    /// document's keywords say it too.
    func watermark(_ text: ShapedText, page: PageSize) {
        let tall = text.lines.map { $0.ascent + $0.descent }.reduce(0, +)
        cairo_save(drawing)
        defer { cairo_restore(drawing) }
        cairo_translate(drawing, page.width / 2, page.height / 2)
        cairo_rotate(drawing, -0.86)
        let scale = min(page.height * 0.72 / max(text.width, 1), page.width * 0.4 / max(tall, 1))
        cairo_scale(drawing, scale, scale)
        use(.faint)
        var top = -tall / 2
        for line in text.lines {
            cairo_move_to(drawing, -line.width / 2, top + line.ascent)
            pango_cairo_layout_line_path(drawing, line.line)
            top += line.ascent + line.descent
        }
        cairo_fill(drawing)
    }

    // MARK: shapes

    private func draw(_ modules: [[Bool]], x: Double, y: Double, size: Double) {
        use(.white)
        cairo_rectangle(drawing, x, y, size, size)
        cairo_fill(drawing)
        use(.black)
        let module = size / Double(modules.count + 8)
        for (row, cells) in modules.enumerated() {
            var column = 0
            while column < cells.count {
                guard cells[column] else {
                    column += 1
                    continue
                }
                let start = column
                while column < cells.count, cells[column] { column += 1 }
                cairo_rectangle(
                    drawing, x + Double(start + 4) * module, y + Double(row + 4) * module,
                    Double(column - start) * module, module)
            }
        }
        cairo_fill(drawing)
    }

    /// Two tapering lines with a flower of four petals between lozenges.
    private func ornament(_ centre: Double, _ y: Double, _ width: Double, _ colour: Colour) {
        use(colour)
        let half = width / 2
        for side in [-1.0, 1.0] {
            cairo_move_to(drawing, centre + side * half, y)
            cairo_line_to(drawing, centre + side * half * 0.22, y - 0.8)
            cairo_line_to(drawing, centre + side * half * 0.22, y + 0.8)
            cairo_close_path(drawing)
            lozenge(centre + side * half * 0.14, y, 2.0)
        }
        flower(centre, y, 4.4)
        cairo_fill(drawing)
    }

    private func lozenge(_ x: Double, _ y: Double, _ radius: Double) {
        cairo_move_to(drawing, x - radius, y)
        cairo_line_to(drawing, x, y - radius)
        cairo_line_to(drawing, x + radius, y)
        cairo_line_to(drawing, x, y + radius)
        cairo_close_path(drawing)
    }

    /// The rumdul's blossom as a mark: three thick petals would be botany, four fit a line.
    private func flower(_ x: Double, _ y: Double, _ radius: Double) {
        for (dx, dy) in [(1.0, 0.0), (0, 1), (-1, 0), (0, -1)] {
            let tip = (x + dx * radius, y + dy * radius)
            let bend = radius * 0.42
            cairo_move_to(drawing, x, y)
            cairo_curve_to(
                drawing, x + dx * bend - dy * bend, y + dy * bend + dx * bend, tip.0 - dy * bend * 0.5,
                tip.1 + dx * bend * 0.5, tip.0, tip.1)
            cairo_curve_to(
                drawing, tip.0 + dy * bend * 0.5, tip.1 - dx * bend * 0.5, x + dx * bend + dy * bend,
                y + dy * bend - dx * bend, x, y)
            cairo_close_path(drawing)
        }
    }

    /// A double line around the page whose corners step in, as on the certificates of the state.
    func frame(_ frame: Frame, page: PageSize) {
        use(frame.colour)
        border(inset: frame.inset, step: 0, thickness: 1.6, page: page)
        border(inset: frame.inset + 4.5, step: 12, thickness: 0.6, page: page)
        let corner = frame.inset + 9.2
        for (x, y) in [
            (corner, corner), (page.width - corner, corner), (corner, page.height - corner),
            (page.width - corner, page.height - corner),
        ] { flower(x, y, 4.2) }
        cairo_fill(drawing)
    }

    private func border(inset: Double, step: Double, thickness: Double, page: PageSize) {
        let (left, top) = (inset, inset)
        let (right, bottom) = (page.width - inset, page.height - inset)
        cairo_set_line_width(drawing, thickness)
        let corners = [
            (left, top + step), (left + step, top + step), (left + step, top), (right - step, top),
            (right - step, top + step), (right, top + step), (right, bottom - step), (right - step, bottom - step),
            (right - step, bottom), (left + step, bottom), (left + step, bottom - step), (left, bottom - step),
        ]
        cairo_move_to(drawing, corners[0].0, corners[0].1)
        for corner in corners.dropFirst() { cairo_line_to(drawing, corner.0, corner.1) }
        cairo_close_path(drawing)
        cairo_stroke(drawing)
    }
}
