import Kernel

/// A value that goes into or comes out of a statement. Blobs are bound, never written into SQL text (`x'..'` means two
/// things).
public enum SQLValue: Sendable, Hashable {
    case null
    /// `BIGINT`; instants are microseconds UTC.
    case integer(Int64)
    /// `DOUBLE PRECISION`
    case double(Double)
    /// `TEXT`; also JSON and ISO dates.
    case text(String)
    /// `BLOB` on SQLite, `BYTEA` on PostgreSQL.
    case blob([UInt8])
    /// `BOOLEAN`
    case bool(Bool)
}

/// What can be bound to a statement.
public protocol SQLValueConvertible: Sendable {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLValueConvertible { public var sqlValue: SQLValue { self } }
extension Int64: SQLValueConvertible { public var sqlValue: SQLValue { .integer(self) } }
extension Int: SQLValueConvertible { public var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Double: SQLValueConvertible { public var sqlValue: SQLValue { .double(self) } }
extension String: SQLValueConvertible { public var sqlValue: SQLValue { .text(self) } }
extension Bool: SQLValueConvertible { public var sqlValue: SQLValue { .bool(self) } }
extension [UInt8]: SQLValueConvertible { public var sqlValue: SQLValue { .blob(self) } }
extension Instant: SQLValueConvertible { public var sqlValue: SQLValue { .integer(microseconds) } }
extension CalendarDate: SQLValueConvertible { public var sqlValue: SQLValue { .text(description) } }
extension Optional: SQLValueConvertible where Wrapped: SQLValueConvertible {
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

/// One row of a result. Columns are read by position, in the order that the statement names them (no `SELECT *`).
/// Reading a column as a type that it has not throws `database.column_type`.
public struct Row: Sendable {
    public let values: [SQLValue]

    public init(values: [SQLValue]) { self.values = values }

    public func int64(_ column: Int) throws -> Int64 {
        if let value = try optionalInt64(column) { return value }
        throw RumdulError.databaseColumnType(column)
    }

    public func optionalInt64(_ column: Int) throws -> Int64? {
        switch values[column] {
        case .null: nil
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: throw RumdulError.databaseColumnType(column)
        }
    }

    public func int(_ column: Int) throws -> Int { Int(try int64(column)) }

    public func bool(_ column: Int) throws -> Bool {
        switch values[column] {
        case .bool(let value): value
        case .integer(let value): value != 0
        default: throw RumdulError.databaseColumnType(column)
        }
    }

    public func string(_ column: Int) throws -> String {
        if case .text(let value) = values[column] { return value }
        throw RumdulError.databaseColumnType(column)
    }

    public func optionalString(_ column: Int) throws -> String? {
        if case .null = values[column] { return nil }
        return try string(column)
    }

    public func blob(_ column: Int) throws -> [UInt8] {
        if case .blob(let value) = values[column] { return value }
        throw RumdulError.databaseColumnType(column)
    }

    public func optionalBlob(_ column: Int) throws -> [UInt8]? {
        if case .null = values[column] { return nil }
        return try blob(column)
    }

    public func instant(_ column: Int) throws -> Instant { Instant(microseconds: try int64(column)) }

    public func optionalInstant(_ column: Int) throws -> Instant? {
        try optionalInt64(column).map(Instant.init(microseconds:))
    }

    public func date(_ column: Int) throws -> CalendarDate {
        guard let date = CalendarDate(iso: try string(column)) else { throw RumdulError.databaseColumnType(column) }
        return date
    }
}
