/// A CBOR data item (RFC 8949 section 2).
public indirect enum CBORValue: Sendable, Hashable {
    /// Major type 0: 0 ... 2^64 - 1.
    case unsigned(UInt64)
    /// Major type 1: the value is -1 minus the argument.
    case negative(UInt64)
    /// Major type 2.
    case bytes([UInt8])
    /// Major type 3.
    case text(String)
    /// Major type 4.
    case array([CBORValue])
    /// Major type 5.
    case map(CBORMap)
    /// Major type 6. Big numbers (tags 2 and 3) stay tagged byte strings.
    case tagged(UInt64, CBORValue)
    case bool(Bool)
    case null
    case undefined
    /// Any other simple value: 0...19 and 32...255.
    case simple(UInt8)
    /// A floating-point number of any width.
    case float(Double)
}

extension CBORValue {
    /// An integer of major type 0 or 1.
    public static func integer(_ value: Int64) -> CBORValue {
        value >= 0 ? .unsigned(UInt64(value)) : .negative(UInt64(bitPattern: ~value))
    }

    /// The value of an integer that fits 64 bits with sign, else `nil`.
    public var integerValue: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let value): value <= UInt64(Int64.max) ? ~Int64(value) : nil
        default: nil
        }
    }
    /// The value of an unsigned integer, else `nil`.
    public var unsignedValue: UInt64? { if case .unsigned(let value) = self { value } else { nil } }
    /// The bytes of a byte string, else `nil`.
    public var bytesValue: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
    /// The text of a text string, else `nil`.
    public var textValue: String? { if case .text(let value) = self { value } else { nil } }
    /// The elements of an array, else `nil`.
    public var arrayValue: [CBORValue]? { if case .array(let value) = self { value } else { nil } }
    /// The map, else `nil`.
    public var mapValue: CBORMap? { if case .map(let value) = self { value } else { nil } }
    /// The value of a boolean, else `nil`.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The value of a floating-point number, else `nil`.
    public var floatValue: Double? { if case .float(let value) = self { value } else { nil } }
    /// True for `null`.
    public var isNull: Bool { self == .null }

    /// The content of a tag with this number, else `nil`.
    public func untagged(_ tag: UInt64) -> CBORValue? {
        if case .tagged(tag, let content) = self { content } else { nil }
    }

    /// The value under a key of a map, or `nil` when there is none or this is no map.
    public subscript(key: CBORValue) -> CBORValue? { mapValue?[key] }
    /// The value under a text key of a map.
    public subscript(key: String) -> CBORValue? { mapValue?[.text(key)] }
    /// The value under an integer key of a map.
    public subscript(key: Int64) -> CBORValue? { mapValue?[.integer(key)] }
}

extension CBORValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .float(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: CBORValue...) { self = .array(elements) }
    /// Of entries with the same key the last one stays.
    public init(dictionaryLiteral elements: (CBORValue, CBORValue)...) { self = .map(CBORMap(elements)) }
}

/// A CBOR map: each key once, in the order in which they were added or read. Encoding sorts.
public struct CBORMap: Sendable {
    /// One entry.
    public struct Entry: Sendable, Hashable {
        /// The key.
        public let key: CBORValue
        /// The value.
        public var value: CBORValue
    }

    /// The entries in order.
    public private(set) var entries: [Entry]

    /// An empty map.
    public init() { entries = [] }

    /// A map of these entries; of entries with the same key the last value stays.
    public init(_ elements: some Sequence<(CBORValue, CBORValue)>) {
        entries = []
        for (key, value) in elements { self[key] = value }
    }

    /// For the decoder, which has already refused duplicates.
    init(uniqueEntries: [Entry]) { entries = uniqueEntries }

    /// The value under a key. Setting `nil` removes the entry, setting a new key appends one.
    public subscript(key: CBORValue) -> CBORValue? {
        get { entries.first { $0.key.isSameKey(key) }?.value }
        set {
            let index = entries.firstIndex { $0.key.isSameKey(key) }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// How many entries there are.
    public var count: Int { entries.count }
    /// The keys in order.
    public var keys: [CBORValue] { entries.map(\.key) }
}

extension CBORMap: Hashable {
    /// Equal when both have the same keys with equal values, in any order.
    public static func == (left: CBORMap, right: CBORMap) -> Bool {
        left.count == right.count
            && (left.entries == right.entries || CBOR.encode(.map(left)) == CBOR.encode(.map(right)))
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(CBOR.encode(.map(self))) }
}

extension CBORMap: ExpressibleByDictionaryLiteral {
    /// Of entries with the same key the last one stays.
    public init(dictionaryLiteral elements: (CBORValue, CBORValue)...) { self.init(elements) }
}

extension CBORValue {
    /// Keys are the same when their deterministic encodings are (RFC 8949 section 5.6.1).
    func isSameKey(_ other: CBORValue) -> Bool {
        switch (self, other) {
        case (.unsigned(let a), .unsigned(let b)), (.negative(let a), .negative(let b)): a == b
        case (.text(let a), .text(let b)): sameCodePoints(a, b)
        case (.bytes(let a), .bytes(let b)): a == b
        case (.unsigned, _), (.negative, _), (.text, _), (.bytes, _): false
        default: CBOR.encode(self) == CBOR.encode(other)
        }
    }
}
