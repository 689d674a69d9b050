import Database
import Kernel

extension CivilRegister {
    /// Checks the history of every record, in pages.
    /// - Parameter progress: how many records were checked so far.
    /// - Returns: how many records there are, and the identifiers of the first hundred whose history does not fit.
    public func verifyAll(
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> (records: Int, broken: [String]) {
        var after = ""
        var records = 0
        var broken: [String] = []
        while true {
            let last = after
            let page = try await database.read { try await store.identifiers(after: last, limit: 500, in: $0) }
            guard let end = page.last else { return (records, broken) }
            for id in page {
                do {
                    try await verifyHistory(of: id)
                } catch is RumdulError {
                    if broken.count < 100 { broken.append(id) }
                }
            }
            records += page.count
            after = end
            progress(records)
        }
    }

    /// Compares records with each other that were never compared, in the order of their identifiers: a job beside the
    /// search that every declaration gets, for registers that grew without it. Opens cases; registered records stay in
    /// force until officers decide.
    /// - Returns: how many records were looked at, how many cases were opened, and where to go on.
    public func searchDuplicates(after start: String, limit: Int = 500) async throws -> (
        seen: Int, opened: Int, last: String?
    ) {
        let page = try await database.read { try await store.identifiers(after: start, limit: limit, in: $0) }
        var opened = 0
        for id in page {
            opened += try await database.transaction { connection in
                try await connection.lock("civil:" + id)
                return try await compareAgain(id, in: connection)
            }
        }
        return (page.count, opened, page.last)
    }
}

extension CivilStore {
    func identifiers(after id: String, limit: Int, in connection: any SQLConnection) async throws -> [String] {
        try await connection.query(
            "SELECT id FROM civil_records WHERE id > $1 ORDER BY id LIMIT \(limit)", [id]
        ).map { try $0.string(0) }
    }
}
