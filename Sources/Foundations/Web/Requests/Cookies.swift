import HTTPTypes
import Hummingbird
import Kernel

/// A cookie of the program: `HttpOnly`, `Path=/`, `SameSite=Lax` unless stricter; with an https base URL also
/// `Secure` and named
/// with the prefix `__Host-` (RFC 6265bis, section 4.1.3.2).
public struct WebCookie: Sendable {
    /// When the cookie travels from other sites.
    public enum SameSite: String, Sendable {
        /// Only with top-level navigation by GET.
        case lax = "Lax"
        /// Never.
        case strict = "Strict"
        /// Always; for the rare cookie that a form of another site must bring along. Needs https.
        case none = "None"
    }

    private let bareName: String
    private let sameSite: SameSite
    private let isSecure: Bool

    /// - Parameter name: the name without prefix; a token of RFC 9110.
    public init(_ name: String, sameSite: SameSite = .lax, settings: WebSettings) {
        bareName = name
        isSecure = settings.isSecure
        self.sameSite = sameSite == .none && !settings.isSecure ? .lax : sameSite
    }

    /// The name that travels.
    public var name: String { isSecure ? "__Host-" + bareName : bareName }

    /// The value in a request, or `nil`.
    public func value(in request: Request) -> String? { CookieHeader.value(name, in: request.headers) }

    /// The `Set-Cookie` field that stores a value.
    /// - Parameter maximumAge: seconds; nil: until the browser closes.
    public func set(_ value: String, maximumAge: Int? = nil) -> HTTPField {
        precondition(CookieHeader.isValue(value), "cookie values are base64url or plain tokens")
        var text = "\(name)=\(value); Path=/; HttpOnly; SameSite=\(sameSite.rawValue)"
        if isSecure { text += "; Secure" }
        if let maximumAge { text += "; Max-Age=\(maximumAge)" }
        return HTTPField(name: .setCookie, value: text)
    }

    /// The `Set-Cookie` field that removes the cookie.
    public var clear: HTTPField { self.set("", maximumAge: 0) }
}

extension Response {
    /// The same answer with one more `Set-Cookie` field.
    public func setting(_ cookie: HTTPField) -> Response {
        var copy = self
        copy.headers.append(cookie)
        return copy
    }
}

/// Reads the `Cookie` header.
enum CookieHeader {
    static func value(_ name: String, in headers: HTTPFields) -> String? {
        for field in headers where field.name == .cookie {
            for pair in field.value.utf8.split(separator: UInt8(ascii: ";")).prefix(64) {
                let bare = pair.drop { $0 == 32 || $0 == 9 }
                guard let equals = bare.firstIndex(of: UInt8(ascii: "=")), bare[..<equals].elementsEqual(name.utf8)
                else { continue }
                let value = String(bare[bare.index(after: equals)...])
                return value.flatMap { isValue($0) && $0.utf8.count <= 4096 ? $0 : nil }
            }
        }
        return nil
    }

    /// The octets of a cookie value (RFC 6265, section 4.1.1), without quotes.
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x2C && $0 != 0x3B && $0 != 0x5C
        }
    }
}

/// The cookie that remembers the language. It has no prefix and no secret.
public enum LanguageCookie {
    static let name = "lang"

    /// The `Set-Cookie` field that remembers a language for a year.
    public static func field(_ language: Language, secure: Bool) -> HTTPField {
        HTTPField(
            name: .setCookie,
            value: "lang=\(language.rawValue); Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"
                + (secure ? "; Secure" : ""))
    }
}
