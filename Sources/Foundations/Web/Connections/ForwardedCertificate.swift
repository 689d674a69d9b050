import Codecs

/// A client certificate in a header field that a proxy in front of the program sets: URL-encoded PEM (nginx
/// `$ssl_client_escaped_cert`) or a byte sequence (`Client-Cert`, RFC 9440, section 2.1).
enum ForwardedCertificate {
    /// The longest value, in bytes.
    static let maximumSize = 32 << 10

    private static let begin = Array("-----BEGIN CERTIFICATE-----".utf8)
    private static let end = Array("-----END CERTIFICATE-----".utf8)

    /// The one certificate of a value in DER, or `nil` when it is not well-formed. What the DER holds is not looked at.
    static func der(_ value: String) -> [UInt8]? {
        guard value.utf8.count <= maximumSize else { return nil }
        let bytes = Array(value.utf8)
        let colon = UInt8(ascii: ":")
        if bytes.count > 2, bytes.first == colon {
            guard bytes.last == colon else { return nil }
            return Base64.decode(String(decoding: bytes[1..<(bytes.count - 1)], as: UTF8.self))
        }
        guard let text = unescaped(bytes) else { return nil }
        return pem(text)
    }

    private static func unescaped(_ bytes: [UInt8]) -> [UInt8]? {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.count,
                    let value = Hex.decode(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self))
                else { return nil }
                plain += value
                index += 3
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return plain
    }

    private static func pem(_ bytes: [UInt8]) -> [UInt8]? {
        let text = bytes.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 }
        let trimmed = text.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        let content = Array(trimmed)
        guard content.starts(with: begin), content.count > begin.count + end.count,
            content.suffix(end.count).elementsEqual(end)
        else { return nil }
        let body = content[begin.count..<(content.count - end.count)].filter { !isSpace($0) }
        guard let der = Base64.decode(String(decoding: body, as: UTF8.self)), !der.isEmpty else { return nil }
        return der
    }
}
