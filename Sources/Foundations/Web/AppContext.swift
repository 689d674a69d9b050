import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore

/// What every handler knows of its request besides the request itself. Everything here is computed when it is asked
/// for, so that
/// a handler that asks for nothing pays for nothing.
public struct AppContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The channel that the request came through.
    public let channel: any Channel
    /// Settings, pages and assets of the program.
    public internal(set) var environment: WebEnvironment
    private var headers = HTTPFields()
    private var target = ""
    private var sequence: UInt64 = 0
    /// Set for requests that came over the program's own TLS listener.
    var peerCertificates: PeerCertificates?

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        environment = .empty
    }

    mutating func attach(_ environment: WebEnvironment, _ head: HTTPRequest) {
        self.environment = environment
        headers = head.headerFields
        target = head.path ?? ""
        sequence = TraceID.nextSequence()
    }

    /// The largest body that Hummingbird's own decoders accept.
    public var maxUploadSize: Int { environment.settings.maximumBody }

    /// The settings of the program.
    public var settings: WebSettings { environment.settings }

    /// The trace of the request: that of a well-formed `traceparent` header, else a new one. 32 hexadecimal digits.
    public var traceID: String { trace.description }

    var trace: TraceID {
        if let header = headers.one(.traceparent), let trace = TraceID(traceparent: header) { return trace }
        return TraceID(sequence: sequence)
    }

    /// The `traceparent` header for a request that this one causes (W3C Trace Context, section 3.2).
    public var traceparent: String {
        let span = TraceID(sequence: TraceID.nextSequence()).description.suffix(16)
        return "00-\(traceID)-\(span)-01"
    }

    /// The language to answer in: query parameter `lang`, else cookie `lang`, else `Accept-Language`, else Khmer.
    public var language: Language {
        requestedLanguage
            ?? CookieHeader.value(LanguageCookie.name, in: headers).flatMap { Language(tag: $0) }
            ?? headers.one(.acceptLanguage).flatMap { Language(acceptLanguage: $0) }
            ?? .km
    }

    /// The language that the query parameter `lang` asks for, if it names one of ours.
    var requestedLanguage: Language? {
        guard target.range(ofASCII: "lang=") else { return nil }
        let target = target.utf8
        guard let question = target.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        for pair in target[target.index(after: question)...].split(separator: UInt8(ascii: "&")).prefix(64)
        where pair.starts(with: "lang=".utf8) {
            return Language(tag: Substring(pair.dropFirst(5)))
        }
        return nil
    }

    /// True when the client would rather read a page than a problem document: `Accept` names `text/html`.
    public var prefersHTML: Bool {
        guard let accept = headers.one(.accept) else { return false }
        return accept.range(ofASCII: "text/html")
    }

    /// The IP address of the client, or `"unknown"`. `X-Forwarded-For` counts only as far as configured proxies vouch
    /// for it.
    /// Never written to logs or tables; key rate limits with it.
    public var clientAddress: String {
        let peer = channel.remoteAddress?.ipAddress ?? "unknown"
        let proxies = settings.trustedProxies
        guard isFromTrustedProxy(peer), let name = HTTPField.Name("X-Forwarded-For") else { return peer }
        let hops = headers[values: name].joined(separator: ",").split(separator: ",").suffix(32)
        for hop in hops.reversed() {
            let address = String(hop.filter { $0 != " " })
            guard IPAddress.bytes(address[...]) != nil else { return peer }
            if !proxies.contains(where: { $0.contains(address) }) { return address }
        }
        return peer
    }

    private func isFromTrustedProxy(_ peer: String) -> Bool {
        let proxies = settings.trustedProxies
        return !proxies.isEmpty && proxies.contains { $0.contains(peer) }
    }

    /// The certificate that the client proved to hold, in DER, or `nil`. Over the program's own TLS listener it is that
    /// of the handshake, and no header field counts. Over the plain listener it is the one in the configured header
    /// field, which counts only from a trusted proxy and only when it is there exactly once.
    ///
    /// Neither chain nor validity are checked: any certificate comes through, self-signed ones too.
    public var clientCertificate: [UInt8]? {
        if let peerCertificates { return peerCertificates.certificate(of: channel) }
        guard let header = settings.clientCertificateHeader, let name = HTTPField.Name(header),
            isFromTrustedProxy(channel.remoteAddress?.ipAddress ?? "unknown")
        else { return nil }
        let values = headers[values: name]
        guard values.count == 1 else { return nil }
        return ForwardedCertificate.der(values[0])
    }

    /// The value of a cookie of the request, or `nil`. Of cookies with the same name the first counts.
    public func cookie(_ name: String) -> String? { CookieHeader.value(name, in: headers) }

    /// Path and query of the request as sent. For links back to the same page only; never for logs.
    var requestTarget: String { target }
}

/// The parts that all requests share; immutable after start.
public final class WebEnvironment: Sendable {
    /// The settings of the program.
    public let settings: WebSettings
    /// The pages of all modules, compiled.
    public let pages: Pages
    /// Counters and histograms.
    public let metrics: PrometheusMetrics
    /// The errors that have a page of their own under `/errors`.
    public let errors: ErrorCatalogue
    let headers: SecurityHeaders
    let logger: Logger

    init(
        settings: WebSettings, pages: Pages, metrics: PrometheusMetrics, logger: Logger,
        errors: ErrorCatalogue = ErrorCatalogue([])
    ) {
        self.settings = settings
        self.errors = errors
        self.pages = pages
        self.metrics = metrics
        self.headers = SecurityHeaders(settings)
        self.logger = logger
    }

    static let empty = WebEnvironment(
        settings: WebSettings(baseURL: "http://localhost"), pages: .empty, metrics: PrometheusMetrics(),
        logger: Logger(label: "rumdul.web"))
}

extension String {
    /// True when the text contains an ASCII needle (lower case; the text may be of either case).
    func range(ofASCII needle: StaticString) -> Bool {
        let count = needle.utf8CodeUnitCount
        return needle.withUTF8Buffer { wanted in
            utf8.withContiguousStorageIfAvailable { bytes in
                guard bytes.count >= count else { return false }
                for start in 0...(bytes.count - count) {
                    var index = 0
                    while index < count {
                        let byte = bytes[start + index]
                        let lower = byte >= 65 && byte <= 90 ? byte | 32 : byte
                        if lower != wanted[index] { break }
                        index += 1
                    }
                    if index == count { return true }
                }
                return false
            } ?? lowercased().contains(needle.description)
        }
    }
}
