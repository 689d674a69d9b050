import Kernel

/// What a JSON text may cost.
public struct JSONLimits: Sendable {
    /// How many arrays and objects may lie inside each other.
    public var depth: Int
    /// The longest text, in bytes.
    public var size: Int
    /// How many values there may be in all.
    public var values: Int

    public init(depth: Int = 64, size: Int = 1 << 20, values: Int = 1 << 18) {
        self.depth = depth
        self.size = size
        self.values = values
    }

    /// 64 deep, 1 MiB, 262 144 values.
    public static let standard = JSONLimits()
}

/// JSON texts (RFC 8259, and of RFC 7493 I-JSON: no duplicate names, no lone surrogates).
public enum JSON {
    /// Parses one JSON text.
    ///
    /// Refused: duplicate member names (after unescaping), invalid UTF-8, lone surrogates, a byte order mark, trailing
    /// bytes, numbers outside the range of a double, and all that RFC 8259 does not allow.
    /// - Throws: `codec.json`.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(RumdulError) -> JSONValue {
        do throws(JSONFault) {
            return try bytes.withUnsafeBufferPointer { (source) throws(JSONFault) -> JSONValue in
                var parser = JSONParser(source: source, limits: limits)
                return try parser.document()
            }
        } catch {
            throw RumdulError.malformedJSON(error.rawValue)
        }
    }

    /// Parses one JSON text given as a string.
    /// - Throws: `codec.json`.
    public static func parse(_ text: String, limits: JSONLimits = .standard) throws(RumdulError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Parses a JSON text that must be an object.
    /// - Throws: `codec.json`.
    public static func parseObject(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(RumdulError) -> JSONObject {
        guard case .object(let object) = try parse(bytes, limits: limits) else {
            throw RumdulError.malformedJSON("not an object")
        }
        return object
    }
}

/// Why a text was refused; the names end up in the cause of the error.
enum JSONFault: String, Error {
    case tooLong = "too long"
    case tooDeep = "nested too deeply"
    case tooMany = "too many values"
    case truncated = "ends too early"
    case trailing = "bytes after the value"
    case unexpected = "unexpected byte"
    case number = "malformed number"
    case range = "number out of range"
    case escape = "malformed escape"
    case surrogate = "lone surrogate"
    case control = "control character in a string"
    case utf8 = "invalid UTF-8"
    case duplicate = "duplicate member name"
}

/// A recursive-descent parser over borrowed bytes.
struct JSONParser {
    private let source: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private var position = 0
    private var values = 0

    init(source: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.source = source
        self.limits = limits
    }

    mutating func document() throws(JSONFault) -> JSONValue {
        guard source.count <= limits.size else { throw .tooLong }
        skipSpace()
        let value = try self.value(depth: 0)
        skipSpace()
        guard position == source.count else { throw .trailing }
        return value
    }

    private mutating func skipSpace() {
        while position < source.count {
            switch source[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func peek() throws(JSONFault) -> UInt8 {
        guard position < source.count else { throw .truncated }
        return source[position]
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw .tooMany }
        switch try peek() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "-"), 48...57: return try number()
        default: throw .unexpected
        }
    }

    private mutating func literal(_ word: StaticString) throws(JSONFault) {
        let count = word.utf8CodeUnitCount
        guard position + count <= source.count else { throw .truncated }
        for offset in 0..<count where source[position + offset] != word.utf8Start[offset] { throw .unexpected }
        position += count
    }

    private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
        guard depth <= limits.depth else { throw .tooDeep }
        position += 1
        skipSpace()
        var elements: [JSONValue] = []
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            let next = try peek()
            position += 1
            if next == UInt8(ascii: "]") { return elements }
            guard next == UInt8(ascii: ",") else { throw .unexpected }
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) -> JSONObject {
        guard depth <= limits.depth else { throw .tooDeep }
        position += 1
        skipSpace()
        var members: [JSONObject.Member] = []
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return JSONObject(uniqueMembers: members)
        }
        members.reserveCapacity(8)
        // Few names are compared one by one; beyond that a set keeps the cost linear.
        var seen: Set<[UInt8]> = []
        while true {
            skipSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw .unexpected }
            let name = try string()
            if members.count < 24 {
                for member in members where sameCodePoints(member.name, name) { throw .duplicate }
            } else {
                if seen.isEmpty { for member in members { seen.insert(Array(member.name.utf8)) } }
                guard seen.insert(Array(name.utf8)).inserted else { throw .duplicate }
            }
            skipSpace()
            guard try peek() == UInt8(ascii: ":") else { throw .unexpected }
            position += 1
            skipSpace()
            members.append(JSONObject.Member(name: name, value: try value(depth: depth)))
            skipSpace()
            let next = try peek()
            position += 1
            if next == UInt8(ascii: "}") { return JSONObject(uniqueMembers: members) }
            guard next == UInt8(ascii: ",") else { throw .unexpected }
        }
    }

    private mutating func number() throws(JSONFault) -> JSONValue {
        let start = position
        let negative = source[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        let first = try peek()
        guard isDigit(first) else { throw .number }
        position += 1
        var magnitude = UInt64(first - 48)
        var fits = true
        if first != 48 {
            while position < source.count, isDigit(source[position]) {
                let (product, over) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(UInt64(source[position] - 48))
                if over || carry { fits = false }
                magnitude = sum
                position += 1
            }
        }
        var whole = true
        if position < source.count, source[position] == UInt8(ascii: ".") {
            whole = false
            position += 1
            try digits()
        }
        if position < source.count, source[position] | 0x20 == UInt8(ascii: "e") {
            whole = false
            position += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        if whole, fits {
            if !negative, magnitude <= UInt64(Int64.max) { return .integer(Int64(magnitude)) }
            if negative, magnitude <= UInt64(Int64.max) + 1 {
                return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: source[start..<position]), as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw .range }
        return .double(value)
    }

    private mutating func digits() throws(JSONFault) {
        guard isDigit(try peek()) else { throw .number }
        while position < source.count, isDigit(source[position]) { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    private mutating func string() throws(JSONFault) -> String {
        position += 1
        let start = position
        var ascii = true
        while true {
            let byte = try peek()
            if byte == UInt8(ascii: "\"") {
                let slice = UnsafeBufferPointer(rebasing: source[start..<position])
                position += 1
                // ASCII needs no check: `decoding` copies it as it is.
                if ascii { return String(decoding: slice, as: UTF8.self) }
                guard let text = String(validating: slice, as: UTF8.self) else { throw .utf8 }
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 0x20 else { throw .control }
            if byte >= 0x80 { ascii = false }
            position += 1
        }
    }

    private mutating func escapedString(from start: Int) throws(JSONFault) -> String {
        var buffer = Array(source[start..<position])
        while true {
            let byte = try peek()
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: buffer, as: UTF8.self) else { throw .utf8 }
                return text
            case UInt8(ascii: "\\"): try escape(into: &buffer)
            case 0..<0x20: throw .control
            default: buffer.append(byte)
            }
        }
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(JSONFault) {
        let kind = try peek()
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(kind)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourHex()
            if code >= 0xD800, code <= 0xDBFF {
                guard position + 1 < source.count, source[position] == UInt8(ascii: "\\"),
                    source[position + 1] == UInt8(ascii: "u")
                else { throw .surrogate }
                position += 2
                let low = try fourHex()
                guard low >= 0xDC00, low <= 0xDFFF else { throw .surrogate }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw .surrogate }
            buffer.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw .escape
        }
    }

    private mutating func fourHex() throws(JSONFault) -> UInt32 {
        guard position + 4 <= source.count else { throw .truncated }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = source[position]
            position += 1
            switch byte {
            case 48...57: code = code << 4 | UInt32(byte - 48)
            case 65...70: code = code << 4 | UInt32(byte - 55)
            case 97...102: code = code << 4 | UInt32(byte - 87)
            default: throw .escape
            }
        }
        return code
    }
}
