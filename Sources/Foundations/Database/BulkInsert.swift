import Kernel

extension SQLConnection {
    /// Inserts many rows, with as many in one statement as pays off on the engine, and returns how many were inserted.
    /// The sizes of the statements are few, so that each is prepared once. Same errors as `execute`.
    /// - Parameters:
    ///   - table: the table's name, and
    ///   - columns: its columns' names: plain lower-case identifiers, never from outside.
    ///   - rows: each with one value for each column.
    ///   - suffix: what follows the values, such as `ON CONFLICT DO NOTHING`.
    @discardableResult
    public func bulkInsert(
        _ table: String, columns: [String], rows: [[any SQLValueConvertible]], suffix: String = ""
    ) async throws -> Int {
        var inserted = 0
        for piece in try pieces(table, columns, rows, suffix) {
            inserted += try await execute(piece.sql, piece.arguments)
        }
        return inserted
    }

    /// Inserts many rows as `bulkInsert` does, and as `post` waits for no answer.
    public func bulkPost(
        _ table: String, columns: [String], rows: [[any SQLValueConvertible]], suffix: String = ""
    ) async throws {
        for piece in try pieces(table, columns, rows, suffix) { try await post(piece.sql, piece.arguments) }
    }

    private func pieces(
        _ table: String, _ columns: [String], _ rows: [[any SQLValueConvertible]], _ suffix: String
    ) throws -> [(sql: String, arguments: [any SQLValueConvertible])] {
        for name in [table] + columns {
            guard !name.isEmpty, name.utf8.allSatisfy({ SQLText.isWord($0) && $0 < 128 }) else {
                throw RumdulError.databaseStatement("not a plain identifier")
            }
        }
        guard !columns.isEmpty, rows.allSatisfy({ $0.count == columns.count }) else {
            throw RumdulError.databaseStatement("a row has not one value for each column")
        }
        // SQLite gains nothing beyond a few rows; PostgreSQL saves round trips, up to 65 535 parameters.
        let largest = dialect == .sqlite ? 8 : max(1, min(256, 32_768 / columns.count))
        var pieces: [(sql: String, arguments: [any SQLValueConvertible])] = []
        var start = 0
        var size = 256
        while size >= 1 {
            if size <= largest, start + size <= rows.count {
                let sql = BulkText.insert(table, columns, size, suffix)
                while start + size <= rows.count {
                    pieces.append((sql, Array(rows[start..<start + size].joined())))
                    start += size
                }
            }
            size /= 2
        }
        return pieces
    }
}

private enum BulkText {
    static func insert(_ table: String, _ columns: [String], _ rows: Int, _ suffix: String) -> String {
        var text = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES "
        var number = 1
        for row in 0..<rows {
            text += row == 0 ? "(" : ", ("
            for column in columns.indices {
                text += column == 0 ? "$\(number)" : ", $\(number)"
                number += 1
            }
            text += ")"
        }
        return suffix.isEmpty ? text : text + " " + suffix
    }
}
