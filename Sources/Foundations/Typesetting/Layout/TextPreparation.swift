import CICU

/// Makes text ready for pango: without characters that steer instead of say something, and with the places where a Khmer
/// line may end.
///
/// pango breaks lines by Unicode's rules, which know no words in Khmer; ICU has a dictionary. Each place that it finds gets
/// a ZERO WIDTH SPACE, which is not drawn and does not come back from the file.
final class TextPreparation {
    private let breaker: UnsafeMutableRawPointer?

    init() { breaker = cicu_line_breaker("km") }

    deinit { if let breaker { cicu_close(breaker) } }

    /// A Khmer word longer than this may be parted between its syllables.
    private static let longWord = 30

    /// The text as pango gets it, in UTF-8.
    func prepared(_ text: String) -> [UInt8] {
        let cleaned = Self.cleaned(text)
        guard cleaned.contains(where: Self.isKhmer) else { return Self.utf8(cleaned) }
        var units: [UInt16] = []
        units.reserveCapacity(cleaned.count)
        for scalar in cleaned { units.append(contentsOf: UTF16.encode(scalar).map(Array.init) ?? []) }
        let breaks = lineBreaks(units)
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(cleaned.count + breaks.count)
        var offset = 0
        var next = 0
        var wordStart = 0
        for (index, scalar) in cleaned.enumerated() {
            while next < breaks.count, breaks[next] < offset { next += 1 }
            let atBreak = next < breaks.count && breaks[next] == offset
            if atBreak || !Self.isKhmer(scalar) { wordStart = index }
            if index > 0, Self.mayPart(cleaned[index - 1], scalar), atBreak || index - wordStart >= Self.longWord {
                result.append("\u{200B}")
                wordStart = index
            }
            result.append(scalar)
            offset += scalar.value > 0xFFFF ? 2 : 1
        }
        return Self.utf8(result)
    }

    private func lineBreaks(_ units: [UInt16]) -> [Int] {
        guard let breaker else { return [] }
        var offsets = [Int32](repeating: 0, count: units.count + 1)
        let count = cicu_line_breaks(breaker, units, Int32(units.count), &offsets, Int32(offsets.count))
        return offsets.prefix(Int(max(0, count))).map(Int.init)
    }

    /// Whether a line may end between two Khmer letters: never inside a syllable, never before closing signs.
    private static func mayPart(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        guard isKhmer(left), left.value != 0x17D2 else { return false }
        return (0x1780...0x17B3).contains(right.value)
    }

    private static func isKhmer(_ scalar: Unicode.Scalar) -> Bool { (0x1780...0x17FF).contains(scalar.value) }

    private static func utf8(_ scalars: [Unicode.Scalar]) -> [UInt8] {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return Array(String(view).utf8)
    }

    /// Line ends become line feeds, tabs spaces; other control characters, marks that turn the direction of writing, soft
    /// hyphens and byte order marks go.
    static func cleaned(_ text: String) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var afterReturn = false
        for scalar in text.unicodeScalars {
            let wasReturn = afterReturn
            afterReturn = scalar == "\r"
            switch scalar.value {
            case 0x0A: if !wasReturn { result.append("\n") }
            case 0x0B...0x0D, 0x85, 0x2028, 0x2029: result.append("\n")
            case 0x09: result.append(" ")
            case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFEFF,
                0xFFF9...0xFFFC, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
                continue
            // Noncharacters, which cairo refuses.
            case 0xFDD0...0xFDEF: result.append("\u{FFFD}")
            case let value where value & 0xFFFE == 0xFFFE: result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return result
    }
}
