import Codecs
import SwiftASN1
import X509

/// A distinguished name in a form that can be compared: from a certificate, or from the string of RFC 4514.
///
/// Order of the relative names, types and values must agree; names of types may be of either case, several values of
/// one relative name may stand in any order, and escapes are resolved. Values are compared by code points.
struct DistinguishedNameText: Equatable, Sendable, CustomStringConvertible {
    /// One type with its value. A value that is no text is `#` and the hexadecimal digits of its DER form.
    struct Attribute: Hashable, Sendable {
        var type: String
        var value: [UInt8]
        var isEncoded = false
    }

    /// The relative names in the order of the certificate: the least specific first.
    let names: [Set<Attribute>]

    /// The longest string, in bytes, and the most relative names.
    static let maximumSize = 2048
    static let maximumNames = 64

    init(_ name: DistinguishedName) {
        names = name.map { relative in Set(relative.map(Self.attribute)) }
    }

    /// Parses the string of RFC 4514, which begins with the most specific name. `nil` when it is not well-formed or
    /// empty.
    init?(_ text: String) {
        var parser = DistinguishedNameParser(text)
        guard text.utf8.count <= Self.maximumSize, let names = parser.names(), names.count <= Self.maximumNames else {
            return nil
        }
        self.names = names.reversed()
    }

    private static func attribute(_ attribute: RelativeDistinguishedName.Attribute) -> Attribute {
        let type = attribute.type.description
        if let text = String(attribute.value) { return Attribute(type: type, value: Array(text.utf8)) }
        var serializer = DER.Serializer()
        // Serialising what was parsed cannot fail; an empty value would match nothing.
        try? serializer.serialize(ASN1Any(attribute.value))
        return Attribute(type: type, value: serializer.serializedBytes, isEncoded: true)
    }

    /// The identifiers of the short names: RFC 4514, section 3, and others that programs write.
    static let identifiers: [String: String] = [
        "CN": "2.5.4.3", "SN": "2.5.4.4", "SURNAME": "2.5.4.4", "SERIALNUMBER": "2.5.4.5", "C": "2.5.4.6",
        "L": "2.5.4.7", "ST": "2.5.4.8", "S": "2.5.4.8", "STREET": "2.5.4.9", "O": "2.5.4.10", "OU": "2.5.4.11",
        "TITLE": "2.5.4.12", "T": "2.5.4.12", "BUSINESSCATEGORY": "2.5.4.15", "POSTALCODE": "2.5.4.17",
        "GN": "2.5.4.42", "GIVENNAME": "2.5.4.42", "ORGANIZATIONIDENTIFIER": "2.5.4.97",
        "UID": "0.9.2342.19200300.100.1.1", "DC": "0.9.2342.19200300.100.1.25", "E": "1.2.840.113549.1.9.1",
        "EMAIL": "1.2.840.113549.1.9.1", "EMAILADDRESS": "1.2.840.113549.1.9.1",
        "JURISDICTIONC": "1.3.6.1.4.1.311.60.2.1.3", "JURISDICTIONCOUNTRYNAME": "1.3.6.1.4.1.311.60.2.1.3",
    ]

    private static let shortNames: [String: String] = {
        var names: [String: String] = [:]
        for name in ["CN", "C", "L", "ST", "STREET", "O", "OU", "UID", "DC"] {
            if let identifier = identifiers[name] { names[identifier] = name }
        }
        return names
    }()

    /// The string of RFC 4514.
    var description: String {
        names.reversed().map { relative in
            relative.map(Self.text).sorted().joined(separator: "+")
        }.joined(separator: ",")
    }

    private static func text(_ attribute: Attribute) -> String {
        let type = shortNames[attribute.type] ?? attribute.type
        guard !attribute.isEncoded else { return type + "=#" + Hex.encode(attribute.value) }
        var escaped: [UInt8] = []
        for (index, byte) in attribute.value.enumerated() {
            let isEdge = index == 0 || index == attribute.value.count - 1
            if byte < 0x20 || byte == 0x7F {
                escaped += Array("\\".utf8) + Array(Hex.encode([byte]).utf8)
                continue
            }
            if "\"+,;<>\\".utf8.contains(byte) || (byte == 0x20 && isEdge) || (byte == 0x23 && index == 0) {
                escaped.append(UInt8(ascii: "\\"))
            }
            escaped.append(byte)
        }
        return type + "=" + String(decoding: escaped, as: UTF8.self)
    }
}

/// Reads the string of RFC 4514, section 3. Spaces around separators, which many programs write, are passed over.
struct DistinguishedNameParser {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func names() -> [Set<DistinguishedNameText.Attribute>]? {
        var names: [Set<DistinguishedNameText.Attribute>] = []
        var relative: Set<DistinguishedNameText.Attribute> = []
        while true {
            guard let attribute = attribute(), relative.insert(attribute).inserted else { return nil }
            let separator = current
            if separator != UInt8(ascii: "+") {
                names.append(relative)
                relative = []
            }
            guard let separator else { return names }
            guard separator == UInt8(ascii: "+") || separator == UInt8(ascii: ",") else { return nil }
            index += 1
        }
    }

    private mutating func skipSpaces() { while current == 0x20 { index += 1 } }

    private mutating func attribute() -> DistinguishedNameText.Attribute? {
        skipSpaces()
        let start = index
        while let byte = current, byte != UInt8(ascii: "="), byte != 0x20 { index += 1 }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        skipSpaces()
        guard current == UInt8(ascii: "="), let type = Self.type(name) else { return nil }
        index += 1
        skipSpaces()
        if current == UInt8(ascii: "#") { return encoded(type) }
        guard let value = value() else { return nil }
        return DistinguishedNameText.Attribute(type: type, value: value)
    }

    /// A short name in either case, or a dotted identifier without leading zeros.
    private static func type(_ name: String) -> String? {
        if let known = DistinguishedNameText.identifiers[name.uppercased()] { return known }
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isDotted =
            parts.count >= 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.count <= 20 && part.allSatisfy { $0 >= 48 && $0 <= 57 }
                    && (part.count == 1 || part.first != 48)
            }
        return isDotted ? name : nil
    }

    private mutating func encoded(_ type: String) -> DistinguishedNameText.Attribute? {
        index += 1
        let start = index
        while let byte = current, byte != UInt8(ascii: ","), byte != UInt8(ascii: "+"), byte != 0x20 { index += 1 }
        let digits = String(decoding: bytes[start..<index], as: UTF8.self)
        skipSpaces()
        guard let value = Hex.decode(digits), !value.isEmpty else { return nil }
        return DistinguishedNameText.Attribute(type: type, value: value, isEncoded: true)
    }

    /// The value up to the next separator, escapes resolved, spaces that are not escaped cut off at its end.
    private mutating func value() -> [UInt8]? {
        var value: [UInt8] = []
        var kept = 0
        while let byte = current, byte != UInt8(ascii: ","), byte != UInt8(ascii: "+") {
            index += 1
            switch byte {
            case UInt8(ascii: "\\"):
                guard let escaped = escape() else { return nil }
                value.append(escaped)
                kept = value.count
            case UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0: return nil
            default:
                value.append(byte)
                if byte != 0x20 { kept = value.count }
            }
        }
        guard kept > 0, String(validating: value.prefix(kept), as: UTF8.self) != nil else { return nil }
        return Array(value.prefix(kept))
    }

    private mutating func escape() -> UInt8? {
        guard let first = current else { return nil }
        index += 1
        if " \"#+,;<=>\\".utf8.contains(first) { return first }
        guard let second = current else { return nil }
        index += 1
        return Hex.decode(String(decoding: [first, second], as: UTF8.self))?.first
    }
}
