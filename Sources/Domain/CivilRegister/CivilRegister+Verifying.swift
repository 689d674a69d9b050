import Accountability
import Codecs
import Database
import Kernel

extension CivilRegister {
    /// Checks the history of every record, in pages: chain, signatures, the stored row, and that the ledger ends with the
    /// same action, so that a history without its last actions shows as well.
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
                    try await database.read { connection in
                        try await verifyHistory(of: id, in: connection)
                        try await verifyEnd(of: id, in: connection)
                    }
                } catch is RumdulError {
                    if broken.count < 100 { broken.append(id) }
                }
            }
            records += page.count
            after = end
            progress(records)
        }
    }

    /// Checks that the ledger knows no later action of a record than the register. Throws `civil.chain`.
    func verifyEnd(of id: String, in connection: any SQLConnection) async throws {
        guard let last = try await store.actions(of: id, in: connection).last else { throw RumdulError.civilChain }
        let entries = try await ledger.entries(
            subject: id, streamPrefix: AuditTrail.streamPrefix, limit: 1_000, in: connection)
        var newest: (sequence: Int64, hash: String)?
        for entry in entries where entry.kind.hasPrefix("civil.") {
            guard let details = (try? entry.value())?["details"], case .integer(let sequence)? = details["seq"],
                let hash = details["hash"]?.stringValue, sequence > newest?.sequence ?? 0
            else { continue }
            newest = (sequence, hash)
        }
        guard let newest, newest.sequence == last.sequence, newest.hash == Base64URL.encode(last.hash) else {
            throw RumdulError.civilChain.because("record \(id): the ledger ends with another action")
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
