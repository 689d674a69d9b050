import Kernel

/// The number of a registration: kind, commune, year, serial number within these, and two check digits
/// (`B-120101-2026-00042-17`). The check is ISO 7064 MOD 97-10 over everything before it, with letters as the numbers
/// 10 to 35 of that standard.
public struct RegistrationNumber: Sendable, Hashable {
    public let text: String

    /// - Parameters:
    ///   - commune: six digits.
    ///   - serial: 1...99,999.
    public init(_ kind: VitalEventKind, commune: String, year: Int, serial: Int) {
        self.init(letter: kind.letter, commune: commune, year: year, serial: serial)
    }

    /// The number of a certificate (`C-081104-2026-00017-40`), in the same form.
    public static func certificate(commune: String, year: Int, serial: Int) -> String {
        RegistrationNumber(letter: "C", commune: commune, year: year, serial: serial).text
    }

    private init(letter: Character, commune: String, year: Int, serial: Int) {
        let year = String(String(10_000 + year).suffix(4))
        let body = "\(letter)-\(commune)-\(year)-\(String(String(100_000 + serial).suffix(5)))"
        text = "\(body)-\(Self.check(body))"
    }

    /// Reads a number as typed: lower case and missing hyphens are accepted. `nil` when its form or check is wrong.
    public init?(_ typed: String) {
        let kept = typed.uppercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        guard kept.count == 18, let letter = kept.first, (65...90).contains(letter),
            kept.dropFirst().allSatisfy({ (48...57).contains($0) }),
            VitalEventKind.allCases.contains(where: { $0.letter.asciiValue == letter })
        else { return nil }
        func part(_ range: Range<Int>) -> String { String(decoding: kept[range], as: UTF8.self) }
        let body = "\(part(0..<1))-\(part(1..<7))-\(part(7..<11))-\(part(11..<16))"
        guard Self.check(body) == part(16..<18) else { return nil }
        text = "\(body)-\(part(16..<18))"
    }

    /// The kind, commune and year within which it is counted (`B-120101-2026`).
    var series: String { String(text.prefix(13)) }

    /// 1...99,999.
    var serial: Int { Int(text.dropFirst(14).prefix(5)) ?? 0 }

    /// Two digits such that the number with them is 1 modulo 97.
    private static func check(_ body: String) -> String {
        var remainder = 0
        for byte in body.utf8 where byte != UInt8(ascii: "-") {
            let value = byte >= 65 ? Int(byte) - 55 : Int(byte) - 48
            remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
        }
        let check = 98 - remainder * 100 % 97
        return String(String(100 + check).suffix(2))
    }
}

/// What an informant gets at once, to ask how far the record is: eight Crockford base 32 characters and a check
/// character (the value modulo 37, as Crockford defines it). Random; says nothing.
public struct TrackingID: Sendable, Hashable {
    /// Nine characters, upper case.
    public let text: String

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U".utf8)

    public init(_ ambient: Ambient) {
        let symbols = ambient.randomBytes(8).map { Int($0 & 31) }
        text = Self.text(symbols)
    }

    /// Reads an identifier as typed: lower case, hyphens, `O` for zero, `I` and `L` for one. `nil` for a slip.
    public init?(_ typed: String) {
        var symbols: [Int] = []
        for byte in typed.uppercased().utf8 {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "): continue
            case UInt8(ascii: "O"): symbols.append(0)
            case UInt8(ascii: "I"), UInt8(ascii: "L"): symbols.append(1)
            default:
                guard let value = Self.alphabet.firstIndex(of: byte) else { return nil }
                symbols.append(value)
            }
            if symbols.count > 9 { return nil }
        }
        guard symbols.count == 9, symbols.dropLast().allSatisfy({ $0 < 32 }) else { return nil }
        let expected = Self.text(Array(symbols.dropLast()))
        guard expected.utf8.last.map({ Self.alphabet.firstIndex(of: $0) }) == symbols.last else { return nil }
        text = expected
    }

    private static func text(_ symbols: [Int]) -> String {
        let remainder = symbols.reduce(0) { ($0 * 32 + $1) % 37 }
        return String(decoding: (symbols + [remainder]).map { alphabet[$0] }, as: UTF8.self)
    }
}
