/// CBOR (RFC 8949).
public enum CBOR {
    /// The core deterministic encoding (RFC 8949 section 4.2.1): shortest integers, lengths and floats, definite
    /// lengths, map keys in the bytewise order of their encodings. Every NaN is `f97e00`.
    public static func encode(_ value: CBORValue) -> [UInt8] {
        var encoder = CBOREncoder()
        encoder.write(value)
        return encoder.bytes
    }
}

/// Writes data items one after the other in deterministic encoding; for structures whose shape is known, where building
/// a ``CBORValue`` first would be a detour.
public struct CBOREncoder: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Writes one data item.
    public mutating func write(_ value: CBORValue) {
        switch value {
        case .unsigned(let number): head(0, number)
        case .negative(let number): head(1, number)
        case .bytes(let content): write(content)
        case .text(let text): write(text)
        case .array(let elements):
            beginArray(count: elements.count)
            for element in elements { write(element) }
        case .map(let map): write(map)
        case .tagged(let tag, let content):
            self.tag(tag)
            write(content)
        case .bool(let flag): bytes.append(flag ? 0xF5 : 0xF4)
        case .null: bytes.append(0xF6)
        case .undefined: bytes.append(0xF7)
        case .simple(let number):
            precondition(!(20...31).contains(number), "20...31 are no free simple values (RFC 8949 section 3.3)")
            head(7, UInt64(number))
        case .float(let number): write(number)
        }
    }

    /// Writes a byte string.
    public mutating func write(_ content: [UInt8]) {
        head(2, UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Writes a text string.
    public mutating func write(_ text: String) {
        head(3, UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes an integer.
    public mutating func write(integer value: Int64) { write(CBORValue.integer(value)) }

    /// Writes the head of an array; so many items follow.
    public mutating func beginArray(count: Int) { head(4, UInt64(count)) }

    /// Writes the head of a map; so many pairs follow, already in the order of their encoded keys.
    public mutating func beginMap(count: Int) { head(5, UInt64(count)) }

    /// Writes a tag; its content follows.
    public mutating func tag(_ number: UInt64) { head(6, number) }

    /// Writes a data item that is already encoded. The caller vouches for it.
    public mutating func raw(_ encoded: [UInt8]) { bytes.append(contentsOf: encoded) }

    private mutating func write(_ map: CBORMap) {
        beginMap(count: map.count)
        let pairs = map.entries.map { (key: CBOR.encode($0.key), value: $0.value) }
        for pair in pairs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            bytes.append(contentsOf: pair.key)
            write(pair.value)
        }
    }

    private mutating func write(_ value: Double) {
        if value.isNaN {
            bytes.append(contentsOf: [0xF9, 0x7E, 0x00])
            return
        }
        if let half = CBORFloat.half(exactly: value) {
            bytes.append(0xF9)
            big(UInt64(half), count: 2)
        } else if Double(Float(value)) == value {
            bytes.append(0xFA)
            big(UInt64(Float(value).bitPattern), count: 4)
        } else {
            bytes.append(0xFB)
            big(value.bitPattern, count: 8)
        }
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        let type = major << 5
        switch argument {
        case 0..<24: bytes.append(type | UInt8(argument))
        case 24...0xFF:
            bytes.append(type | 24)
            bytes.append(UInt8(argument))
        case 0x100...0xFFFF:
            bytes.append(type | 25)
            big(argument, count: 2)
        case 0x1_0000...0xFFFF_FFFF:
            bytes.append(type | 26)
            big(argument, count: 4)
        default:
            bytes.append(type | 27)
            big(argument, count: 8)
        }
    }

    private mutating func big(_ value: UInt64, count: Int) {
        for index in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - index))))
        }
    }
}

/// Half-precision numbers by hand: `Float16` does not exist on every platform.
enum CBORFloat {
    /// The half-precision bits of a value, when they hold it exactly; not for NaN.
    static func half(exactly value: Double) -> UInt16? {
        let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
        if value == 0 { return sign }
        if value.isInfinite { return sign | 0x7C00 }
        let exponent = Int(value.exponent)
        guard exponent >= -24, exponent <= 15 else { return nil }
        let bits = value.bitPattern & 0x000F_FFFF_FFFF_FFFF
        if exponent >= -14 {
            guard bits & ((1 << 42) - 1) == 0 else { return nil }
            return sign | UInt16(exponent + 15) << 10 | UInt16(bits >> 42)
        }
        // Subnormal: the value is m x 2^-24 with m < 1024.
        let whole = bits | 1 << 52
        let shift = UInt64(52 - (exponent + 24))
        guard whole & ((1 << shift) - 1) == 0 else { return nil }
        return sign | UInt16(whole >> shift)
    }

    /// The value of half-precision bits.
    static func double(half bits: UInt16) -> Double {
        let sign = bits & 0x8000 == 0 ? 1.0 : -1.0
        let exponent = Int(bits >> 10 & 31)
        let fraction = Double(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
        }
    }
}
