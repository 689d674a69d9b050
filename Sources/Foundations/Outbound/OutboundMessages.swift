import Kernel

/// A header field.
public struct OutboundHeader: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The content of a request.
public struct OutboundContent: Sendable, Hashable {
    /// Its media type.
    public var type: String
    public var bytes: [UInt8]
    /// The content coding that was applied to the bytes (RFC 9110 section 8.4), in lower case; `nil` for none.
    public var encoding: String?

    public init(type: String, bytes: [UInt8], encoding: String? = nil) {
        self.type = type
        self.bytes = bytes
        self.encoding = encoding
    }

    /// Fields as `application/x-www-form-urlencoded`.
    public static func form(_ fields: [(String, String)]) -> OutboundContent {
        let text = fields.map { encoded($0.0) + "=" + encoded($0.1) }.joined(separator: "&")
        return OutboundContent(type: "application/x-www-form-urlencoded", bytes: Array(text.utf8))
    }

    /// A JSON text.
    public static func json(_ bytes: [UInt8]) -> OutboundContent {
        OutboundContent(type: "application/json", bytes: bytes)
    }

    private static func encoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2A, 0x2D, 0x2E, 0x5F: bytes.append(byte)
            case 0x20: bytes.append(0x2B)
            default: bytes += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A request to an address that somebody else gave: GET without content, POST with it.
public struct OutboundRequest: Sendable {
    /// The URL as it was given.
    public var url: String
    /// Further header fields. `Host`, `Connection`, `Cookie`, `Accept`, `Accept-Encoding`, `User-Agent`, and whatever
    /// describes the content or a proxy, belong to the client and are refused.
    public var headers: [OutboundHeader]
    /// The content of a POST; `nil` makes it a GET.
    public var content: OutboundContent?
    /// The most bytes of an answer with a 2xx status; `nil` when only its status counts, and nothing more is read.
    public var bodyLimit: Int?
    /// Media types of an answer with a 2xx status, without parameters; empty for any. `+json` takes any type that ends
    /// so.
    public var accepting: [String]

    public init(
        url: String, headers: [OutboundHeader] = [], content: OutboundContent? = nil, bodyLimit: Int? = 65_536,
        accepting: [String] = []
    ) {
        self.url = url
        self.headers = headers
        self.content = content
        self.bodyLimit = bodyLimit
        self.accepting = accepting
    }
}

/// An answer: never a redirect. The body of any status but 2xx is not read.
public struct OutboundResponse: Sendable {
    public var status: Int
    public var headers: [OutboundHeader]
    public var body: [UInt8]

    /// The first value of a field, its name in any case.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// The media type in lower case, without parameters.
    public var mediaType: String? {
        header("content-type").map { value in
            let type = value.prefix { $0 != ";" }.lowercased()
            return String(type.filter { $0 != " " && $0 != "\t" })
        }
    }

    /// Seconds for which the answer may be kept (RFC 9111): 0 when it must not be, `nil` when it does not say.
    public var maxAge: Int64? {
        let directives = headers.filter { $0.name.lowercased() == "cache-control" }.flatMap { field in
            field.value.lowercased().split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        }
        guard !directives.contains("no-store"), !directives.contains("no-cache") else { return 0 }
        guard let directive = directives.first(where: { $0.hasPrefix("max-age=") }) else { return nil }
        let digits = directive.dropFirst("max-age=".count).filter { $0 != "\"" }
        guard let seconds = Self.seconds(digits) else { return 0 }
        return max(0, min(seconds, 31_536_000) - (header("age").flatMap { Self.seconds($0) } ?? 0))
    }

    /// A whole number of seconds; a very large one is cut to 2^31 (RFC 9111 section 1.2.2).
    static func seconds(_ digits: some StringProtocol) -> Int64? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Int64(digits) ?? 1 << 31, 1 << 31)
    }
}

/// What requests may cost.
public struct OutboundLimits: Sendable {
    /// The time of a whole request, from looking up the name to the last byte, in milliseconds. 1...60000.
    public var timeout: Int64
    /// Requests to one host at a time.
    public var perHost: Int
    /// Requests to one host in a second, on average.
    public var perSecond: Int
    /// Requests to one host that may come at once after a pause.
    public var burst: Int
    /// Requests at a time in all.
    public var total: Int

    public init(timeout: Int64 = 3000, perHost: Int = 8, perSecond: Int = 20, burst: Int = 40, total: Int = 128) {
        self.timeout = timeout
        self.perHost = perHost
        self.perSecond = perSecond
        self.burst = burst
        self.total = total
    }

    /// 3 seconds; 8 at a time, 20 a second and 40 at once for a host; 128 in all.
    public static let standard = OutboundLimits()
}
