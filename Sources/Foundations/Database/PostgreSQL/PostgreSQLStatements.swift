/// Single statements on whichever connection is free; the server opens and ends a transaction around each.
struct PostgreSQLStatements: SQLConnection {
    let database: PostgreSQLDatabase

    var dialect: Dialect { .postgresql }

    @discardableResult
    func query(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> [Row] {
        try SQLText.requireReading(sql)
        return try await database.alone(PGSession.Command(sql: sql, arguments: arguments.map(\.sqlValue))).rows()
    }

    @discardableResult
    func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> Int {
        _ = try await query(sql, arguments)
        return 0
    }

    func lock(_ name: String) async throws {}
}
