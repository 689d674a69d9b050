/// What kind of failure an error is. `Web` alone turns a kind into an HTTP status.
public enum ErrorKind: String, Sendable, Codable {
    case invalid, unauthenticated, forbidden, notFound, conflict, gone, precondition, tooLarge, unsupportedMedia,
        rateLimited,
        unavailable, `internal`
}

/// One field of a form or document that was refused, with the reason in both languages.
public struct FieldError: Sendable, Hashable, Codable {
    /// The name of the field as the sender wrote it.
    public var field: String
    /// Why it was refused.
    public var message: LocalizedText

    public init(_ field: String, _ message: LocalizedText) {
        self.field = field
        self.message = message
    }
}

/// The error of the whole product: a stable code, a kind, a text in Khmer and English. Nothing in it is secret or personal, because
/// all of it is shown. The cause is for the log only.
///
/// Each module declares its errors as static members: `extension RumdulError { static let pinLocked = ... }`.
public struct RumdulError: Error, Sendable {
    /// The stable, dotted code (`device.pin_locked`), part of the API.
    public var code: String
    /// The kind of failure.
    public var kind: ErrorKind
    /// What happened and what to do, for the person who reads it.
    public var message: LocalizedText
    /// The refused fields, if any.
    public var fields: [FieldError]
    /// Seconds after which trying again makes sense (RFC 9110 `Retry-After`), if known.
    public var retryAfter: Int?
    /// Further numbers for the program that reads the error, as extension members of the problem document (RFC 9457, section 3.2).
    public var members: [String: Int] = [:]
    /// What lies behind, for the log only; never shown, never holds personal data.
    public var cause: String?
    /// A heading of its own; `nil`: the heading that belongs to the HTTP status.
    public var title: LocalizedText?
    /// The authentication scheme that the sender has to use (RFC 9110 section 11.6.1), for errors of requests that
    /// authenticate by one; `nil` for pages.
    public var challenge: String?

    public init(
        _ code: String, _ kind: ErrorKind, km: String, en: String, fields: [FieldError] = [], retryAfter: Int? = nil,
        cause: String? = nil
    ) {
        self.code = code
        self.kind = kind
        self.message = LocalizedText(km: km, en: en)
        self.fields = fields
        self.retryAfter = retryAfter
        self.cause = cause
    }

    /// The same error with a cause for the log.
    public func because(_ cause: String) -> RumdulError {
        var copy = self
        copy.cause = cause
        return copy
    }

    /// The same error with a further number for the program that reads it.
    public func with(_ member: String, _ value: Int) -> RumdulError {
        var copy = self
        copy.members[member] = value
        return copy
    }

    /// The same error with a heading of its own.
    public func titled(km: String, en: String) -> RumdulError {
        var copy = self
        copy.title = LocalizedText(km: km, en: en)
        return copy
    }

    /// The same error with the authentication scheme that the sender has to use.
    public func challenging(_ scheme: String) -> RumdulError {
        var copy = self
        copy.challenge = scheme
        return copy
    }

    /// The same error with refused fields.
    public func with(fields: [FieldError]) -> RumdulError {
        var copy = self
        copy.fields = fields
        return copy
    }
}

extension RumdulError: Equatable {
    /// Errors are equal when their codes are: texts and causes may change.
    public static func == (left: RumdulError, right: RumdulError) -> Bool { left.code == right.code }
}

extension RumdulError: CustomStringConvertible {
    public var description: String { "\(code) (\(kind.rawValue))" + (cause.map { ": \($0)" } ?? "") }
}

extension RumdulError {
    /// An error that is our own fault; the cause goes to the log.
    public static func `internal`(_ cause: String) -> RumdulError {
        RumdulError(
            "internal", .internal, km: "មានបញ្ហាខាងក្នុងប្រព័ន្ធ។ សូមព្យាយាមម្តងទៀតនៅពេលក្រោយ។",
            en: "Something went wrong on our side. Please try again later.", cause: cause)
    }
}
