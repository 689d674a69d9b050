/// Writes JSON text by hand into a byte buffer: the fast way to produce a token or an answer. Commas and colons are
/// placed by the writer; the caller keeps begin and end in pairs and writes a name before each member's value.
///
/// Escapes only what RFC 8259 section 7 demands (`"`, `\` and control characters), never `/` and never non-ASCII text.
public struct JSONWriter: Sendable {
    /// What has been written so far, UTF-8.
    public private(set) var bytes: [UInt8]

    /// - Parameter capacity: the expected length in bytes.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The text so far as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    // Every complete value ends in a byte that is none of `{ [ :`, so the last byte tells whether a comma is due.
    private mutating func separate() {
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
        default: bytes.append(UInt8(ascii: ","))
        }
    }

    /// Opens an object.
    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
    }

    /// Closes the object opened last.
    public mutating func endObject() { bytes.append(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
    }

    /// Closes the array opened last.
    public mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// Writes a member's name; its value follows.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Writes a string value.
    public mutating func value(_ value: String) {
        separate()
        quote(value)
    }

    /// Writes an integer value.
    public mutating func value(_ value: Int) {
        separate()
        decimal(negative: value < 0, UInt64(value.magnitude))
    }

    /// Writes an integer value.
    public mutating func value(_ value: Int64) {
        separate()
        decimal(negative: value < 0, value.magnitude)
    }

    /// Writes an integer value of any fixed-width type up to 64 bits.
    public mutating func value(_ value: some FixedWidthInteger) {
        separate()
        decimal(negative: value < 0, UInt64(value.magnitude))
    }

    /// Writes a number by the rules of ECMAScript (RFC 8785 section 3.2.2.3); a value that is not finite becomes
    /// `null`.
    public mutating func value(_ value: Double) {
        separate()
        bytes.append(contentsOf: (ECMAScriptNumber.text(value) ?? "null").utf8)
    }

    /// Writes `true` or `false`.
    public mutating func value(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes any JSON value.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): self.value(flag)
        case .integer(let number): self.value(number)
        case .double(let number): self.value(number)
        case .string(let text): self.value(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object): self.value(object)
        }
    }

    /// Writes an object with its members in order.
    public mutating func value(_ object: JSONObject) {
        beginObject()
        for member in object.members {
            name(member.name)
            value(member.value)
        }
        endObject()
    }

    /// Writes an array of strings.
    public mutating func value(_ strings: [String]) {
        beginArray()
        for string in strings { value(string) }
        endArray()
    }

    /// Writes a value that is already JSON text. The caller vouches for it.
    public mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Writes a member with a string value.
    public mutating func member(_ name: String, _ value: String) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with an integer value.
    public mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with an integer value.
    public mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with an integer value of any fixed-width type up to 64 bits.
    public mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with a boolean value.
    public mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with any JSON value.
    public mutating func member(_ name: String, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }

    /// Writes a member with an array of strings.
    public mutating func member(_ name: String, _ value: [String]) {
        self.name(name)
        self.value(value)
    }

    private mutating func decimal(negative: Bool, _ value: UInt64) {
        var magnitude = value
        if negative { bytes.append(UInt8(ascii: "-")) }
        if magnitude < 10 {
            bytes.append(48 + UInt8(magnitude))
            return
        }
        let start = bytes.count
        while magnitude > 0 {
            bytes.append(48 + UInt8(magnitude % 10))
            magnitude /= 10
        }
        bytes[start...].reverse()
    }

    private static let hex = Array("0123456789abcdef".utf8)

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let clean = text.utf8.withContiguousStorageIfAvailable { source -> Bool in
            for byte in source where byte < 0x20 || byte == 0x22 || byte == 0x5C { return false }
            bytes.append(contentsOf: source)
            return true
        }
        if clean != true { for byte in text.utf8 { escape(byte) } }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5C:
            bytes.append(0x5C)
            bytes.append(byte)
        case 0x08: bytes.append(contentsOf: "\\b".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0C: bytes.append(contentsOf: "\\f".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(JSONWriter.hex[Int(byte >> 4)])
            bytes.append(JSONWriter.hex[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
}

extension JSON {
    /// The shortest text of a value, members in their order, `/` unescaped.
    public static func bytes(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    /// The shortest text of an object, members in their order.
    public static func bytes(_ object: JSONObject) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(object)
        return writer.bytes
    }

    /// The shortest text of a value as a string.
    public static func text(_ value: JSONValue) -> String { String(decoding: bytes(value), as: UTF8.self) }

    /// The shortest text of an object as a string.
    public static func text(_ object: JSONObject) -> String { String(decoding: bytes(object), as: UTF8.self) }
}
