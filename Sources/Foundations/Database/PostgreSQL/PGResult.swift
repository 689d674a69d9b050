import CLibpq
import Kernel

/// What the server answered to one statement. Frees the answer's memory when it goes away.
final class PGResult: @unchecked Sendable {
    // Written never, read by one task at a time.
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    /// The command's tag: `SELECT 1`, `INSERT 0 1`, `COMMIT`.
    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// How many rows the statement changed; 0 for statements that change none.
    var changes: Int {
        let tag = tag
        guard ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: tag.hasPrefix) else { return 0 }
        return PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The rows, decoded from the binary format.
    func rows() throws -> [Row] {
        let rowCount = PQntuples(result)
        guard rowCount > 0 else { return [] }
        let columnCount = PQnfields(result)
        let types = (0..<columnCount).map { PQftype(result, $0) }
        var rows: [Row] = []
        rows.reserveCapacity(Int(rowCount))
        for row in 0..<rowCount {
            var values: [SQLValue] = []
            values.reserveCapacity(Int(columnCount))
            for column in 0..<columnCount {
                values.append(try value(row, column, types[Int(column)]))
            }
            rows.append(Row(values: values))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int32, _ type: Oid) throws -> SQLValue {
        if PQgetisnull(result, row, column) != 0 { return .null }
        let start = PQgetvalue(result, row, column)
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        guard let value = PGType.decode(bytes, type) else {
            throw RumdulError.databaseStatement(
                "column \(column) has the PostgreSQL type \(type), which is not one of ours: CAST it to BIGINT or TEXT")
        }
        return value
    }
}

/// The types that cross the wire, by their object identifiers in `pg_type`.
enum PGType {
    static let unknown: Oid = 0
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let text: Oid = 25
    static let float8: Oid = 701

    /// The type as which a value is sent; a null has none.
    static func of(_ value: SQLValue) -> Oid {
        switch value {
        case .null: unknown
        case .integer: int8
        case .double: float8
        case .text: text
        case .blob: bytea
        case .bool: bool
        }
    }

    /// A value in the binary format. `nil` for types that are refused (numeric, timestamps, arrays and so on): they
    /// would not mean the same on both engines.
    static func decode(_ bytes: UnsafeRawBufferPointer, _ type: Oid) -> SQLValue? {
        switch type {
        case int8, 26, 21, 23:  // int8, oid, int2, int4
            guard bytes.count == 8 || bytes.count == 4 || bytes.count == 2 else { return nil }
            let word = bigEndian(bytes)
            switch bytes.count {
            case 8: return .integer(Int64(bitPattern: word))
            case 4: return .integer(type == 26 ? Int64(word) : Int64(Int32(truncatingIfNeeded: word)))
            default: return .integer(Int64(Int16(truncatingIfNeeded: word)))
            }
        case bool: return .bool(bytes.first != 0)
        case text, 1043, 114, 19, 1042, 705:  // varchar, json, name, bpchar, unknown
            return .text(String(decoding: bytes, as: UTF8.self))
        case 3802:  // jsonb: a version byte, then text
            return .text(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case bytea: return .blob([UInt8](bytes))
        case float8: return .double(Double(bitPattern: bigEndian(bytes)))
        case 700: return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bigEndian(bytes)))))
        case 2278: return .null  // void
        default: return nil
        }
    }

    /// Writes a value in the binary format. A null writes nothing.
    static func encode(_ value: SQLValue, into bytes: inout [UInt8]) {
        func append(_ word: UInt64) {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        switch value {
        case .null: break
        case .integer(let number): append(UInt64(bitPattern: number))
        case .double(let number): append(number.bitPattern)
        case .bool(let flag): bytes.append(flag ? 1 : 0)
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .blob(let blob): bytes.append(contentsOf: blob)
        }
    }

    private static func bigEndian(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
}
