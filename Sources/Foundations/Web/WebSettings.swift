import HTTPTypes
import Kernel

/// How the program is reached from outside and what it accepts.
public struct WebSettings: Sendable {
    /// Scheme and authority under which browsers and clients reach the program, without a slash at the end:
    /// `https://id.gov.kh`.
    public var baseURL: String
    /// Proxies whose `X-Forwarded-For` header is believed. Empty: the header is ignored.
    public var trustedProxies: [AddressRange]
    /// The largest request body in bytes that any reader accepts, whatever it asks for.
    public var maximumBody: Int
    /// The name of the product in the header of every page.
    public var productName: LocalizedText
    /// Whether `/metrics` is served.
    public var metrics: Bool
    /// Who may read `/metrics`; `nil` for anybody. To others there is no such page.
    public var metricsReaders: [AddressRange]?
    /// Whether each request leaves one line in the log. Static answers and health checks leave none unless they fail.
    public var accessLog: Bool
    /// The header field in which trusted proxies tell the client's certificate (`X-Client-Cert`, `Client-Cert`); `nil`
    /// when they tell none.
    public var clientCertificateHeader: String?

    public init(
        baseURL: String, trustedProxies: [AddressRange] = [], maximumBody: Int = 4 << 20,
        productName: LocalizedText = LocalizedText(km: "រំដួល", en: "Rumdul"), metrics: Bool = true,
        metricsReaders: [AddressRange]? = nil, accessLog: Bool = true, clientCertificateHeader: String? = nil
    ) {
        var url = baseURL
        while url.hasSuffix("/") { url.removeLast() }
        self.baseURL = url
        self.trustedProxies = trustedProxies
        self.maximumBody = maximumBody
        self.productName = productName
        self.metrics = metrics
        self.metricsReaders = metricsReaders
        self.accessLog = accessLog
        self.clientCertificateHeader = clientCertificateHeader
    }

    /// True when a text can be the name of a header field (RFC 9110, section 5.1).
    public static func isHeaderName(_ text: String) -> Bool { HTTPField.Name(text) != nil }

    /// True when browsers reach the program over https: cookies are then `Secure` with the `__Host-` prefix, and
    /// `Strict-Transport-Security` is sent.
    public var isSecure: Bool { baseURL.utf8.starts(with: "https://".utf8) }
}

/// A range of IP addresses in CIDR notation (`10.0.0.0/8`, `::1/128`) or one address.
public struct AddressRange: Sendable, Hashable {
    private let network: [UInt8]
    private let prefix: Int

    /// A range from its text, or `nil` when it is not one.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = IPAddress.bytes(first) else { return nil }
        var prefix = bytes.count * 8
        if parts.count == 2 {
            guard let length = Int(parts[1]), (0...bytes.count * 8).contains(length) else { return nil }
            prefix = length
        }
        network = bytes
        self.prefix = prefix
    }

    /// True when the address, in text form, lies in the range.
    public func contains(_ address: String) -> Bool {
        guard let bytes = IPAddress.bytes(address[...]), bytes.count == network.count else { return false }
        for index in 0..<bytes.count {
            let bits = min(8, max(0, prefix - index * 8))
            if bits == 0 { break }
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            if bytes[index] & mask != network[index] & mask { return false }
        }
        return true
    }
}

/// IP addresses as bytes; IPv4 addresses mapped into IPv6 become IPv4.
enum IPAddress {
    static func bytes(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count <= 45 else { return nil }
        return text.utf8.contains(UInt8(ascii: ":")) ? version6(text) : version4(text)
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: Substring) -> [UInt8]? {
        var bare = text
        if let zone = bare.firstIndex(of: "%") { bare = bare[..<zone] }
        let halves = bare.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        func groups(_ part: Substring) -> [UInt8]? {
            if part.isEmpty { return [] }
            var bytes: [UInt8] = []
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            for (index, piece) in pieces.enumerated() {
                if index == pieces.count - 1, piece.contains(".") {
                    guard let tail = version4(piece) else { return nil }
                    bytes += tail
                } else {
                    guard (1...4).contains(piece.utf8.count), piece.allSatisfy(\.isHexDigit),
                        let group = UInt16(piece, radix: 16)
                    else { return nil }
                    bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
                }
            }
            return bytes
        }
        guard let head = groups(halves[0]) else { return nil }
        var bytes = head
        if halves.count == 2 {
            guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
            bytes = head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
        }
        guard bytes.count == 16 else { return nil }
        let mapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return mapped ? Array(bytes[12...]) : bytes
    }
}
