import Accountability
import Codecs
import Database
import Kernel
import KeyVault
import Ledger
import PopulationRegister
import ReferenceData
import RegisterSearch

/// What other rooms do when a registered event ends a life, in the transaction that registers it.
public protocol LifeEventEffects: Sendable {
    /// Ends what a dead person had: consents, authenticators, sessions.
    func ended(_ person: PersonID, record: String, in connection: any SQLConnection) async throws
}

/// Who takes a step, and what a repeated or late request needs.
public struct CivilStep: Sendable {
    public let officer: Officer
    /// The sequence number of the record that the officer looked at; another one means that somebody was faster.
    public let expected: Int64?
    /// An unguessable name of the request: a repeated one changes nothing.
    public let transactionID: String?
    /// The device's clock, when the step was taken without a line.
    public let deviceTime: Instant?

    public init(
        _ officer: Officer, expected: Int64? = nil, transactionID: String? = nil, deviceTime: Instant? = nil
    ) {
        self.officer = officer
        self.expected = expected
        self.transactionID = transactionID
        self.deviceTime = deviceTime
    }
}

/// The civil register: births, deaths, marriages and the other vital events, each a record whose history is signed and
/// chained, and each changing the population register in the same transaction.
public struct CivilRegister: Sendable {
    /// The tables of this module.
    public static let migrations = CivilStore.migrations
    /// The purpose of the key that signs entries.
    public static let signing = ActionJournal.purpose

    let database: any Database
    let vault: any KeyVault
    let envelope: Envelope
    let ledger: Ledger
    let audit: AuditTrail
    let gate: DisclosureGate
    let people: PopulationRegister
    let referenceData: ReferenceData
    let effects: any LifeEventEffects
    /// Who keeps what happened, for others to learn of; `nil` for nobody.
    let events: (any RegisterEventSink)?
    let ambient: Ambient
    let store = CivilStore()
    let journal: ActionJournal
    let tags: CivilTags
    let index: SearchIndex
    /// Which registrations wait for a system outside; none unless an operator says so.
    public var externalChecks = ExternalChecks()
    /// Off only where tests enter many events that are alike.
    var findsDuplicates = true

    public init(
        database: any Database, vault: any KeyVault, ledger: Ledger, gate: DisclosureGate, people: PopulationRegister,
        referenceData: ReferenceData, effects: any LifeEventEffects, events: (any RegisterEventSink)? = nil,
        ambient: Ambient
    ) {
        self.database = database
        self.vault = vault
        envelope = Envelope(vault: vault, ambient: ambient)
        self.ledger = ledger
        audit = AuditTrail(ledger: ledger)
        self.gate = gate
        self.people = people
        self.referenceData = referenceData
        self.effects = effects
        self.events = events
        self.ambient = ambient
        journal = ActionJournal(vault: vault, store: store)
        tags = CivilTags(vault: vault)
        index = SearchIndex(prefix: "civil", vault: vault)
    }

    // MARK: Reading

    /// A record with its key and last hash. Throws `civil.not_found`.
    func open(_ id: String, in connection: any SQLConnection) async throws -> OpenRecord {
        guard let row = try await store.record(id, in: connection) else { throw RumdulError.civilNotFound }
        return try await open(row, in: connection)
    }

    func open(_ row: RecordRow, in connection: any SQLConnection) async throws -> OpenRecord {
        let key = try await envelope.dataKey(row.dataKey)
        let rows = try await store.actions(of: row.id, in: connection)
        let actions = try rows.map { try journal.action($0, of: row, key: key) }
        return OpenRecord(
            record: try VitalRecord.fold(
                id: row.id, kind: row.kind, trackingID: row.trackingID, office: row.office, actions),
            actions: actions, key: key, head: rows.last?.hash ?? [])
    }

    /// Several records as their histories say they are; those that do not exist are left out.
    func open(_ ids: [String], in connection: any SQLConnection) async throws -> [VitalRecord] {
        let rows = try await store.records(ids, in: connection)
        let histories = try await store.actions(of: ids, in: connection)
        var records: [VitalRecord] = []
        for row in rows {
            let key = try await envelope.dataKey(row.dataKey)
            let actions = try (histories[row.id] ?? []).map { try journal.action($0, of: row, key: key) }
            records.append(
                try VitalRecord.fold(
                    id: row.id, kind: row.kind, trackingID: row.trackingID, office: row.office, actions))
        }
        return records
    }

    /// Checks the chain of a record: hashes, links, signatures, and that the stored row is the fold of its history.
    /// Throws `civil.not_found`, `civil.chain`.
    public func verifyHistory(of id: String) async throws {
        try await database.read { try await verifyHistory(of: id, in: $0) }
    }

    func verifyHistory(of id: String, in connection: any SQLConnection) async throws {
        guard let row = try await store.record(id, in: connection) else { throw RumdulError.civilNotFound }
        try await journal.verify(try await store.actions(of: id, in: connection), of: row)
        let record = try await open(row, in: connection).record
        guard record.state == row.state, record.version == row.version, record.number == row.number,
            record.sequence == row.sequence, record.pending?.kind.rawValue == row.pending,
            record.isSealed == row.isSealed, record.needsApproval == row.needsApproval
        else { throw RumdulError.civilChain.because("record \(id): the row is not the fold") }
    }

    // MARK: Writing

    /// Takes one action: checks that it can follow, writes its entry, the row, and the audit entry `civil.<action>`.
    @discardableResult
    func append(
        _ kind: VitalAction, _ content: ActionContent, to open: inout OpenRecord, by actor: CivilActor,
        _ step: CivilStep,
        in connection: any SQLConnection
    ) async throws -> RecordAction {
        try await append(
            kind, content, to: &open, by: actor, transactionID: step.transactionID, deviceTime: step.deviceTime,
            in: connection)
    }

    /// As above, for whoever is no officer.
    @discardableResult
    func append(
        _ kind: VitalAction, _ content: ActionContent, to open: inout OpenRecord, by actor: CivilActor,
        transactionID: String?, deviceTime: Instant? = nil, in connection: any SQLConnection
    ) async throws -> RecordAction {
        let before = open.record.sequence
        let action = RecordAction(
            sequence: before + 1, kind: kind, actor: actor, at: ambient.now(), deviceTime: deviceTime,
            content: content)
        var record = open.record
        try record.apply(action)
        let entry = try await journal.entry(
            action, of: record, key: open.key, previous: open.head,
            transactionID: open.isFirstOfStep ? transactionID : nil)
        try await store.insert(entry, of: record.id, in: connection)
        if before > 0 || kind != .create {
            try await store.update(
                record, from: max(before, 1), at: action.at, isNew: open.isNew, in: connection)
        }
        if record.persons != open.record.persons {
            try await store.setParticipants(record, before: open.record.persons, in: connection)
        }
        try await audit.record(
            action: "civil." + kind.rawValue, actor: actor.actor, subject: record.id,
            details: [
                "seq": .integer(action.sequence), "hash": .string(Base64URL.encode(entry.hash)),
                "event": .string(record.kind.rawValue),
            ], in: connection)
        let known = open.record
        open.record = record
        open.actions.append(action)
        open.head = entry.hash
        open.isFirstOfStep = false
        try await countAnew(open, before: known, in: connection)
        try await tell(action, of: open, before: known, in: connection)
        return action
    }

    /// Runs a step on a record: once for each transaction identifier, on the version that the officer saw.
    /// - Parameter locks: further locks that the step will need.
    func step(
        on id: String, _ step: CivilStep, locks: [String] = [],
        _ body: @escaping @Sendable (inout OpenRecord, any SQLConnection) async throws -> Void
    ) async throws -> VitalRecord {
        try await database.transaction { connection in
            // Both before the first statement, so that what is read is not older than the wait.
            if let transaction = step.transactionID { try await connection.lock("civil-request:" + transaction) }
            try await connection.lock("civil:" + id)
            try await audit.lock(subject: id, in: connection)
            for name in locks { try await connection.lock(name) }
            if let done = try await repeated(step, in: connection) {
                // The name of a request belongs to one record.
                guard done.id == id else { throw RumdulError.civilChanged }
                return done
            }
            var open = try await open(id, in: connection)
            if let expected = step.expected, expected != open.record.sequence { throw RumdulError.civilChanged }
            try await body(&open, connection)
            return open.record
        }
    }

    /// The record of a request that was carried out already; `nil` when it was not.
    func repeated(_ step: CivilStep, in connection: any SQLConnection) async throws -> VitalRecord? {
        guard let transaction = step.transactionID,
            let done = try await store.recordOf(transaction: transaction, in: connection)
        else { return nil }
        return try await open(done, in: connection).record
    }

    /// As `repeated(_:in:)`, for steps with much to check before their transaction: a request that was carried out must
    /// not fail on what it changed itself.
    func repeated(_ step: CivilStep) async throws -> VitalRecord? {
        guard step.transactionID != nil else { return nil }
        return try await database.read { try await repeated(step, in: $0) }
    }

    /// The officer as the actor of an action in an office. Throws `officer.forbidden`.
    func actor(_ officer: Officer, _ permission: Permission, in office: String) throws -> CivilActor {
        guard let role = officer.role(for: permission, in: office) else { throw RumdulError.officerForbidden }
        return CivilActor(kind: "officer", id: officer.id, role: role.rawValue, office: office)
    }
}

/// A record in the clear, for the length of one call inside this module.
struct OpenRecord: Sendable {
    var record: VitalRecord
    var actions: [RecordAction]
    let key: DataKey
    var head: [UInt8]
    var isFirstOfStep = true
    /// Whether it was begun in this transaction.
    var isNew = false
}
