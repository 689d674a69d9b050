import CLibpq
import Kernel

/// Where a database is: a file for SQLite, a connection string for PostgreSQL.
///
/// Accepted: a plain path, `sqlite:///absolute/path`, `sqlite:relative/path`,
/// `postgresql://user:password@host:port/name?...` (also `postgres://`; several hosts for failover as libpq takes
/// them). Its description never holds a password.
public enum DatabaseLocation: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// A database file.
    case sqlite(path: String)
    /// A libpq connection URL, password included: never log the associated value.
    case postgresql(url: String)

    /// Throws `database.location` for an empty text, an unknown scheme, or a URL that libpq cannot read.
    public init(_ text: String) throws {
        guard let colon = text.firstIndex(of: ":"), text[..<colon].utf8.allSatisfy(SQLText.isWord) else {
            guard !text.isEmpty, !text.utf8.contains(0) else { throw RumdulError.databaseLocation("empty") }
            self = .sqlite(path: text)
            return
        }
        let rest = text[text.index(after: colon)...]
        switch text[..<colon] {
        case "sqlite":
            let path = rest.hasPrefix("///") ? String(rest.dropFirst(2)) : String(rest)
            guard !path.isEmpty, !path.hasPrefix("//"), !path.utf8.contains(0) else {
                throw RumdulError.databaseLocation("a sqlite URL is sqlite:///absolute/path")
            }
            self = .sqlite(path: path)
        case "postgresql", "postgres":
            guard rest.hasPrefix("//"), let parts = DatabaseLocation.parts(text),
                (parts["port"] ?? "").utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ",") })
            else {
                throw RumdulError.databaseLocation("not a PostgreSQL connection URL")
            }
            self = .postgresql(url: text)
        default:
            throw RumdulError.databaseLocation("the scheme is neither sqlite nor postgresql")
        }
    }

    /// Which engine it names.
    public var dialect: Dialect {
        switch self {
        case .sqlite: .sqlite
        case .postgresql: .postgresql
        }
    }

    /// Opens it. Throws `database.unavailable`.
    /// - Parameters:
    ///   - sqlite: limits if it is a SQLite file.
    ///   - postgresql: limits if it is a PostgreSQL server.
    public func open(
        sqlite: SQLiteDatabase.Options = .init(), postgresql: PostgreSQLDatabase.Options = .init()
    ) async throws -> any Database {
        switch self {
        case .sqlite(let path): try SQLiteDatabase(path: path, options: sqlite)
        case .postgresql(let url): try await PostgreSQLDatabase(url, options: postgresql)
        }
    }

    /// The location without secrets: for PostgreSQL user, host, port and database name only.
    public var description: String {
        switch self {
        case .sqlite(let path): return "sqlite:\(path)"
        case .postgresql(let url):
            let parts = DatabaseLocation.parts(url) ?? [:]
            var text = "postgresql://"
            if let user = parts["user"] { text += "\(user)@" }
            text += parts["host"] ?? parts["hostaddr"] ?? ""
            if let port = parts["port"] { text += ":\(port)" }
            return text + "/" + (parts["dbname"] ?? "")
        }
    }

    public var debugDescription: String { description }

    /// Shows the description only, so that `dump` and test failures show no password either.
    public var customMirror: Mirror { Mirror(self, children: ["location": description]) }

    /// The settings that a URL names, read by libpq itself.
    private static func parts(_ url: String) -> [String: String]? {
        guard !url.utf8.contains(0), let options = PQconninfoParse(url, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var parts: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parts[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parts
    }
}
