import CPango
import Kernel

/// Turns runs into shaped lines. One shaper serves one document on one thread: pango's font maps are not for two threads at
/// once, so each document takes one for itself.
final class Shaper {
    private let loan: FontLoan
    private let context: OpaquePointer
    private let preparation = TextPreparation()
    private var descriptions: [Key: OpaquePointer] = [:]

    private struct Key: Hashable {
        let face: Face
        let size: Double
    }

    init() throws(RumdulError) {
        let loan = try FontMaps.borrow()
        guard let context = pango_font_map_create_context(loan.map.pointer) else {
            throw .typesettingFailed("no pango context")
        }
        self.loan = loan
        self.context = context
        // Positions as the fonts say, not as a screen would round them.
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
        pango_context_set_round_glyph_positions(context, 0)
        pango_context_set_language(context, pango_language_from_string("km"))
        pango_context_set_base_dir(context, PANGO_DIRECTION_LTR)
    }

    deinit {
        for description in descriptions.values { pango_font_description_free(description) }
        cpango_unref(UnsafeMutableRawPointer(context))
    }

    /// Shapes runs into lines of a width; `nil` for as wide as they are.
    func shape(_ runs: [Run], width: Double?, leading: Double = 1) throws(RumdulError) -> ShapedText {
        guard let attributes = pango_attr_list_new() else { throw .typesettingFailed("no pango attributes") }
        defer { pango_attr_list_unref(attributes) }
        var text: [UInt8] = []
        var colours: [(end: Int, colour: Colour)] = []
        var ascent = 0.0
        var descent = 0.0
        for run in runs {
            let start = UInt32(text.count)
            text += preparation.prepared(run.text)
            let end = UInt32(text.count)
            let style = run.style
            cpango_set_font(attributes, try description(style.face, style.size), start, end)
            let colour = style.colour
            cpango_set_colour(
                attributes, Self.part(colour.red), Self.part(colour.green), Self.part(colour.blue), start, end)
            colours.append((Int(end), colour))
            let fonts = FaceFonts.of(style.face)
            ascent = max(ascent, fonts.ascent * style.size * leading)
            descent = max(descent, fonts.descent * style.size * leading)
        }
        guard let layout = pango_layout_new(context) else { throw .typesettingFailed("no pango layout") }
        text.withUnsafeBytes { bytes in
            pango_layout_set_text(layout, bytes.bindMemory(to: CChar.self).baseAddress ?? nil, Int32(bytes.count))
        }
        pango_layout_set_attributes(layout, attributes)
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_set_auto_dir(layout, 0)
        if let width { pango_layout_set_width(layout, Int32(max(width, 4) * Double(PANGO_SCALE))) }
        return ShapedText(loan: loan, layout: layout, text: text, colours: colours, ascent: ascent, descent: descent)
    }

    private static func part(_ value: Double) -> UInt16 { UInt16(min(max(value, 0), 1) * 65535) }

    private func description(_ face: Face, _ size: Double) throws(RumdulError) -> OpaquePointer {
        let key = Key(face: face, size: size)
        if let known = descriptions[key] { return known }
        let fonts = FaceFonts.of(face)
        guard let description = pango_font_description_new() else { throw .typesettingFailed("no font description") }
        pango_font_description_set_family(description, fonts.families.joined(separator: ","))
        pango_font_description_set_weight(description, fonts.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_font_description_set_absolute_size(description, size * Double(PANGO_SCALE))
        descriptions[key] = description
        return description
    }
}

/// Shaped text with its lines. Keeps pango's layout alive as long as a line is used.
final class ShapedText {
    private let loan: FontLoan
    private let layout: OpaquePointer
    /// What pango laid out, in UTF-8.
    let text: [UInt8]
    private let colours: [(end: Int, colour: Colour)]
    let lines: [Line]

    /// One line: how wide it is and what it needs above and below its baseline. Valid as long as its text lives.
    struct Line {
        let line: UnsafeMutablePointer<PangoLayoutLine>
        let width: Double
        let ascent: Double
        let descent: Double
    }

    init(
        loan: FontLoan, layout: OpaquePointer, text: [UInt8], colours: [(end: Int, colour: Colour)], ascent: Double,
        descent: Double
    ) {
        self.loan = loan
        self.layout = layout
        self.text = text
        self.colours = colours
        let scale = Double(PANGO_SCALE)
        var lines: [Line] = []
        var node = pango_layout_get_lines_readonly(layout)
        while let current = node {
            node = current.pointee.next
            guard let data = current.pointee.data else { continue }
            let line = data.assumingMemoryBound(to: PangoLayoutLine.self)
            var ink = PangoRectangle()
            var logical = PangoRectangle()
            pango_layout_line_get_extents(line, &ink, &logical)
            lines.append(
                Line(
                    line: line, width: Double(logical.width) / scale,
                    ascent: Self.room(ascent, Double(-ink.y) / scale),
                    descent: Self.room(descent, Double(ink.y + ink.height) / scale)))
        }
        self.lines = lines
    }

    deinit { cpango_unref(UnsafeMutableRawPointer(layout)) }

    /// What a line needs on one side of its baseline: more than usual for tall ink, but no tower of marks fills pages.
    private static func room(_ usual: Double, _ ink: Double) -> Double { max(usual, min(ink, usual * 4)) }

    /// The width of the widest line.
    var width: Double { lines.map(\.width).max() ?? 0 }

    /// The stretches of one font of a line, from left to right.
    func items(of line: Line) -> [PangoGlyphItem] {
        var result: [PangoGlyphItem] = []
        var node = line.line.pointee.runs
        while let current = node {
            if let data = current.pointee.data {
                result.append(data.assumingMemoryBound(to: PangoGlyphItem.self).pointee)
            }
            node = current.pointee.next
        }
        return result
    }

    /// The colour of the text at a byte.
    func colour(at offset: Int) -> Colour { colours.first { offset < $0.end }?.colour ?? .black }

    /// The lines as outlines on the path of a drawing, from the current point.
    func addPath(to drawing: OpaquePointer) { pango_cairo_layout_path(drawing, layout) }
}
