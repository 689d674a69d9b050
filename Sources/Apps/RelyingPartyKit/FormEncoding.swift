import Kernel

/// `application/x-www-form-urlencoded`, for queries and bodies.
enum FormEncoding {
    /// Pairs as text. Everything but the unreserved characters of RFC 3986 is percent-encoded, so the result is right
    /// in a query and in a body alike.
    static func encode(_ pairs: [(String, String)]) -> String {
        pairs.map { escape($0.0) + "=" + escape($0.1) }.joined(separator: "&")
    }

    /// One name or value.
    static func escape(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The pairs of a query of at most 16 KiB and 64 pairs.
    /// - Throws: `rp.callback_malformed` for a name that comes twice, malformed escapes, or bytes that are not UTF-8.
    static func decode(_ query: String) throws(RumdulError) -> [String: String] {
        guard query.utf8.count <= 16384 else { throw RumdulError.callbackMalformed("too long") }
        var pairs: [String: String] = [:]
        let parts = query.split(separator: "&")
        guard parts.count <= 64 else { throw RumdulError.callbackMalformed("too many parameters") }
        for part in parts {
            let separator = part.firstIndex(of: "=") ?? part.endIndex
            let name = try unescape(part[..<separator])
            let value = try unescape(part[separator...].dropFirst())
            guard pairs.updateValue(value, forKey: name) == nil else {
                throw RumdulError.callbackMalformed("a parameter comes twice")
            }
        }
        return pairs
    }

    private static func unescape(_ text: Substring) throws(RumdulError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(32)
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(nibble), let low = rest.next().flatMap(nibble) else {
                    throw RumdulError.callbackMalformed("malformed escape")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let value = String(validating: bytes, as: UTF8.self) else {
            throw RumdulError.callbackMalformed("not UTF-8")
        }
        return value
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
