import Database
import Kernel

extension IdentityProvider {
    /// Looks after all browsers that wait on this node, every two seconds, until the task is cancelled; then tells them to ask another node.
    public func serveWaitingBrowsers() async {
        let (database, store) = (database, approvals.store)
        while !Task.isCancelled {
            do {
                try await approvals.browsers.round { ids in
                    try await database.read { try await store.decided(among: ids, in: $0) }
                }
            } catch {
                if !Task.isCancelled { logger.error("waiting browsers: \(error)") }
            }
            try? await Task.sleep(for: .seconds(2))
        }
        approvals.browsers.close()
    }
}

extension TransactionStore {
    /// Which of these transactions wait no longer. The number of placeholders is always the same, so that it stays one prepared statement.
    func decided(among ids: [String], in connection: any SQLConnection) async throws -> [String] {
        guard let last = ids.last else { return [] }
        let padded =
            ids.prefix(BrowserBell.chunk) + Array(repeating: last, count: max(0, BrowserBell.chunk - ids.count))
        return try await connection.query(Self.decidedStatement, Array(padded)).map { try $0.string(0) }
    }

    private static let decidedStatement =
        "SELECT id FROM idp_transactions WHERE status <> 'pending' AND id IN ("
        + (1...BrowserBell.chunk).map { "$\($0)" }.joined(separator: ", ") + ")"
}
