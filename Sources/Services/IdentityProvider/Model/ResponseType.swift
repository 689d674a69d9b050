import Kernel

/// What an authorization response carries (OAuth 2.0 Multiple Response Type Encoding Practices, section 3).
struct ResponseType: Sendable, Hashable {
    var code: Bool
    var idToken: Bool
    var token: Bool

    static let code = ResponseType(code: true, idToken: false, token: false)

    init(code: Bool, idToken: Bool, token: Bool) {
        self.code = code
        self.idToken = idToken
        self.token = token
    }

    /// The response type behind a `response_type` value, its words in any order, or `nil`.
    init?(_ text: String) {
        if text == "code" {
            self = .code
            return
        }
        let words = text.words
        guard !words.isEmpty, Set(words).count == words.count, Set(words).isSubset(of: ["code", "id_token", "token"])
        else { return nil }
        self.init(code: words.contains("code"), idToken: words.contains("id_token"), token: words.contains("token"))
    }

    /// The value with its words in the registered order.
    var text: String {
        if self == .code { return "code" }
        return [code ? "code" : nil, idToken ? "id_token" : nil, token ? "token" : nil].compactMap(\.self)
            .joined(separator: " ")
    }

    /// Whether no access token comes of it, so that userinfo cannot be asked.
    var isIDTokenOnly: Bool { idToken && !code && !token }

    /// Whether tokens travel through the browser, so that they must not appear in a query.
    var isFrontChannel: Bool { idToken || token }
}

/// How the authorization response returns (Multiple Response Types section 2.1, Form Post Response Mode, JARM section 2.3).
struct ResponseMode: Sendable, Hashable {
    enum Delivery: String, Sendable {
        case query, fragment
        case formPost = "form_post"
    }

    var delivery: Delivery
    /// Whether the parameters travel inside one signed JWT.
    var isJWT: Bool

    static func standard(for type: ResponseType) -> ResponseMode {
        ResponseMode(delivery: type.isFrontChannel ? .fragment : .query, isJWT: false)
    }

    init(delivery: Delivery, isJWT: Bool) {
        self.delivery = delivery
        self.isJWT = isJWT
    }

    /// The mode behind a `response_mode` value, or `nil`; `jwt` alone takes the response type's own delivery.
    init?(_ text: String, for type: ResponseType) {
        if text == "jwt" {
            self.init(delivery: ResponseMode.standard(for: type).delivery, isJWT: true)
            return
        }
        let isJWT = text.hasSuffix(".jwt")
        guard let delivery = Delivery(rawValue: isJWT ? String(text.dropLast(4)) : text) else { return nil }
        self.init(delivery: delivery, isJWT: isJWT)
    }

    var text: String { delivery.rawValue + (isJWT ? ".jwt" : "") }

    /// All values, for discovery.
    static let all = [
        "query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt",
    ]
}
