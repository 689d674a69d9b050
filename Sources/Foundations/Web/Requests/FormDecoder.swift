import Codecs
import Kernel

/// The strict parser of `application/x-www-form-urlencoded` (WHATWG URL, section 5.1), used for bodies and for query
/// strings.
///
/// Refused: percent signs that no two hexadecimal digits follow, invalid UTF-8, the null character, empty names,
/// repeated names,
/// more than ``maximumFields`` fields.
public enum FormDecoder {
    /// The most fields a form may have.
    public static let maximumFields = 200

    /// The fields in order.
    /// - Throws: `web.malformed_form`, `web.duplicate_parameter`.
    public static func decode(
        _ bytes: some Collection<UInt8>, repeatable: Set<String> = []
    ) throws(RumdulError) -> FormFields {
        let bytes = Array(bytes)
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(12)
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
            defer { start = end + 1 }
            guard end > start else { continue }
            guard fields.count < maximumFields else { throw .malformedForm("too many fields") }
            let equals = bytes[start..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
            let name = try text(bytes[start..<equals])
            let value = equals < end ? try text(bytes[(equals + 1)..<end]) : ""
            guard !name.isEmpty else { throw .malformedForm("empty name") }
            for field in fields where sameCodePoints(field.name, name) {
                guard repeatable.contains(name) else { throw .duplicateParameter }
            }
            fields.append((name, value))
        }
        return FormFields(fields)
    }

    /// One name or value, decoded.
    /// - Throws: `web.malformed_form`.
    public static func value(_ encoded: some Collection<UInt8>) throws(RumdulError) -> String {
        try text(Array(encoded)[...])
    }

    private static func text(_ encoded: ArraySlice<UInt8>) throws(RumdulError) -> String {
        // Most values say what they are as they stand.
        guard encoded.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") || $0 == 0 }) else {
            guard let text = String(validating: encoded, as: UTF8.self) else { throw .malformedForm("not UTF-8") }
            return text
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index != encoded.endIndex {
            var byte = encoded[index]
            index += 1
            if byte == UInt8(ascii: "+") {
                byte = UInt8(ascii: " ")
            } else if byte == UInt8(ascii: "%") {
                guard index + 1 < encoded.endIndex, let high = nibble(encoded[index]),
                    let low = nibble(encoded[index + 1])
                else { throw .malformedForm("percent encoding") }
                byte = high << 4 | low
                index += 2
            }
            guard byte != 0 else { throw .malformedForm("null character") }
            bytes.append(byte)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformedForm("not UTF-8") }
        return text
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}

/// The fields of a form or a query string; each name occurs once.
public struct FormFields: Sendable {
    /// All fields in the order they were sent, also the empty ones.
    public let all: [(name: String, value: String)]

    /// Fields whose names are known to be distinct.
    public init(_ all: [(name: String, value: String)] = []) { self.all = all }

    /// The value of a field; `nil` when it is absent or empty (RFC 6749, section 3.1: a parameter without a value
    /// counts as
    /// omitted).
    public subscript(name: String) -> String? {
        guard let value = raw(name), !value.isEmpty else { return nil }
        return value
    }

    /// The value of a field as sent, also when empty; `nil` when it is absent.
    public func raw(_ name: String) -> String? {
        for field in all where sameCodePoints(field.name, name) { return field.value }
        return nil
    }

    /// True when the field was sent, even empty.
    public func has(_ name: String) -> Bool { raw(name) != nil }

    /// The value of a field that must be there.
    /// - Throws: `web.missing_parameter`, with the field named.
    public func required(_ name: String) throws(RumdulError) -> String {
        guard let value = self[name] else { throw .missingParameter(name) }
        return value
    }

    /// A reader that collects every refused field before it throws.
    public var reader: FieldReader { FieldReader(self) }
}
