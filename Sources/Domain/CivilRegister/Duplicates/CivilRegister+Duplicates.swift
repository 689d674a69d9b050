import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister
import RecordLinkage

/// A case with both sides, as an officer decides it.
public struct OpenedDuplicate: Sendable {
    public let about: DuplicateCase
    public let score: DuplicateScore
    public let record: VitalRecord
    /// The record on the other side; `nil` when that is a person.
    public let other: VitalRecord?
    /// What the register discloses of the person on the other side.
    public let person: DisclosedAttributes?
}

extension CivilRegister {
    var duplicates: DuplicateStore { DuplicateStore() }
    /// At most so many records are looked at: those that share the most blocking keys.
    private static let largestBlock = 200
    /// At most so many cases are opened for one declaration: the most alike.
    private static let mostCases = 5

    // MARK: Finding

    /// Compares a declaration with what is there, and opens cases; the record then waits in review.
    func findDuplicates(
        _ open: inout OpenRecord, lateness: Lateness, in connection: any SQLConnection
    ) async throws {
        for candidate in try await likeliest(open.record, isNew: open.isNew, lateness, in: connection) {
            try await openCase(candidate, open, in: connection)
            guard open.record.allows(.detectDuplicate) else { continue }
            var content = ActionContent()
            content.record = candidate.record ?? candidate.person?.text
            try await append(
                .detectDuplicate, content, to: &open, by: Self.system(open.record), transactionID: nil, in: connection)
        }
    }

    /// Compares a record again that is in the register: one that is not yet in force then waits in review, one that is
    /// stays in force until officers decide. Says how many cases that opened.
    func compareAgain(_ id: String, in connection: any SQLConnection) async throws -> Int {
        var open = try await open(id, in: connection)
        guard [.registered, .declared, .verified].contains(open.record.state) else { return 0 }
        let before = try await duplicates.cases(of: id, in: connection).count
        try await findDuplicates(&open, lateness: open.record.lateness, in: connection)
        return try await duplicates.cases(of: id, in: connection).count - before
    }

    /// Notes the blocking tags of a record as it is declared now.
    func setBlocks(of record: VitalRecord, in connection: any SQLConnection) async throws {
        try await duplicates.setBlocks(try await tags.blocks(record.declaration), of: record.id, in: connection)
    }

    private static func system(_ record: VitalRecord) -> CivilActor {
        CivilActor(kind: "system", id: "duplicates", role: "system", office: record.office)
    }

    /// Somebody or something that a record resembles.
    private struct Candidate: Sendable {
        let score: DuplicateScore
        let record: String?
        let person: PersonID?
        /// Whether the other side is sealed: then only who may see sealed records decides.
        var isSealed = false
    }

    private func openCase(_ candidate: Candidate, _ open: OpenRecord, in connection: any SQLConnection) async throws {
        let item = DuplicateCase(
            id: ambient.newID(), record: open.record.id, otherRecord: candidate.record, otherPerson: candidate.person,
            office: open.record.office, openedAt: ambient.now(),
            state: candidate.isSealed || open.record.isSealed ? .escalated : .open)
        let sealed = try open.key.seal(JSON.bytes(candidate.score.json), context: Self.context(item.id))
        try await duplicates.insert(item, score: sealed, in: connection)
    }

    /// What a record resembles most, at most `mostCases`; notes its blocking tags.
    private func likeliest(
        _ record: VitalRecord, isNew: Bool, _ lateness: Lateness, in connection: any SQLConnection
    ) async throws -> [Candidate] {
        let tags = try await tags.blocks(record.declaration)
        guard let facts = record.declaration.linkage, !tags.isEmpty else { return [] }
        try await duplicates.setBlocks(tags, of: record.id, isNew: isNew, in: connection)
        let model = LinkageModel.standard.adapted(population: max(2_000, try await people.size(in: connection)))
        let prepared = PreparedRecord(facts)
        var found: [Candidate] = []
        let met = isNew ? [] : try await duplicates.met(record.id, in: connection)
        let neighbours = try await duplicates.neighbours(of: record.id, tags, limit: Self.largestBlock, in: connection)
            .filter { !met.contains($0) }
        for other in try await open(neighbours, in: connection) {
            guard other.state != .archived, other.state != .revoked, let likeness = other.declaration.linkage else {
                continue
            }
            let explanation = model.explain(prepared, PreparedRecord(likeness))
            guard explanation.decision != .different else { continue }
            found.append(
                Candidate(
                    score: DuplicateScore(explanation), record: other.id, person: nil, isSealed: other.isSealed))
        }
        found += try await persons(like: record, prepared, model, lateness, in: connection)
        found.sort { ($0.score.total, $0.record ?? "") > ($1.score.total, $1.record ?? "") }
        return Array(found.prefix(Self.mostCases))
    }

    /// People of the register who may be the child of a late birth, or somebody whose death is declared without a code.
    private func persons(
        like record: VitalRecord, _ prepared: PreparedRecord, _ model: LinkageModel, _ lateness: Lateness,
        in connection: any SQLConnection
    ) async throws -> [Candidate] {
        let isOpen = record.kind.entersPerson ? lateness != .onTime : record.persons[.deceased] == nil
        guard isOpen, let facts = record.declaration.linkage else { return [] }
        return try await people.alike(facts, prepared, model, limit: Self.mostCases, in: connection)
            .filter { !record.persons.values.contains($0.0) }
            .map { Candidate(score: DuplicateScore($0.1), record: nil, person: $0.0) }
    }

    // MARK: Deciding

    /// Cases that wait for this officer's word, longest first: those not yet decided by the officer, where the officer
    /// decides. Throws `officer.forbidden`.
    public func waitingDuplicates(of officer: Officer, limit: Int = 100) async throws -> [DuplicateCase] {
        let usual = areas(officer, .duplicateDecide), final = areas(officer, .civilRevoke)
        guard !usual.isEmpty || !final.isEmpty else { throw RumdulError.officerForbidden }
        return try await database.read { connection in
            var found: [DuplicateCase] = []
            for area in usual {
                found += try await duplicates.waiting([.open, .half], area: area, limit: limit, in: connection)
            }
            for area in final {
                found += try await duplicates.waiting([.escalated], area: area, limit: limit, in: connection)
            }
            return found.filter { !$0.wasDecided(by: officer.id) }
        }
    }

    /// Cases that officers agreed on and that leave something to do: two records of the same event, both in force. One of
    /// them is to be revoked. Throws `officer.forbidden`.
    public func duplicatesToRevoke(of officer: Officer, limit: Int = 100) async throws -> [DuplicateCase] {
        let areas = areas(officer, .civilRevoke)
        guard !areas.isEmpty else { throw RumdulError.officerForbidden }
        return try await database.read { connection in
            var found: [DuplicateCase] = []
            for area in areas {
                for item in try await duplicates.agreed(area: area, limit: limit, in: connection) {
                    let ids = [item.record, item.otherRecord].compactMap(\.self)
                    let rows = try await store.records(ids, in: connection)
                    if rows.allSatisfy({ mayRead($0, officer) }) { found.append(item) }
                }
            }
            return found
        }
    }

    /// What a request to revoke a record says that follows from an agreed case: the number of the other record. `nil` when
    /// the case does not lead there, or not for this officer.
    public func revocationGround(
        _ id: String, of record: String, by officer: Officer
    ) async throws -> String? {
        try await database.read { connection in
            guard let item = try await duplicates.find(id, in: connection), item.state == .closed,
                item.outcome == .same, officer.may(.civilRevoke, in: item.office), let twin = item.otherRecord,
                [item.record, twin].contains(record),
                let other = try await store.record(record == twin ? item.record : twin, in: connection),
                mayRead(other, officer)
            else { return nil }
            return other.number
        }
    }

    /// A case with both sides; everybody registered in them gets an access entry. What another officer said is not shown.
    /// Throws `civil.not_found`, `officer.forbidden`.
    public func duplicate(_ id: String, by officer: Officer, traceID: String) async throws -> OpenedDuplicate {
        try await database.transaction { connection in
            guard let item = try await duplicates.find(id, in: connection), mayDecide(item, officer),
                let sealed = try await duplicates.score(id, in: connection)
            else { throw RumdulError.civilNotFound }
            let open = try await open(item.record, in: connection)
            try requireSight(of: open.record, officer)
            let score = try DuplicateScore(
                json: try JSON.parseObject(try open.key.open(sealed, context: Self.context(id))))
            let permission: Permission =
                item.state == .escalated || !officer.may(.duplicateDecide, in: item.office)
                ? .civilRevoke : .duplicateDecide
            try await disclose(open.record, to: officer, permission, traceID: traceID, in: connection)
            var other: VitalRecord?
            var person: DisclosedAttributes?
            if let otherID = item.otherRecord {
                let opened = try await self.open(otherID, in: connection).record
                try requireSight(of: opened, officer)
                try await disclose(opened, to: officer, permission, traceID: traceID, in: connection)
                other = opened
            } else if let otherPerson = item.otherPerson {
                person = try await gate.disclose(
                    try request(
                        about: otherPerson, officer, permission, open.record, PopulationRegister.findAttributes,
                        traceID: traceID), from: people, in: connection)
            }
            return OpenedDuplicate(
                about: item.state == .closed ? item : item.blind, score: score, record: open.record, other: other,
                person: person)
        }
    }

    /// An officer's word. The second one closes the case, or sends it to the general department when the two differ; a
    /// closed case acts on the record: different ones let it go on, the same event is archived, a known person becomes
    /// the one whom the record is about.
    ///
    /// Throws `civil.not_found`, `civil.same_person` (also for who declared), `civil.state`, `civil.changed`.
    public func decide(
        _ id: String, _ verdict: DuplicateCase.Verdict, reason: String, by step: CivilStep
    ) async throws -> DuplicateCase {
        let reason = try Self.reason(reason)
        return try await database.transaction { connection in
            guard var item = try await duplicates.find(id, in: connection), mayDecide(item, step.officer) else {
                throw RumdulError.civilNotFound
            }
            try await connection.lock("civil:" + item.record)
            var open = try await open(item.record, in: connection)
            guard open.record.declaredBy != step.officer.id else { throw RumdulError.civilSamePerson }
            let before = item.state
            try item.decide(verdict, by: step.officer.id)
            try await duplicates.update(item, from: before, at: ambient.now(), in: connection)
            try await audit.record(
                action: "civil.duplicate_decided",
                actor: try step.officer.acting(
                    before == .escalated ? .civilRevoke : .duplicateDecide, in: item.office),
                subject: item.record,
                details: ["case": .string(id), "state": .string(item.state.rawValue)], in: connection)
            if item.state == .closed { try await carryOut(item, &open, reason, step, in: connection) }
            return item
        }
    }

    private func carryOut(
        _ item: DuplicateCase, _ open: inout OpenRecord, _ reason: String, _ step: CivilStep,
        in connection: any SQLConnection
    ) async throws {
        guard open.record.state == .duplicateReview else {
            if item.outcome == .same, open.record.state.isInForce {
                try await tellSame(item, open.record, in: connection)
            }
            return
        }
        let cases = try await duplicates.cases(of: item.record, in: connection)
        guard cases.allSatisfy({ $0.state == .closed }) else { return }
        let actor = Self.system(open.record)
        var content = ActionContent()
        content.reason = reason
        let same = cases.first { $0.outcome == .same }
        if let person = same?.otherPerson, let role = open.record.kind.subjects.first {
            content.persons = [role: person]
        }
        try await append(.clearDuplicate, content, to: &open, by: actor, step, in: connection)
        guard let twin = same?.otherRecord else { return }
        var archived = ActionContent()
        archived.reason = reason
        archived.record = twin
        try await append(.archive, archived, to: &open, by: actor, step, in: connection)
    }

    /// Throws `civil.not_found` when the record is sealed and the officer may not see sealed ones.
    private func requireSight(of record: VitalRecord, _ officer: Officer) throws {
        guard !record.isSealed || officer.may(.civilSeal, in: record.office) else { throw RumdulError.civilNotFound }
    }

    private func mayDecide(_ item: DuplicateCase, _ officer: Officer) -> Bool {
        item.state == .escalated
            ? officer.may(.civilRevoke, in: item.office)
            : officer.may(.duplicateDecide, in: item.office)
                || (item.state == .closed && officer.may(.civilRevoke, in: item.office))
    }

    private static func context(_ id: String) -> [UInt8] { Array("civil duplicate \(id)".utf8) }
}

extension DuplicateCase {
    /// The case without what others said.
    fileprivate var blind: DuplicateCase {
        var copy = self
        (copy.first, copy.second, copy.third) = (nil, nil, nil)
        return copy
    }
}
