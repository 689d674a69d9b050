import Accountability
import CivilRegister
import Kernel

/// The way from a record back to the list in which it stands, and on to what waits there next.
struct QueueWay: Sendable {
    let console: RegistrarConsole

    /// The list in which a record waits for an officer, or `nil`.
    static func list(of record: VitalRecord, for officer: Officer) -> CivilQueue? {
        let lists: [CivilQueue] =
            switch record.pending?.kind {
            case .objection: [.objections]
            case .correction: [.corrections]
            case .revocation, .reinstatement, .replacement: [.revocations]
            case nil:
                switch record.state {
                case .draft: [.drafts]
                case .notified: [.notices]
                case .returned: [.returned]
                case .declared where record.needsVerification: [.toVerify, .toApprove]
                case .externalCheckFailed: [.checksFailed]
                case .verified where record.check?.outcome == .waiting: [.checking]
                case .declared, .verified: [record.needsApproval ? .toApprove : .toRegister]
                default: []
                }
            }
        return lists.first { list in
            list.permissions.contains { officer.may($0, in: record.office) }
                && (list != .toApprove || record.needsApproval)
        }
    }

    /// The values for the record's page, or `false`.
    func view(
        _ queue: CivilQueue?, from record: String, _ officer: Officer, _ language: Language
    ) async throws -> Any {
        guard let queue, officer.grants.contains(where: { !$0.role.permissions.isDisjoint(with: queue.permissions) })
        else {
            return false
        }
        let next = try await console.civil.list(queue, of: officer, limit: 2).first { $0.id != record }
        return [
            "id": queue.rawValue, "path": "\(RegistrarConsole.home)/queues/\(queue.rawValue)",
            "text": queue.label[language], "next": next.map { RecordViews.path(of: $0.id, in: nil) as Any } ?? false,
        ] as [String: Any]
    }
}
