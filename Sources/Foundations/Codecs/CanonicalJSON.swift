import Kernel

/// The JSON canonicalisation scheme (RFC 8785): one text for one value, so that it can be hashed and signed.
public enum CanonicalJSON {
    /// The canonical text: no white space, member names in the order of their UTF-16 code units, numbers by the rules
    /// of ECMAScript.
    /// - Throws: `codec.json` for a number that a double cannot hold exactly or that is not finite: such a number would
    ///   give two different values the same canonical text.
    public static func encode(_ value: JSONValue) throws(RumdulError) -> [UInt8] {
        var writer = JSONWriter()
        try write(value, to: &writer)
        return writer.bytes
    }

    /// Parses a text and gives its canonical form.
    /// - Throws: `codec.json`.
    public static func canonicalize(_ bytes: [UInt8]) throws(RumdulError) -> [UInt8] { try encode(JSON.parse(bytes)) }

    private static func write(_ value: JSONValue, to writer: inout JSONWriter) throws(RumdulError) {
        switch value {
        case .integer(let number):
            if number.magnitude <= 1 << 53 {
                writer.value(number)
            } else {
                guard let double = Double(exactly: number) else { throw .malformedJSON("integer is no exact double") }
                writer.value(double)
            }
        case .double(let number):
            guard number.isFinite else { throw .malformedJSON("number is not finite") }
            writer.value(number)
        case .array(let elements):
            writer.beginArray()
            for element in elements { try write(element, to: &writer) }
            writer.endArray()
        case .object(let object):
            writer.beginObject()
            for member in object.members.sorted(by: { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }) {
                writer.name(member.name)
                try write(member.value, to: &writer)
            }
            writer.endObject()
        case .null, .bool, .string: writer.value(value)
        }
    }
}

/// Numbers as ECMAScript writes them (ECMA-262 `Number::toString`, named by RFC 8785 section 3.2.2.3).
public enum ECMAScriptNumber {
    /// The shortest text that reads back as the same double, or `nil` when it is not finite. Minus zero is `0`.
    public static func text(_ value: Double) -> String? {
        guard value.isFinite else { return nil }
        if value == 0 { return "0" }
        let (digits, exponent) = decompose(value.magnitude)
        let count = digits.count
        var text: [UInt8] = value < 0 ? [UInt8(ascii: "-")] : []
        if exponent >= count, exponent <= 21 {
            text += digits
            text += [UInt8](repeating: 48, count: exponent - count)
        } else if exponent > 0, exponent <= 21 {
            text += digits[..<exponent]
            text.append(UInt8(ascii: "."))
            text += digits[exponent...]
        } else if exponent > -6, exponent <= 0 {
            text += Array("0.".utf8)
            text += [UInt8](repeating: 48, count: -exponent)
            text += digits
        } else {
            text.append(digits[0])
            if count > 1 {
                text.append(UInt8(ascii: "."))
                text += digits[1...]
            }
            text.append(UInt8(ascii: "e"))
            if exponent > 0 { text.append(UInt8(ascii: "+")) }
            text += Array(String(exponent - 1).utf8)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The shortest digits `d1 d2 ...` and the exponent `n` with value = 0.d1d2... x 10^n.
    private static func decompose(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        // Swift prints the shortest digits that read back; only the notation differs.
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var inExponent = false
        var exponentNegative = false
        for byte in value.description.utf8 {
            switch byte {
            case UInt8(ascii: "."): point = digits.count
            case UInt8(ascii: "e"): inExponent = true
            case UInt8(ascii: "-"): exponentNegative = true
            case 48...57:
                if inExponent { exponent = exponent * 10 + Int(byte - 48) } else { digits.append(byte) }
            default: break
            }
        }
        var scale = (point ?? digits.count) + (exponentNegative ? -exponent : exponent)
        let leading = digits.prefix { $0 == 48 }.count
        digits.removeFirst(leading)
        scale -= leading
        while digits.count > 1, digits.last == 48 { digits.removeLast() }
        return (digits, scale)
    }
}
