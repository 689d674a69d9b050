import Kernel

/// Khmer and ASCII digits. Swift's `Int(_:)` does not read Khmer digits, and a locale must never decide how a number is
/// read.
public enum KhmerDigits {
    /// The text with Khmer digits as ASCII digits; everything else stays.
    ///
    /// Digits joined by one full stop or comma are one number.
    /// - Returns: `nil` when a number mixes Khmer and ASCII digits, or a digit is of a third script.
    public static func toASCII(_ text: String) -> String? {
        var output = String.UnicodeScalarView()
        var script: DigitScript?
        var separators = 0
        for scalar in text.unicodeScalars {
            switch digit(scalar) {
            case .value(let value, let found):
                if let script, separators <= 1, script != found { return nil }
                script = found
                separators = 0
                output.append(Unicode.Scalar(UInt8(48 + value)))
            case .foreign:
                return nil
            case .none:
                if scalar == "." || scalar == "," { separators += 1 } else { script = nil }
                output.append(scalar)
            }
        }
        return String(output)
    }

    /// The text with ASCII digits as Khmer digits; everything else stays.
    public static func toKhmer(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.value >= 48, scalar.value <= 57, let khmer = Unicode.Scalar(0x17E0 + scalar.value - 48) {
                output.append(khmer)
            } else {
                output.append(scalar)
            }
        }
        return String(output)
    }

    /// A whole number in Khmer digits, without grouping.
    public static func toKhmer(_ number: Int) -> String { toKhmer(String(number)) }

    /// A count, a duration or a year as the sentences of a language write it: Khmer digits in Khmer. Identifiers, and
    /// numbers that people compare or type, keep ASCII digits and do not come through here.
    public static func prose(_ number: Int, _ language: Language) -> String { prose(String(number), language) }

    /// Text with numbers (`IAL2`, `10:30`) as the sentences of a language write it: Khmer digits in Khmer.
    public static func prose(_ text: String, _ language: Language) -> String {
        language == .km ? toKhmer(text) : text
    }

    /// A whole number of one to eighteen Khmer or ASCII digits, of one script, with nothing else around it; otherwise
    /// `nil`.
    public static func number(_ text: some StringProtocol) -> Int? {
        var value = 0
        var count = 0
        var script: DigitScript?
        for scalar in text.unicodeScalars {
            guard case .value(let digit, let found) = digit(scalar), script == nil || script == found, count < 18 else {
                return nil
            }
            script = found
            value = value * 10 + digit
            count += 1
        }
        return count == 0 ? nil : value
    }

    /// An identifier as typed (`១២៣-៤៥៦ ៧៨៩០`) in its stored form: ASCII digits, without spaces, hyphens and zero-width
    /// spaces.
    ///
    /// - Parameters:
    ///   - allowLetters: whether ASCII letters may occur; they come out in upper case.
    ///   - limit: the most characters of the stored form.
    /// - Throws: `digits.mixed_scripts`, `identifier.malformed`.
    public static func identifier(
        _ text: String, allowLetters: Bool = false, limit: Int = 32
    ) throws(RumdulError) -> String {
        guard text.utf8.count <= limit * 12 + 64 else { throw .identifierMalformed }
        var output: [UInt8] = []
        var script: DigitScript?
        for scalar in text.unicodeScalars {
            switch digit(scalar) {
            case .value(let value, let found):
                guard script == nil || script == found else { throw .digitsMixed }
                script = found
                output.append(UInt8(48 + value))
            case .foreign:
                throw .identifierMalformed
            case .none:
                if isIdentifierSeparator(scalar) { continue }
                guard allowLetters, scalar.isASCII, scalar.properties.isAlphabetic else { throw .identifierMalformed }
                let byte = UInt8(scalar.value)
                output.append(byte >= 97 ? byte - 32 : byte)
            }
        }
        guard !output.isEmpty, output.count <= limit else { throw .identifierMalformed }
        return String(decoding: output, as: UTF8.self)
    }

    private enum DigitScript { case ascii, khmer }

    private enum Digit {
        case none
        case value(Int, DigitScript)
        /// A decimal digit of a script that the product does not read.
        case foreign
    }

    private static func digit(_ scalar: Unicode.Scalar) -> Digit {
        switch scalar.value {
        case 48...57: .value(Int(scalar.value) - 48, .ascii)
        case 0x17E0...0x17E9: .value(Int(scalar.value) - 0x17E0, .khmer)
        case 0..<0x80: .none
        default: scalar.properties.generalCategory == .decimalNumber ? .foreign : .none
        }
    }

    private static func isIdentifierSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0xA0, 0x2D, 0x00AD, 0x200B...0x200D, 0x2010...0x2015, 0x202F, 0x2060, 0x2212, 0xFEFF: true
        default: false
        }
    }
}
