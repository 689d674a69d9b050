import Foundation

/// Latin letters without marks and case, for matching and sorting.
enum LatinLetters {
    /// The base letters of a scalar that has no canonical decomposition into them, in lower case.
    static func expansion(of scalar: Unicode.Scalar) -> StaticString? {
        switch scalar.value {
        case 0xC6, 0xE6: "ae"
        case 0xD0, 0xF0, 0x110, 0x111: "d"
        case 0xD8, 0xF8: "o"
        case 0xDE, 0xFE: "th"
        case 0xDF: "ss"
        case 0x131: "i"
        case 0x141, 0x142: "l"
        case 0x152, 0x153: "oe"
        default: nil
        }
    }

    /// The ASCII letters of a text in lower case: marks dropped, special letters spelt out, everything else left out.
    static func lowercased(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        func append(_ scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0x61...0x7A: output.append(UInt8(scalar.value))
            case 0x41...0x5A: output.append(UInt8(scalar.value + 32))
            default: break
            }
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                append(scalar)
            } else if let letters = expansion(of: scalar) {
                letters.withUTF8Buffer { output += $0 }
            } else if scalar.properties.isAlphabetic, !scalar.isKhmer {
                for part in String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars {
                    append(part)
                }
            }
        }
        return output
    }
}
