import Codecs
import Kernel

/// The order of the scheme's levels of assurance, lowest first: a level satisfies itself and every one below it.
public struct AssuranceOrder: Sendable, Hashable {
    public var levels: [String]

    public init(_ levels: [String]) { self.levels = levels }

    /// The levels of CamDigiKey.
    public static let camDigiKey = AssuranceOrder(
        ["1", "2", "3", "3plus"].map { "urn:kh:camdigikey:aal:" + $0 })

    /// Whether a level that was reached satisfies one that is wanted. An unknown level satisfies only itself.
    public func satisfies(_ reached: String, _ wanted: String) -> Bool {
        if sameCodePoints(reached, wanted) { return true }
        guard let have = levels.firstIndex(where: { sameCodePoints($0, reached) }),
            let want = levels.firstIndex(where: { sameCodePoints($0, wanted) })
        else { return false }
        return have >= want
    }
}

/// How strong and how fresh an authentication a resource wants: what a resource server checks in an access token, tells
/// in its challenge, and what the client then asks the provider for (RFC 9470).
///
/// ```swift
/// let wanted = StepUp(acrValues: ["urn:kh:camdigikey:aal:2"], maxAge: 300)
/// guard wanted.isMet(by: tokenClaims, now: now) else { /* 401 with wanted.challenge(.dpop) */ }
/// ```
public struct StepUp: Sendable, Hashable {
    /// The scheme of the challenge: that of the token.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        case bearer = "Bearer"
        case dpop = "DPoP"
    }

    /// The levels one of which must be reached, most wanted first; empty when any will do.
    public var acrValues: [String]
    /// The greatest age of the authentication in seconds; `nil` when any will do.
    public var maxAge: Int64?

    /// - Parameters:
    ///   - acrValues: words without spaces and quotes; others are left out, because no header could carry them.
    ///   - maxAge: a negative age counts as 0.
    public init(acrValues: [String] = [], maxAge: Int64? = nil) {
        self.acrValues = acrValues.filter(Self.isWord)
        self.maxAge = maxAge.map { max(0, $0) }
    }

    /// The greatest difference of clocks that is forgiven, in seconds.
    static let clockSkew: Int64 = 60

    // MARK: At the resource server

    /// Whether an access token's claims satisfy this: `acr` by the order of the scheme, `auth_time` by its age. A claim
    /// that is missing satisfies nothing. The token itself must have been verified before.
    public func isMet(by claims: JSONObject, now: Instant, order: AssuranceOrder = .camDigiKey) -> Bool {
        if !acrValues.isEmpty {
            guard let reached = claims.string("acr"), acrValues.contains(where: { order.satisfies(reached, $0) }) else {
                return false
            }
        }
        guard let maxAge else { return true }
        guard let time = claims.integer("auth_time"), time >= 0, time <= now.seconds + Self.clockSkew else {
            return false
        }
        return now.seconds - time <= maxAge
    }

    /// The value of `WWW-Authenticate` in the 401 answer to a token that does not satisfy this (RFC 9470, section 3).
    public func challenge(_ scheme: Scheme) -> String {
        var text = scheme.rawValue + " error=\"insufficient_user_authentication\""
        text += ", error_description=\"A stronger or more recent authentication is required\""
        if !acrValues.isEmpty { text += ", acr_values=\"\(acrValues.joined(separator: " "))\"" }
        if let maxAge { text += ", max_age=\"\(maxAge)\"" }
        return text
    }

    // MARK: At the client

    /// Reads the step-up challenge from the value of a `WWW-Authenticate` field, which may hold other challenges too.
    /// `nil` when there is none, or the field is malformed or longer than 8 KiB.
    public init?(wwwAuthenticate field: String) {
        guard field.utf8.count <= 8192, let challenges = AuthenticationChallenges.parse(field) else { return nil }
        let found = challenges.first { challenge in
            Scheme.allCases.contains { $0.rawValue.lowercased() == challenge.scheme }
                && challenge.parameters["error"] == "insufficient_user_authentication"
        }
        guard let found else { return nil }
        var maxAge: Int64?
        if let text = found.parameters["max_age"] {
            guard text.utf8.count <= 10, text.utf8.allSatisfy({ (48...57).contains($0) }), let age = Int64(text) else {
                return nil
            }
            maxAge = age
        }
        let words = (found.parameters["acr_values"] ?? "").split(separator: " ").prefix(16).map(String.init)
        self.init(acrValues: words, maxAge: maxAge)
    }

    /// The login that answers this: the levels are essential, so that a login below them is refused and not accepted.
    /// - Parameter options: what else the login asks for.
    public func login(_ options: LoginOptions = LoginOptions()) -> LoginOptions {
        var options = options
        if !acrValues.isEmpty {
            options.acrValues = acrValues
            options.requiresACR = true
        }
        if let maxAge { options.maxAge = min(maxAge, options.maxAge ?? maxAge) }
        return options
    }

    private static func isWord(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}

extension RelyingParty {
    /// Starts the login that a resource server's challenge asks for.
    /// - Throws: as ``authorizationRequest(_:)``.
    public func authorizationRequest(
        answering challenge: StepUp, _ options: LoginOptions = LoginOptions()
    ) async throws -> LoginStart {
        try await authorizationRequest(challenge.login(options))
    }
}

/// Reads `WWW-Authenticate` (RFC 9110, section 11.6.1): a list of challenges, each a scheme with either one token68 or a
/// list of parameters.
enum AuthenticationChallenges {
    struct Challenge: Sendable {
        /// In lower case.
        var scheme: String
        /// By their names in lower case.
        var parameters: [String: String] = [:]
    }

    /// The challenges, or `nil` when the field is malformed.
    static func parse(_ field: String) -> [Challenge]? {
        var scanner = Scanner(bytes: Array(field.utf8))
        var challenges: [Challenge] = []
        while true {
            scanner.skip { $0 == UInt8(ascii: ",") || isSpace($0) }
            guard !scanner.isAtEnd else { return challenges }
            guard let word = scanner.token() else { return nil }
            let spaces = scanner.skip(isSpace)
            if scanner.take(UInt8(ascii: "=")) {
                // A parameter of the challenge before.
                scanner.skip(isSpace)
                guard !challenges.isEmpty, let value = scanner.value() else { return nil }
                let name = word.lowercased()
                guard challenges[challenges.count - 1].parameters.updateValue(value, forKey: name) == nil else {
                    return nil
                }
                continue
            }
            guard spaces > 0 || scanner.isAtEnd || scanner.peek == UInt8(ascii: ",") else { return nil }
            challenges.append(Challenge(scheme: word.lowercased()))
            scanner.skipToken68()
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    private struct Scanner {
        let bytes: [UInt8]
        var at = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { at >= bytes.count }
        var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

        @discardableResult
        mutating func skip(_ wanted: (UInt8) -> Bool) -> Int {
            let start = at
            while let byte = peek, wanted(byte) { at += 1 }
            return at - start
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard peek == byte else { return false }
            at += 1
            return true
        }

        mutating func token() -> String? {
            let start = at
            skip(Self.isTokenCharacter)
            return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
        }

        /// A token or a quoted string.
        mutating func value() -> String? {
            guard take(UInt8(ascii: "\"")) else { return token() }
            var text: [UInt8] = []
            while let byte = peek {
                at += 1
                if byte == UInt8(ascii: "\"") { return String(validating: text, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                guard let escaped = peek else { return nil }
                at += 1
                text.append(escaped)
            }
            return nil
        }

        /// Passes over a token68 that stands alone after a scheme; leaves parameters where they are.
        mutating func skipToken68() {
            let start = at
            skip { Self.isTokenCharacter($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "+") }
            let padding = skip { $0 == UInt8(ascii: "=") }
            skip { $0 == 32 || $0 == 9 }
            let ends = isAtEnd || peek == UInt8(ascii: ",")
            // `name=` before a value is a parameter, not a token with padding.
            guard ends, at > start, padding != 1 || isAtEnd || peek == UInt8(ascii: ",") else {
                at = start
                return
            }
        }

        static func isTokenCharacter(_ byte: UInt8) -> Bool {
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
    }
}
