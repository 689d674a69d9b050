/// One IP address.
public enum NetworkAddress: Sendable, Hashable {
    /// IPv4, most significant byte first.
    case v4(UInt32)
    /// IPv6 as its first and its last 64 bits.
    case v6(UInt64, UInt64)

    /// The address in 4 or 16 bytes in network order; `nil` for any other length.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            self = .v6(high, bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// The address in its usual text form: four decimal numbers without leading zeros, or RFC 4291 section 2.2 without
    /// a zone; `nil` for every other text. Octal, hexadecimal and short forms of IPv4 are no addresses here.
    public init?(_ text: some StringProtocol) {
        let ascii = Array(text.utf8.prefix(46))
        guard let bytes = ascii.contains(0x3A) ? Self.version6(ascii[...]) : Self.version4(ascii[...]) else {
            return nil
        }
        self.init(bytes: bytes)
    }

    /// 4 or 16 bytes in network order.
    public var bytes: [UInt8] {
        func split(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
            stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
        }
        switch self {
        case .v4(let value): return split(value)
        case .v6(let high, let low): return split(high) + split(low)
        }
    }

    private static func version4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != 0x30,
                let byte = UInt8(exactly: part.reduce(0) { $0 * 10 + Int($1 - 0x30) })
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var gap: Int?
        for index in text.indices.dropLast() where text[index] == 0x3A && text[index + 1] == 0x3A {
            guard gap == nil else { return nil }
            gap = index
        }
        guard let gap else {
            guard let bytes = groups(text, mayEndIn4: true), bytes.count == 16 else { return nil }
            return bytes
        }
        guard let head = groups(text[..<gap], mayEndIn4: false),
            let tail = groups(text[(gap + 2)...], mayEndIn4: true), head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: ArraySlice<UInt8>, mayEndIn4: Bool) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: 0x3A, omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if mayEndIn4, index == parts.count - 1, part.contains(0x2E) {
                guard let tail = version4(part) else { return nil }
                bytes += tail
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for character in part {
                guard let digit = hexDigit(character) else { return nil }
                group = group << 4 | UInt16(digit)
            }
            bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        return bytes
    }

    static func hexDigit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x41 + 10
        case 0x61...0x66: character - 0x61 + 10
        default: nil
        }
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// Decimal numbers, or eight hexadecimal groups without shortening.
    public var description: String {
        let bytes = bytes
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }
}

/// A block of addresses (CIDR, RFC 4632 and RFC 4291 section 2.3).
public struct NetworkBlock: Sendable, Hashable {
    /// The lowest address of the block.
    public let first: NetworkAddress
    /// How many leading bits are fixed: 0...32 or 0...128.
    public let prefix: Int

    /// A block, or `nil` when the prefix is out of range or the address has bits behind it.
    public init?(_ first: NetworkAddress, prefix: Int) {
        guard (0...first.width).contains(prefix), first.masked(prefix) == first else { return nil }
        self.first = first
        self.prefix = prefix
    }

    /// `10.0.0.0/8`, `fd00::/8`, or one address; `nil` for every other text.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = NetworkAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefix: address.width)
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let prefix = Int(parts[1])
        else { return nil }
        self.init(address, prefix: prefix)
    }

    /// A block of a table in the program: bits behind the prefix are dropped.
    init(table first: NetworkAddress, _ prefix: Int) {
        self.first = first.masked(prefix)
        self.prefix = prefix
    }

    /// Whether an address of the same version lies in the block.
    public func contains(_ address: NetworkAddress) -> Bool { address.masked(prefix) == first }
}

extension NetworkAddress {
    /// 32 or 128.
    var width: Int { if case .v4 = self { 32 } else { 128 } }

    /// The address with all bits behind the prefix zero.
    func masked(_ prefix: Int) -> NetworkAddress {
        switch self {
        case .v4(let value):
            return .v4(value & ~(prefix >= 32 ? 0 : UInt32.max >> UInt32(prefix)))
        case .v6(let high, let low):
            let highMask = prefix >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(prefix))
            let lowMask = prefix <= 64 ? 0 : prefix >= 128 ? UInt64.max : ~(UInt64.max >> UInt64(prefix - 64))
            return .v6(high & highMask, low & lowMask)
        }
    }
}
