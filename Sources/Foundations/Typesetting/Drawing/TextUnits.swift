import CPango

/// The pieces of a stretch of text that come back from the file as wholes.
///
/// A Khmer syllable is drawn in another order than it is written, with marks that stand over, under and before their letter.
/// Readers that put glyphs together again by place give the syllable back in the wrong order. So the glyphs of a whole
/// phrase, up to and with its spaces, are shown as one cluster: cairo then writes the phrase beside them as `ActualText`
/// (ISO 32000, 14.9.4), and readers take that. Scripts of simple glyphs keep one cluster for each.
struct TextUnits {
    /// The text of the units, one after the other, in UTF-8.
    private(set) var text: [UInt8] = []
    private(set) var glyphs: [cairo_glyph_t] = []
    private(set) var clusters: [cairo_text_cluster_t] = []

    private static let emptyGlyph: UInt32 = 0x0FFF_FFFF
    private static let unknownFlag: UInt32 = 0x1000_0000

    /// The units of a stretch.
    /// - Parameters:
    ///   - bytes: the text of the whole layout.
    ///   - x: where the stretch begins.
    init(item: PangoGlyphItem, bytes: [UInt8], x: Double, baseline: Double) {
        guard let pangoItem = item.item, let string = item.glyphs, let font = pangoItem.pointee.analysis.font,
            let infos = string.pointee.glyphs, let clusterStarts = string.pointee.log_clusters
        else { return }
        let start = Int(pangoItem.pointee.offset)
        let end = min(bytes.count, start + Int(pangoItem.pointee.length))
        let count = Int(string.pointee.num_glyphs)
        guard start < end, count > 0 else { return }
        let starts = (0..<count).map { Int(clusterStarts[$0]) }
        let isReversed = pangoItem.pointee.analysis.level & 1 == 1
        let unitStarts = Self.unitStarts(bytes[start..<end], clusterStarts: starts, isReversed: isReversed)

        let scale = Double(PANGO_SCALE)
        var pen = x
        var index = 0
        for (unit, unitStart) in unitStarts.enumerated() {
            let unitEnd = unit + 1 < unitStarts.count ? unitStarts[unit + 1] : end - start
            let from = pen
            var own: [cairo_glyph_t] = []
            while index < count, isReversed || starts[index] < unitEnd {
                let info = infos[index]
                if info.glyph != Self.emptyGlyph {
                    own.append(
                        cairo_glyph_t(
                            index: info.glyph & Self.unknownFlag != 0 ? 0 : UInt(info.glyph),
                            x: pen + Double(info.geometry.x_offset) / scale,
                            y: baseline + Double(info.geometry.y_offset) / scale))
                }
                pen += Double(info.geometry.width) / scale
                index += 1
            }
            let content = Self.withoutZeroWidthSpaces(bytes[(start + unitStart)..<(start + unitEnd)])
            append(own, content, from: from, to: pen, baseline: baseline, font: font)
        }
    }

    private mutating func append(
        _ own: [cairo_glyph_t], _ content: [UInt8], from: Double, to end: Double, baseline: Double,
        font: UnsafeMutablePointer<PangoFont>
    ) {
        guard !content.isEmpty, !own.isEmpty else { return }
        var own = own
        if own.count > 1 {
            // Readers take the first glyph's origin and the last one's end for the edges of the whole.
            Self.moveFirst(&own, nearest: from, baseline: baseline)
            if content.last != 0x20 { Self.close(&own, at: end, baseline: baseline, font: font) }
        }
        glyphs += own
        text += content
        clusters.append(cairo_text_cluster_t(num_bytes: Int32(content.count), num_glyphs: Int32(own.count)))
    }

    private static func moveFirst(_ own: inout [cairo_glyph_t], nearest from: Double, baseline: Double) {
        func distance(_ glyph: cairo_glyph_t) -> Double { abs(glyph.x - from) + abs(glyph.y - baseline) }
        guard let best = own.indices.min(by: { distance(own[$0]) < distance(own[$1]) }), best != 0 else { return }
        own.insert(own.remove(at: best), at: 0)
    }

    /// Ends a unit with the blank glyph of the space, laid so that it ends where the unit does.
    private static func close(
        _ own: inout [cairo_glyph_t], at end: Double, baseline: Double, font: UnsafeMutablePointer<PangoFont>
    ) {
        let space = cpango_space_glyph(font)
        guard space != 0, let scaled = cpango_scaled_font(font) else { return }
        var glyph = cairo_glyph_t(index: UInt(space), x: 0, y: 0)
        var extents = cairo_text_extents_t()
        cairo_scaled_font_glyph_extents(scaled, &glyph, 1, &extents)
        own.append(cairo_glyph_t(index: UInt(space), x: end - extents.x_advance, y: baseline))
    }

    /// The bytes, counted from the start of the stretch, at which units begin; first 0, ascending.
    private static func unitStarts(_ bytes: ArraySlice<UInt8>, clusterStarts: [Int], isReversed: Bool) -> [Int] {
        guard !isReversed else { return [0] }
        let allowed = Set(clusterStarts)
        let isKhmer = zip(bytes, bytes.dropFirst()).contains { $0 == 0xE1 && ($1 == 0x9E || $1 == 0x9F || $1 == 0xA7) }
        guard isKhmer else { return allowed.sorted() }
        var starts = [0]
        var previous: UInt8 = 0
        for (offset, byte) in bytes.enumerated() {
            if previous == 0x20, byte != 0x20, allowed.contains(offset) { starts.append(offset) }
            previous = byte
        }
        return starts
    }

    private static func withoutZeroWidthSpaces(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard bytes.contains(0x8B) else { return Array(bytes) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index...].starts(with: [0xE2, 0x80, 0x8B]) {
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
