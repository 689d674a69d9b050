import CLibpq
import Kernel

/// Why a statement gave no result.
enum PGFailure: Error {
    /// The server refused it, with an SQLSTATE and a cause that holds no values.
    case refused(state: String, cause: String)
    /// The connection broke before the answer came.
    case lost(String)
    /// An advisory lock is held by another, and the snapshot is older than its release will be: begin again with it.
    case lockBusy

    /// From the server's error. Its text is kept only for errors about the statement itself; others may quote values.
    init(_ result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue else { return nil }
            return PQresultErrorField(result, Int32(ascii)).map { String(cString: $0) }
        }
        let state = field("C") ?? "XX000"
        var cause = "postgresql \(state)"
        if let constraint = field("n") { cause += " constraint \(constraint)" }
        if let table = field("t") { cause += " table \(table)" }
        if let column = field("c") { cause += " column \(column)" }
        if ["42", "25", "0A", "40", "08", "57"].contains(String(state.prefix(2))) || state == "P0001" {
            cause += ": \(field("M") ?? "")"
        }
        // The server says goodbye (administrator's command, crash, shutdown).
        self = ["57P01", "57P02", "57P03"].contains(state) ? .lost(cause) : .refused(state: state, cause: cause)
    }

    /// Whether running the transaction again may help, given that it did not commit.
    var isConflict: Bool {
        switch self {
        case .refused(let state, _): state == "40001" || state == "40P01"
        case .lockBusy: true
        case .lost: false
        }
    }

    /// Whether a prepared statement no longer fits the tables, so that the connection must be replaced.
    var isStalePlan: Bool {
        if case .refused(let state, let cause) = self {
            return state == "26000" || (state == "0A000" && cause.contains("cached plan"))
        }
        return false
    }

    var isUniqueViolation: Bool {
        if case .refused("23505", _) = self { return true }
        return false
    }

    /// The error that callers see.
    var asRumdulError: RumdulError {
        switch self {
        case .lost(let cause): return .databaseUnavailable.because(cause)
        case .lockBusy: return .databaseUnavailable.because("an advisory lock stayed busy")
        case .refused(let state, let cause):
            if state == "23505" { return .databaseUnique.because(cause) }
            if state == "08P01" { return .databaseStatement(cause) }
            let unavailable = ["08", "40", "53", "57", "58"].contains(String(state.prefix(2))) || state == "55P03"
            return unavailable ? .databaseUnavailable.because(cause) : .databaseStatement(cause)
        }
    }
}
