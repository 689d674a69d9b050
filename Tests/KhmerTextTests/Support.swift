import Foundation

/// A seeded generator (SplitMix64), so that a failing case can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Texts to throw at every function.
enum RandomText {
    /// Scalars that the rules name, weighted so that whole and broken syllables both occur.
    private static let interesting: [Unicode.Scalar] = {
        var scalars: [Unicode.Scalar] = []
        scalars += (UInt32(0x1780)...0x17DD).compactMap { Unicode.Scalar($0) }
        scalars += Array(
            "កខដតរបស\u{17D2}\u{17D2}\u{17D2}\u{17D2}\u{17C1}\u{17B6}\u{17B8}\u{17BE}\u{17BB}\u{17BB}".unicodeScalars)
        scalars += Array(
            "\u{17C9}\u{17CA}\u{200C}\u{200C}\u{200B}\u{200D}\u{A0}\u{AD}\u{FEFF} \n\u{2028}".unicodeScalars)
        scalars += Array("aZéE\u{301}\u{323}\u{344}İKÅßǆ១2३\u{1100}\u{1161}\u{11A8}\u{202E}👩🇰🇭ﷺ\u{0}".unicodeScalars)
        return scalars
    }()

    /// Any scalars at all, or interesting ones.
    static func any(_ generator: inout SeededGenerator, maxLength: Int = 24) -> String {
        var view = String.UnicodeScalarView()
        let wild = Int.random(in: 0..<8, using: &generator) == 0
        for _ in 0..<Int.random(in: 0...maxLength, using: &generator) {
            if wild {
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator)) {
                    view.append(scalar)
                }
            } else if let scalar = interesting.randomElement(using: &generator) {
                view.append(scalar)
            }
        }
        return String(view)
    }

    /// Well-formed Khmer syllables in canonical order.
    static func khmer(_ generator: inout SeededGenerator, syllables: Int) -> String {
        var view = String.UnicodeScalarView()
        func add(_ range: ClosedRange<UInt32>) {
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) { view.append(scalar) }
        }
        func one(in n: Int) -> Bool { Int.random(in: 0..<n, using: &generator) == 0 }
        for _ in 0..<syllables {
            if one(in: 10) {
                add(0x17A5...0x17B1)
                continue
            }
            add(0x1780...0x17A2)
            if one(in: 3) {
                view.append("\u{17D2}")
                add(0x1780...0x1799)
            }
            if one(in: 8) { add(0x17C9...0x17CA) }
            if !one(in: 3) { add(0x17B6...0x17C5) }
            if one(in: 8) { view.append("\u{17C6}") } else if one(in: 8) { add(0x17C7...0x17C8) }
        }
        return String(view)
    }
}

/// The reference data beside the package, when it is there.
enum SharedData {
    static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("shared/data/\(name)").path
    }

    /// Whether the file is there; prints a note when it is not, since the tests that need it are skipped.
    static func has(_ name: String) -> Bool {
        let found = FileManager.default.isReadableFile(atPath: path(name))
        if !found { print("skipped: \(name) is not beside the package") }
        return found
    }

    /// The rows of a CSV file below its header. Cells in quotes may hold commas and doubled quotes.
    static func rows(_ name: String) throws -> [[String]] {
        let text = try String(contentsOfFile: path(name), encoding: .utf8)
        return text.unicodeScalars.split(separator: "\n").dropFirst().map { cells(Array($0)) }
    }

    private static func cells(_ line: [Unicode.Scalar]) -> [String] {
        var cells: [String] = []
        var cell = String.UnicodeScalarView()
        var quoted = false
        for (index, scalar) in line.enumerated() {
            switch scalar {
            case "\"":
                if quoted, index > 0, line[index - 1] == "\"", cell.last != "\"" { cell.append("\"") }
                quoted.toggle()
            case "," where !quoted:
                cells.append(String(cell))
                cell = .init()
            case "\r": continue
            default: cell.append(scalar)
            }
        }
        return cells + [String(cell)]
    }
}

extension String {
    /// The code points in hexadecimal. Tests compare these, because `==` on strings is blind to canonical order.
    var hex: String { unicodeScalars.map { String($0.value, radix: 16, uppercase: true) }.joined(separator: " ") }
}
