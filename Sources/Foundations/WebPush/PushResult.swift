import Kernel
import Outbound

/// What became of a message.
public enum PushResult: Sendable, Hashable {
    /// The push service has taken it (201; also 202 and other 2xx; RFC 8030 section 5).
    case delivered(status: Int)
    /// The subscription is over (404, 410; RFC 8030 section 7.3): delete it.
    case gone(status: Int)
    /// The push service takes no message of this length (413, RFC 8030 section 7.2).
    case tooLarge
    /// The push service is busy or broken (429, 5xx), or could not be reached. Try again, not before so many seconds if
    /// it named them; at most a day.
    case retry(after: Int64?, PushFailure)
    /// Trying again changes nothing. Status 403 (RFC 8292 section 4.2) says that the subscription belongs to another
    /// application server key, or that our clock is wrong; 401 that the push service wants other credentials.
    case refused(PushFailure)
}

/// Why a message was not taken.
public enum PushFailure: Sendable, Hashable {
    /// The status that the push service answered with.
    case status(Int)
    /// There was no answer: the code of the error (`outbound.timeout`).
    case error(String)
}

extension PushResult {
    /// What an answer means.
    init(_ response: OutboundResponse, now: Instant) {
        switch response.status {
        case 200..<300: self = .delivered(status: response.status)
        case 404, 410: self = .gone(status: response.status)
        case 413: self = .tooLarge
        case 429, 500...:
            let wish = response.header("retry-after").flatMap { RetryAfter.seconds($0, now: now) }
            self = .retry(after: wish, .status(response.status))
        default: self = .refused(.status(response.status))
        }
    }

    /// What it means that there was none.
    init(_ error: RumdulError) {
        switch error.code {
        case "outbound.address", "outbound.unreachable", "outbound.tls", "outbound.timeout", "outbound.busy",
            "outbound.response":
            self = .retry(after: error.retryAfter.map { Int64($0) }, .error(error.code))
        default: self = .refused(.error(error.code))
        }
    }
}

/// `Retry-After` (RFC 9110 section 10.2.3).
enum RetryAfter {
    /// The longest wish that is heard.
    static let most: Int64 = 86_400
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds from now, from a number of them or a date in the one form that may be sent (RFC 9110 section 5.6.7);
    /// `nil` when it is neither.
    static func seconds(_ value: String, now: Instant) -> Int64? {
        if let number = number(value[...]) { return min(number, most) }
        return date(value).map { min(max($0.seconds - now.seconds, 0), most) }
    }

    /// Digits alone; a very large number is cut.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text) ?? Int64.max
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func date(_ text: String) -> Instant? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard text.utf8.count == 29, parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT",
            let day = number(parts[1]), let month = months.firstIndex(of: String(parts[2])),
            let year = number(parts[3]),
            let date = CalendarDate(year: Int(min(year, 10_000)), month: month + 1, day: Int(min(day, 99)))
        else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2], hour < 24,
            minute < 60, second <= 60
        else { return nil }
        return Instant(seconds: Int64(date.daysSinceEpoch) * 86_400 + hour * 3600 + minute * 60 + second)
    }
}
