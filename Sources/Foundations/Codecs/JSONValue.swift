#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A JSON value (RFC 8259). Numbers without fraction and exponent that fit are integers; all others are doubles.
/// Strings are compared by their code points, never by Unicode equivalence.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The text of a string, else `nil`.
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    /// The value of an integer, else `nil` (a double with a whole value is not an integer here).
    public var integerValue: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The value of any number, else `nil`.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
    /// The value of a boolean, else `nil`.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements of an array, else `nil`.
    public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The object, else `nil`.
    public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// True for `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }
    /// The elements of an array whose elements are all strings, else `nil`.
    public var stringsValue: [String]? {
        guard case .array(let elements) = self else { return nil }
        var strings: [String] = []
        strings.reserveCapacity(elements.count)
        for element in elements {
            guard case .string(let text) = element else { return nil }
            strings.append(text)
        }
        return strings
    }

    /// The member of an object, or `nil` when there is none or this is no object.
    public subscript(name: String) -> JSONValue? { objectValue?[name] }
    /// The element of an array, or `nil` when there is none or this is no array.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSONValue: Hashable {
    /// Same kind, same value; strings by code points, objects without regard to order.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.string(let a), .string(let b)): sameCodePoints(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value)
        case .string(let value): hasher.combine(value)
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Of members with the same name the last one stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

extension JSONValue {
    /// An array of strings.
    public static func strings(_ values: some Sequence<String>) -> JSONValue { .array(values.map(JSONValue.string)) }
}

/// A JSON object: members in the order they were written, each name once.
public struct JSONObject: Sendable {
    /// One member.
    public struct Member: Sendable {
        /// The name, after unescaping.
        public let name: String
        /// The value.
        public var value: JSONValue

        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The members in order.
    public private(set) var members: [Member]

    /// An empty object.
    public init() { members = [] }

    /// An object of these members; of members with the same name the last value stays, at the place of the first.
    public init(_ elements: some Sequence<(String, JSONValue)>) {
        members = []
        for (name, value) in elements { self[name] = value }
    }

    /// For the parser, which has already refused duplicates.
    init(uniqueMembers: [Member]) { members = uniqueMembers }

    /// The value of a member. Setting `nil` removes it, setting a new name appends it.
    public subscript(name: String) -> JSONValue? {
        get {
            for member in members where sameCodePoints(member.name, name) { return member.value }
            return nil
        }
        set {
            let index = members.firstIndex { sameCodePoints($0.name, name) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The text of a string member, or `nil` when absent or of another kind.
    public func string(_ name: String) -> String? { self[name]?.stringValue }
    /// The value of an integer member, or `nil` when absent or of another kind.
    public func integer(_ name: String) -> Int64? { self[name]?.integerValue }
    /// The value of a boolean member, or `nil` when absent or of another kind.
    public func bool(_ name: String) -> Bool? { self[name]?.boolValue }
    /// The elements of an array member, or `nil` when absent or of another kind.
    public func array(_ name: String) -> [JSONValue]? { self[name]?.arrayValue }
    /// The elements of an array member that holds only strings, or `nil`.
    public func strings(_ name: String) -> [String]? { self[name]?.stringsValue }
    /// An object member, or `nil` when absent or of another kind.
    public func object(_ name: String) -> JSONObject? { self[name]?.objectValue }
    /// True when there is such a member, even with the value `null`.
    public func has(_ name: String) -> Bool { members.contains { sameCodePoints($0.name, name) } }
    /// The names in order.
    public var names: [String] { members.map(\.name) }
    /// How many members there are.
    public var count: Int { members.count }
    /// True without members.
    public var isEmpty: Bool { members.isEmpty }
}

extension JSONObject: Hashable {
    /// Equal when both have the same names with equal values, in any order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        if zip(left.members, right.members).allSatisfy({ sameCodePoints($0.name, $1.name) && $0.value == $1.value }) {
            return true
        }
        var index: [[UInt8]: JSONValue] = [:]
        for member in right.members { index[Array(member.name.utf8)] = member.value }
        return left.members.allSatisfy { index[Array($0.name.utf8)] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members { sum ^= member.name.hashValue }
        hasher.combine(sum)
        hasher.combine(count)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Of members with the same name the last one stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

/// Compares two texts by code points. Swift's `==` follows canonical equivalence, which would make two different member
/// names one.
public func sameCodePoints(_ left: String, _ right: String) -> Bool {
    let count = left.utf8.count
    guard count == right.utf8.count else { return false }
    return left.utf8.withContiguousStorageIfAvailable { left in
        right.utf8.withContiguousStorageIfAvailable { right in
            guard let left = left.baseAddress, let right = right.baseAddress else { return true }
            return memcmp(left, right, count) == 0
        }
    }.flatMap(\.self) ?? left.utf8.elementsEqual(right.utf8)
}
