/// Writes DER by hand, so that wrong structures can be made as well.
indirect enum ForgedDER: Sendable {
    case integer(Int)
    case enumerated(UInt8)
    case octets([UInt8])
    case boolean(Bool)
    case null
    case sequence([ForgedDER])
    case set([ForgedDER])
    /// An explicit, context-specific tag.
    case tagged(Int, ForgedDER)
    case raw([UInt8])

    var bytes: [UInt8] {
        switch self {
        case .integer(let value): Self.wrap([2], Self.integer(value))
        case .enumerated(let value): Self.wrap([10], [value])
        case .octets(let content): Self.wrap([4], content)
        case .boolean(let flag): Self.wrap([1], [flag ? 0xFF : 0])
        case .null: [5, 0]
        case .sequence(let parts): Self.wrap([0x30], parts.flatMap(\.bytes))
        case .set(let parts): Self.wrap([0x31], parts.flatMap(\.bytes))
        case .tagged(let number, let content): Self.wrap(Self.tag(number), content.bytes)
        case .raw(let content): content
        }
    }

    private static func integer(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        repeat {
            bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        } while rest > 0
        return (bytes[0] & 0x80) != 0 ? [0] + bytes : bytes
    }

    private static func tag(_ number: Int) -> [UInt8] {
        if number < 31 { return [0xA0 | UInt8(number)] }
        return number < 128 ? [0xBF, UInt8(number)] : [0xBF, 0x80 | UInt8(number >> 7), UInt8(number & 0x7F)]
    }

    private static func wrap(_ tag: [UInt8], _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        if count < 128 { return tag + [UInt8(count)] + content }
        if count < 256 { return tag + [0x81, UInt8(count)] + content }
        return tag + [0x82, UInt8(count >> 8), UInt8(count & 0xFF)] + content
    }
}
