import CPango
import Kernel
import Synchronization

/// A font map of pango's with what it has found and loaded. Used by one call at a time.
final class FontMap: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<PangoFontMap>
    fileprivate var uses = 0

    fileprivate init() throws(RumdulError) {
        let families = Set(Face.allCases.flatMap { FaceFonts.of($0).families })
        if let missing = families.sorted().first(where: { cpango_has_family($0) == 0 }) {
            throw .typesettingFonts("no font of the family \(missing)")
        }
        guard let pointer = cpango_font_map_new() else { throw .typesettingFailed("no font map") }
        self.pointer = pointer
    }

    deinit { cpango_unref(pointer) }
}

/// The font map that waits for the next document. To find the fonts of a face among all that are installed costs more than to
/// set a page, so a map serves many documents, one after the other (`Press`).
enum FontMaps {
    private static let idle = Mutex<FontMap?>(nil)
    /// A map keeps what it found for every size that it met, so it does not serve for ever.
    private static let useLimit = 500

    /// A map for one call.
    /// - Throws: `typesetting.fonts`, `typesetting.failed`.
    static func borrow() throws(RumdulError) -> FontLoan {
        if let map = idle.withLock({ $0.take() }) { return FontLoan(map) }
        return FontLoan(try FontMap())
    }

    fileprivate static func giveBack(_ map: FontMap) {
        map.uses += 1
        guard map.uses < useLimit else { return }
        idle.withLock { $0 = map }
    }
}

/// The use of a font map. Whatever was made from the map holds the loan, so that the map goes back only when all of it is gone.
final class FontLoan {
    let map: FontMap

    fileprivate init(_ map: FontMap) { self.map = map }

    deinit { FontMaps.giveBack(map) }
}
