import Accountability
import Codecs
import Database
import Kernel
import KeyVault

/// Persons of registrations that are under way: a birth that a district has verified has its code, and becomes a person
/// when the commune registers it.
extension PopulationRegister {
    /// Enters a person who does not count yet, with a reserved code: found by no search, of no use for logging in. Writes
    /// the audit entry `person.reserved`. Throws what `register` throws.
    ///
    /// - Parameter record: the record for which it is. The identifier is drawn so that what is audited of both goes to one
    ///   stream of the ledger, for which the transaction has to wait only once.
    public func reserve(
        _ draft: PersonDraft, beside record: String? = nil, by actor: Actor, in connection: any SQLConnection
    ) async throws -> Registration {
        var person = try await prepare(draft, id: record.map { newID(beside: $0) })
        person.row.record = .provisional
        person.lookups = []
        person.search = nil
        guard let registration = try await enter([person], as: .reserved, by: actor, in: connection).first else {
            throw RumdulError.internal("population.reserve")
        }
        return registration
    }

    private func newID(beside record: String) -> PersonID {
        let stream = AuditTrail.stream(of: record)
        let drawn = ambient.newID()
        guard let start = UInt16(drawn.suffix(4), radix: 16) else { return PersonID(drawn) }
        // One in 64 fits: the last 16 bits are counted on from where they were drawn.
        for step in 0...UInt16.max {
            let digits = String(start &+ step, radix: 16)
            let id = drawn.dropLast(4) + String(repeating: "0", count: 4 - digits.count) + digits
            if AuditTrail.stream(of: String(id)) == stream { return PersonID(String(id)) }
        }
        return PersonID(drawn)
    }

    /// Makes a reserved person count, with the facts as they are registered; the reserved code is given out. Writes the
    /// audit entry `person.registered`. Throws `person.not_found`, `person.retired` when it is not provisional,
    /// `person.invalid`.
    public func confirm(
        _ person: PersonID, as draft: PersonDraft, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        var open = try await open(person, in: connection)
        guard open.row.record == .provisional else { throw RumdulError.personRetired }
        let now = ambient.now()
        let facts = try draft.facts(on: now.dayInCambodia)
        try checkPlaces(facts, on: now.dayInCambodia)
        open.snapshot = PersonSnapshot(
            facts.map { fact in
                FactVersion(
                    fact: fact, validFrom: nil, validTo: nil, recordedAt: now, recordedTo: nil, source: draft.source,
                    confidence: draft.confidence)
            })
        open.row.record = .active
        open.row.snapshot = try seal(open.snapshot, of: person, key: open.key)
        open.row.life = open.snapshot.life
        try await store.update(open.row, at: now, in: connection)
        try await store.moveCodes(of: person, from: .reserved, to: CodeState.active.rawValue, at: nil, in: connection)
        try await store.insertLookups(
            try await tags.all(open.snapshot).map { ($0, person) }, in: connection)
        // Who is reserved is in no index yet.
        try await index.put(
            [(person.text, try await index.entries(open.snapshot.searchFacts))], areNew: true, in: connection)
        try await audit.record(
            action: "person.registered", actor: actor, subject: person.text,
            details: ["source": .string(draft.source.kind), "reference": .string(draft.source.reference)],
            in: connection)
    }

    /// Gives a reservation up: the code is never given out to anybody else. Does nothing when the person counts already.
    /// Writes the audit entry `person.abandoned`.
    public func abandon(_ person: PersonID, by actor: Actor, in connection: any SQLConnection) async throws {
        guard var row = try await store.person(person, in: connection), row.record == .provisional else { return }
        let now = ambient.now()
        row.record = .error
        try await store.update(row, at: now, in: connection)
        try await store.moveCodes(of: person, from: .reserved, to: RecordState.error.rawValue, at: now, in: connection)
        try await audit.record(action: "person.abandoned", actor: actor, subject: person.text, in: connection)
    }

    /// The code of a person as it stands, for papers that show it; through no gate, so only for the transaction that
    /// registers. Throws `person.not_found`, `person.erased`.
    public func code(of person: PersonID, in connection: any SQLConnection) async throws -> KIDC? {
        let open = try await open(person, in: connection)
        guard let sealed = try await store.anyCode(of: person, in: connection) else { return nil }
        let bytes = try open.key.open(sealed, context: Envelope.context(person: person, field: "kidc"))
        return try KIDC(entered: String(decoding: bytes, as: UTF8.self))
    }

    /// The date of birth of a person as far as it is known, for the rules of the transaction that registers; through no
    /// gate, so nothing of it may leave. `nil` also for whom there is no open record.
    public func birthDate(of person: PersonID, in connection: any SQLConnection) async throws -> PartialDate? {
        guard let row = try await store.person(person, in: connection), row.dataKey != nil else { return nil }
        return try await open(person, in: connection).snapshot.birth.date
    }
}

extension PopulationStore {
    /// The sealed code of a person, given out or reserved.
    func anyCode(of person: PersonID, in connection: any SQLConnection) async throws -> [UInt8]? {
        try await connection.first(
            """
            SELECT sealed FROM population_codes WHERE person_id = $1 AND state = 'active'
            UNION ALL SELECT sealed FROM population_codes WHERE person_id = $1 AND state = 'reserved'
            """, [person.text])?.optionalBlob(0)
    }
}
