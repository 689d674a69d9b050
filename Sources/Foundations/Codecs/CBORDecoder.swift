import Kernel

/// What is accepted as CBOR.
public struct CBORDecodingOptions: Sendable {
    /// Accept only the core deterministic encoding (RFC 8949 section 4.2.1).
    public var deterministic: Bool
    /// How many arrays, maps and tags may lie inside each other.
    public var maximumDepth: Int
    /// How many data items there may be in all.
    public var maximumItems: Int
    /// The longest input, in bytes.
    public var maximumSize: Int

    public init(
        deterministic: Bool = false, maximumDepth: Int = 32, maximumItems: Int = 1 << 16, maximumSize: Int = 1 << 20
    ) {
        self.deterministic = deterministic
        self.maximumDepth = maximumDepth
        self.maximumItems = maximumItems
        self.maximumSize = maximumSize
    }

    /// Any well-formed, valid CBOR within the limits: 32 deep, 65 536 items, 1 MiB.
    public static let standard = CBORDecodingOptions()
    /// Only the core deterministic encoding, same limits.
    public static let deterministic = CBORDecodingOptions(deterministic: true)
}

extension CBOR {
    /// Decodes exactly one data item.
    ///
    /// Always refused: duplicate map keys, invalid UTF-8, reserved additional information, bytes after the item.
    /// - Throws: `codec.cbor`.
    public static func decode(
        _ bytes: [UInt8], options: CBORDecodingOptions = .standard
    ) throws(RumdulError) -> CBORValue {
        let (value, end) = try decodePrefix(bytes, from: 0, options: options)
        guard end == bytes.count else { throw .malformedCBOR(CBORFault.trailing.rawValue) }
        return value
    }

    /// Decodes the data item that starts at an offset and tells where it ends; more bytes may follow.
    /// - Throws: `codec.cbor`.
    public static func decodePrefix(
        _ bytes: [UInt8], from start: Int, options: CBORDecodingOptions = .standard
    ) throws(RumdulError) -> (value: CBORValue, end: Int) {
        guard start >= 0, start <= bytes.count, bytes.count <= options.maximumSize else {
            throw .malformedCBOR(CBORFault.tooLong.rawValue)
        }
        do throws(CBORFault) {
            return try bytes.withUnsafeBufferPointer { (source) throws(CBORFault) -> (CBORValue, Int) in
                var decoder = CBORDecoder(source: source, position: start, options: options)
                let value = try decoder.item(depth: 0)
                return (value, decoder.position)
            }
        } catch {
            throw .malformedCBOR(error.rawValue)
        }
    }
}

/// Why bytes were refused.
enum CBORFault: String, Error {
    case tooLong = "too long"
    case tooDeep = "nested too deeply"
    case tooMany = "too many items"
    case truncated = "ends too early"
    case trailing = "bytes after the item"
    case reserved = "reserved additional information"
    case breakCode = "break outside an indefinite-length item"
    case chunk = "wrong chunk in an indefinite-length string"
    case utf8 = "invalid UTF-8"
    case simple = "malformed simple value"
    case duplicate = "duplicate map key"
    case notShortest = "not the shortest form"
    case indefinite = "indefinite length"
    case unsorted = "map keys out of order"
}

struct CBORDecoder {
    private let source: UnsafeBufferPointer<UInt8>
    private let options: CBORDecodingOptions
    private(set) var position: Int
    private var items = 0

    init(source: UnsafeBufferPointer<UInt8>, position: Int, options: CBORDecodingOptions) {
        self.source = source
        self.position = position
        self.options = options
    }

    /// The head of an item: major type and argument, `nil` for indefinite length.
    private struct Head {
        var major: UInt8
        var information: UInt8
        var argument: UInt64?
    }

    private mutating func byte() throws(CBORFault) -> UInt8 {
        guard position < source.count else { throw .truncated }
        defer { position += 1 }
        return source[position]
    }

    private mutating func big(_ count: Int) throws(CBORFault) -> UInt64 {
        guard source.count - position >= count else { throw .truncated }
        var value: UInt64 = 0
        for _ in 0..<count {
            value = value << 8 | UInt64(source[position])
            position += 1
        }
        return value
    }

    private mutating func head() throws(CBORFault) -> Head {
        let initial = try byte()
        let major = initial >> 5
        let information = initial & 31
        var head = Head(major: major, information: information, argument: nil)
        switch information {
        case 0..<24: head.argument = UInt64(information)
        case 24...27:
            let value = try big(1 << Int(information - 24))
            let least: [UInt64] = [24, 0x100, 0x1_0000, 0x1_0000_0000]
            if options.deterministic, major != 7, value < least[Int(information - 24)] { throw .notShortest }
            head.argument = value
        case 31:
            guard major != 0, major != 1, major != 6 else { throw .reserved }
            if options.deterministic, major != 7 { throw .indefinite }
        default: throw .reserved
        }
        return head
    }

    /// One data item; a break is refused here.
    mutating func item(depth: Int) throws(CBORFault) -> CBORValue {
        items += 1
        guard items <= options.maximumItems else { throw .tooMany }
        let head = try head()
        switch head.major {
        case 0: return .unsigned(head.argument ?? 0)
        case 1: return .negative(head.argument ?? 0)
        case 2: return .bytes(try string(head))
        case 3: return .text(try text(head))
        case 4: return .array(try array(head, depth: depth + 1))
        case 5: return .map(try map(head, depth: depth + 1))
        case 6:
            guard depth < options.maximumDepth else { throw .tooDeep }
            return .tagged(head.argument ?? 0, try item(depth: depth + 1))
        default: return try simple(head)
        }
    }

    /// A length that the rest of the input can hold, when every element takes at least so many bytes.
    private func length(_ argument: UInt64, bytesEach: Int) throws(CBORFault) -> Int {
        guard argument <= UInt64((source.count - position) / bytesEach) else { throw .truncated }
        return Int(argument)
    }

    private mutating func slice(_ argument: UInt64) throws(CBORFault) -> UnsafeBufferPointer<UInt8> {
        let count = try length(argument, bytesEach: 1)
        defer { position += count }
        return UnsafeBufferPointer(rebasing: source[position..<position + count])
    }

    private mutating func string(_ head: Head) throws(CBORFault) -> [UInt8] {
        if let argument = head.argument { return Array(try slice(argument)) }
        var content: [UInt8] = []
        while let chunk = try chunk(of: head.major) { content.append(contentsOf: chunk) }
        return content
    }

    private mutating func text(_ head: Head) throws(CBORFault) -> String {
        if let argument = head.argument {
            guard let text = String(validating: try slice(argument), as: UTF8.self) else { throw .utf8 }
            return text
        }
        var content = ""
        while let chunk = try chunk(of: head.major) {
            guard let text = String(validating: chunk, as: UTF8.self) else { throw .utf8 }
            content += text
        }
        return content
    }

    /// The next chunk of an indefinite-length string, `nil` at the break.
    private mutating func chunk(of major: UInt8) throws(CBORFault) -> UnsafeBufferPointer<UInt8>? {
        if try isBreak() { return nil }
        items += 1
        guard items <= options.maximumItems else { throw .tooMany }
        let head = try head()
        guard head.major == major, let argument = head.argument else { throw .chunk }
        return try slice(argument)
    }

    /// Consumes a break, if one comes next.
    private mutating func isBreak() throws(CBORFault) -> Bool {
        guard position < source.count else { throw .truncated }
        guard source[position] == 0xFF else { return false }
        position += 1
        return true
    }

    private mutating func array(_ head: Head, depth: Int) throws(CBORFault) -> [CBORValue] {
        guard depth <= options.maximumDepth else { throw .tooDeep }
        var elements: [CBORValue] = []
        guard let argument = head.argument else {
            while try !isBreak() { elements.append(try item(depth: depth)) }
            return elements
        }
        let count = try length(argument, bytesEach: 1)
        guard count <= options.maximumItems - items else { throw .tooMany }
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try item(depth: depth)) }
        return elements
    }

    private mutating func map(_ head: Head, depth: Int) throws(CBORFault) -> CBORMap {
        guard depth <= options.maximumDepth else { throw .tooDeep }
        var entries: [CBORMap.Entry] = []
        var keys = KeyCheck()
        guard let argument = head.argument else {
            while try !isBreak() { entries.append(try entry(depth: depth, keys: &keys)) }
            return CBORMap(uniqueEntries: entries)
        }
        let count = try length(argument, bytesEach: 2)
        guard count <= (options.maximumItems - items) / 2 else { throw .tooMany }
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try entry(depth: depth, keys: &keys)) }
        return CBORMap(uniqueEntries: entries)
    }

    /// What is known of the keys of a map so far.
    private struct KeyCheck {
        var previous: Range<Int>?
        var seen: Set<[UInt8]> = []
    }

    private mutating func entry(depth: Int, keys: inout KeyCheck) throws(CBORFault) -> CBORMap.Entry {
        let start = position
        let key = try item(depth: depth)
        let range = start..<position
        if options.deterministic {
            // Strictly rising encodings are both sorted and unique.
            if let previous = keys.previous {
                guard source[previous].lexicographicallyPrecedes(source[range]) else {
                    throw source[previous].elementsEqual(source[range]) ? .duplicate : .unsorted
                }
            }
            keys.previous = range
        } else {
            guard keys.seen.insert(CBOR.encode(key)).inserted else { throw .duplicate }
        }
        return CBORMap.Entry(key: key, value: try item(depth: depth))
    }

    private func simple(_ head: Head) throws(CBORFault) -> CBORValue {
        guard let argument = head.argument else { throw .breakCode }
        switch head.information {
        case 0..<20: return .simple(UInt8(argument))
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 23: return .undefined
        case 24:
            guard argument >= 32 else { throw .simple }
            return .simple(UInt8(argument))
        default: return .float(try float(head, bits: argument))
        }
    }

    private func float(_ head: Head, bits: UInt64) throws(CBORFault) -> Double {
        let value: Double
        switch head.information {
        case 25: value = CBORFloat.double(half: UInt16(bits))
        case 26: value = Double(Float(bitPattern: UInt32(bits)))
        default: value = Double(bitPattern: bits)
        }
        guard options.deterministic else { return value }
        if value.isNaN {
            guard head.information == 25, bits == 0x7E00 else { throw .notShortest }
        } else if head.information > 25 {
            if CBORFloat.half(exactly: value) != nil { throw .notShortest }
            if head.information == 27, Double(Float(value)) == value { throw .notShortest }
        }
        return value
    }
}
