import Accountability
import Database
import Kernel
import PopulationRegister

/// Which registrations wait for a system outside after their verification, and how long. An operator's decision: no law
/// at hand asks for one.
public struct ExternalChecks: Sendable, Hashable {
    /// Kinds of events that a district verifies.
    public var kinds: Set<VitalEventKind>
    /// After so many hours without an answer a check has failed, 1 to 8760.
    public var hours: Int

    public init(kinds: Set<VitalEventKind> = [], hours: Int = 72) {
        self.kinds = kinds
        self.hours = hours
    }
}

extension CivilRegister {
    var checks: CheckStore { CheckStore() }

    /// Who asks, when no officer does.
    static func checker(_ record: VitalRecord) -> CivilActor {
        CivilActor(kind: "system", id: "checks", role: "system", office: record.office)
    }

    private static let noAnswer = "គ្មានចម្លើយទាន់ពេល (no answer in time)"

    /// Asks about a verified record: it waits until an answer comes, or the time is over.
    func askOutside(
        _ open: inout OpenRecord, by actor: CivilActor, _ step: CivilStep, in connection: any SQLConnection
    ) async throws {
        try await append(.requestCheck, ActionContent(), to: &open, by: actor, step, in: connection)
        let now = ambient.now()
        try await checks.insert(
            CheckItem(
                id: ambient.newID(), record: open.record.id, kind: open.record.kind, office: open.record.office,
                state: .waiting, attempt: open.record.check?.attempt ?? 1, askedAt: now,
                dueAt: now.adding(seconds: Int64(min(max(externalChecks.hours, 1), 8_760)) * 3_600)),
            in: connection)
    }

    // MARK: The office

    /// Asks again after a failure. Throws `officer.forbidden`, `civil.state`, `civil.changed`.
    public func retryCheck(_ id: String, by step: CivilStep) async throws -> VitalRecord {
        try await self.step(on: id, step) { open, connection in
            let permission: Permission =
                step.officer.may(.civilRegister, in: open.record.office) ? .civilRegister : .civilVerify
            let actor = try actor(step.officer, permission, in: open.record.office)
            guard open.record.state == .externalCheckFailed else { throw RumdulError.civilState }
            try await askOutside(&open, by: actor, step, in: connection)
        }
    }

    /// Lets a registration go on although the check failed: the province, and nobody who declared or verified it. Throws
    /// `officer.forbidden`, `civil.same_person`, `civil.state`, `civil.changed`, `civil.invalid` without a reason.
    public func overrideCheck(_ id: String, reason: String, by step: CivilStep) async throws -> VitalRecord {
        let reason = try Self.reason(reason)
        return try await self.step(on: id, step) { open, connection in
            let actor = try actor(step.officer, .civilLateApprove, in: open.record.office)
            guard open.record.declaredBy != step.officer.id, open.record.verifiedBy != step.officer.id else {
                throw RumdulError.civilSamePerson
            }
            var content = ActionContent()
            content.reason = reason
            try await append(.overrideCheck, content, to: &open, by: actor, step, in: connection)
        }
    }

    // MARK: The system outside

    /// Questions that wait for an answer, the oldest first, of the system's areas. They name nobody.
    public func waitingChecks(
        areas: [String], after: (Instant, String)?, limit: Int
    ) async throws -> (items: [CheckItem], next: (Instant, String)?) {
        let limit = min(max(limit, 1), 100)
        let items = try await database.read {
            try await checks.waiting(areas: areas, after: after, limit: limit + 1, in: $0)
        }
        let shown = Array(items.prefix(limit))
        return (shown, items.count > limit ? shown.last.map { ($0.askedAt, $0.id) } : nil)
    }

    /// What is asked about: the declared fields of a record that waits. Everybody registered in it gets an access entry.
    /// Throws `civil.not_found`, also when the question was answered.
    public func check(_ id: String, by reader: SystemReader) async throws -> (item: CheckItem, record: SystemRecord) {
        try await database.transaction { connection in
            try reader.requireStatute()
            let item = try await item(id, areas: reader.areas, in: connection)
            guard item.state == .waiting, let row = try await store.record(item.record, in: connection), !row.isSealed
            else { throw RumdulError.civilNotFound }
            return (item, try await systemRecord(row, by: reader, in: connection))
        }
    }

    /// The answer of a system. The same answer again changes nothing; a success after a failure, or after the time was
    /// over, lets the record go on while it waits for an officer.
    ///
    /// Throws `civil.not_found`, `civil.state` when the question was answered otherwise, was withdrawn, or the record has
    /// gone on; `civil.invalid` for a failure without a reason.
    public func answerCheck(
        _ id: String, passed: Bool, reason: String?, areas: [String], client: String
    ) async throws -> CheckItem {
        let reason = passed ? nil : try Self.reason(reason ?? "")
        guard let found = try await database.read({ try await checks.find(id, in: $0) }) else {
            throw RumdulError.civilNotFound
        }
        return try await database.transaction { connection in
            try await connection.lock("civil:" + found.record)
            var item = try await item(id, areas: areas, in: connection)
            let answer: CheckItem.State = passed ? .passed : .failed
            if item.state == answer { return item }
            var open = try await open(item.record, in: connection)
            let isLast = open.record.check?.attempt == item.attempt
            let isLate = passed && [.failed, .expired].contains(item.state)
            guard isLast, item.state == .waiting || isLate, open.record.allows(passed ? .passCheck : .failCheck) else {
                throw RumdulError.civilState
            }
            var content = ActionContent()
            content.reason = reason
            content.item = id
            try await append(
                passed ? .passCheck : .failCheck, content, to: &open,
                by: CivilActor(kind: "client", id: client, role: "system", office: open.record.office),
                transactionID: nil, in: connection)
            try await checks.set(id, answer, at: ambient.now(), in: connection)
            item.state = answer
            return item
        }
    }

    /// Ends questions whose time is over: their records wait for an officer. The job beside the requests.
    /// - Returns: how many were ended.
    @discardableResult
    public func expireChecks(limit: Int = 200) async throws -> Int {
        let due = try await database.read { try await checks.due(at: ambient.now(), limit: limit, in: $0) }
        var ended = 0
        for item in due {
            let isEnded = try await database.transaction { connection in
                try await connection.lock("civil:" + item.record)
                guard try await checks.find(item.id, in: connection)?.state == .waiting else { return false }
                var open = try await open(item.record, in: connection)
                // While officers compare it with its like, the time stands still.
                guard open.record.allows(.failCheck) else { return false }
                var content = ActionContent()
                content.reason = Self.noAnswer
                content.item = item.id
                try await append(
                    .failCheck, content, to: &open, by: Self.checker(open.record), transactionID: nil, in: connection)
                try await checks.set(item.id, .expired, at: ambient.now(), in: connection)
                return true
            }
            if isEnded { ended += 1 }
        }
        return ended
    }

    private func item(
        _ id: String, areas: [String], in connection: any SQLConnection
    ) async throws -> CheckItem {
        guard let item = try await checks.find(id, in: connection),
            areas.isEmpty || areas.contains(where: { item.office.utf8.starts(with: $0.utf8) })
        else { throw RumdulError.civilNotFound }
        return item
    }
}
