/// Single statements on whichever reader is free; the engine opens and ends a read transaction around each.
struct SQLiteStatements: SQLConnection {
    private let readers: LeasePool<SQLiteSession>
    private let owner: SQLiteDatabase

    init(_ readers: LeasePool<SQLiteSession>, owner: SQLiteDatabase) {
        self.readers = readers
        self.owner = owner
    }

    var dialect: Dialect { .sqlite }

    @discardableResult
    func query(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> [Row] {
        try SQLText.requireReading(sql)
        try DatabaseScope.requireNone(of: owner)
        let session = try await readers.acquire()
        defer { readers.release(session) }
        return try session.run(sql, arguments).rows
    }

    @discardableResult
    func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) async throws -> Int {
        _ = try await query(sql, arguments)
        return 0
    }

    func lock(_ name: String) async throws {}
}
