import Accountability
import Codecs
import Database
import Kernel
import KeyVault
import Ledger
import ReferenceData
import RegisterSearch

extension PopulationRegister {
    /// Enters a person and gives out a code, in the caller's transaction; writes the audit entry `person.registered`.
    ///
    /// Nobody is turned away for missing papers: nationality may be undetermined, and no phone is needed. Throws
    /// `person.invalid` with the refused fields, `kidc.exhausted`.
    public func register(
        _ draft: PersonDraft, by actor: Actor, in connection: any SQLConnection
    ) async throws -> Registration {
        let person = try await prepare(draft)
        guard let registration = try await enter([person], by: actor, in: connection).first else {
            throw RumdulError.internal("population.register")
        }
        return registration
    }

    /// Enters a person under a code that was given out before: by this program elsewhere, whose registers move here. Writes
    /// the audit entry `person.registered`.
    ///
    /// Throws `person.invalid`, `kidc.wrong_range`, `kidc.taken` when anybody has, or ever had, the code here.
    public func register(
        _ draft: PersonDraft, code: KIDC, by actor: Actor, in connection: any SQLConnection
    ) async throws -> Registration {
        guard code.range == codes else { throw RumdulError.kidcWrongRange }
        let person = try await prepare(draft)
        let now = ambient.now()
        try await store.insert([person.row], at: now, in: connection)
        let sealed = try person.key.seal(
            Array(code.digits.utf8), context: Envelope.context(person: person.row.id, field: "kidc"))
        let claimed = try await store.claim(
            [(try await tags.code(code), person.row.id, sealed)], as: .active, profile: KIDC.profile, at: now,
            in: connection)
        guard claimed.contains(person.row.id) else { throw RumdulError.kidcTaken }
        try await store.insertLookups(person.lookups.map { ($0, person.row.id) }, in: connection)
        try await audit.record(
            action: "person.registered", actor: actor, subject: person.row.id.text,
            details: ["source": .string(person.source.kind), "reference": .string(person.source.reference)],
            in: connection)
        return Registration(personID: person.row.id, kidc: code)
    }

    /// Enters many persons, in transactions of up to 1,000; answers in the order of the drafts. When one draft is
    /// refused, none of its transaction is entered, and those before it stay. Each person gets an audit entry.
    public func register(many drafts: [PersonDraft], by actor: Actor) async throws -> [Registration] {
        var registrations: [Registration] = []
        registrations.reserveCapacity(drafts.count)
        var start = 0
        while start < drafts.count {
            let end = min(start + Self.batch, drafts.count)
            var persons: [PreparedPerson] = []
            persons.reserveCapacity(end - start)
            for draft in drafts[start..<end] { persons.append(try await prepare(draft)) }
            let prepared = persons
            registrations += try await database.transaction { try await enter(prepared, by: actor, in: $0) }
            start = end
        }
        return registrations
    }

    /// Everything that needs no database: checked, keyed, sealed, tagged.
    func prepare(_ draft: PersonDraft, id: PersonID? = nil) async throws -> PreparedPerson {
        let now = ambient.now()
        let facts = try draft.facts(on: now.dayInCambodia)
        try checkPlaces(facts, on: now.dayInCambodia)
        let snapshot = PersonSnapshot(
            facts.map { fact in
                FactVersion(
                    fact: fact, validFrom: nil, validTo: nil, recordedAt: now, recordedTo: nil, source: draft.source,
                    confidence: draft.confidence)
            })
        let id = id ?? PersonID(ambient.newID())
        let wrapped = try await envelope.newDataKey()
        let key = try await envelope.dataKey(wrapped)
        let row = PersonRow(
            id: id, record: .active, survivor: nil, life: snapshot.life, ial: snapshot.assurance?.level.rawValue ?? 0,
            dataKey: wrapped, snapshot: try seal(snapshot, of: id, key: key), version: 1)
        return PreparedPerson(
            row: row, key: key, lookups: Array(try await tags.all(snapshot)),
            search: try await index.entries(snapshot.searchFacts), source: draft.source)
    }

    /// Places must lie in a province that exists or existed. Lower levels may be unknown: the lists may not be imported
    /// yet.
    func checkPlaces(_ facts: [PersonFact], on today: CalendarDate) throws {
        var refused: [FieldError] = []
        func check(_ place: PlaceCode, _ field: String) {
            if referenceData.known(place.province, on: today) == nil {
                refused.append(FieldError(field, LocalizedText(km: "មិនស្គាល់ខេត្តនេះទេ។", en: "This province is not known.")))
            }
        }
        for fact in facts {
            if case .birth(let birth) = fact, let place = birth.place { check(place, "birth_place") }
            if case .residence(let list) = fact { for residence in list { check(residence.place, "residence") } }
        }
        guard refused.isEmpty else { throw RumdulError.personInvalid(refused) }
    }

    func enter(
        _ persons: [PreparedPerson], as state: CodeState = .active, by actor: Actor, in connection: any SQLConnection
    ) async throws -> [Registration] {
        let now = ambient.now()
        try await store.insert(persons.map(\.row), at: now, in: connection)
        let codes = try await giveCodes(to: persons, as: state, at: now, in: connection)
        try await store.insertLookups(
            persons.flatMap { person in person.lookups.map { ($0, person.row.id) } }, in: connection)
        try await index.put(
            persons.compactMap { person in person.search.map { (person.row.id.text, $0) } }, areNew: true,
            in: connection)
        try await ledger.append(
            many: persons.map { person in
                AuditTrail.entry(
                    action: state == .active ? "person.registered" : "person.reserved", actor: actor,
                    subject: person.row.id.text,
                    details: ["source": .string(person.source.kind), "reference": .string(person.source.reference)])
            }, in: connection)
        return try persons.map { person in
            guard let code = codes[person.row.id] else { throw RumdulError.kidcExhausted }
            return Registration(personID: person.row.id, kidc: code)
        }
    }

    /// Draws codes until everyone has one that nobody ever had. The unique tag decides, whoever else draws at the same
    /// moment.
    private func giveCodes(
        to persons: [PreparedPerson], as state: CodeState, at now: Instant, in connection: any SQLConnection
    ) async throws -> [PersonID: KIDC] {
        var given: [PersonID: KIDC] = [:]
        given.reserveCapacity(persons.count)
        var waiting = persons
        for _ in 0..<Self.draws where !waiting.isEmpty {
            var drawn: [PersonID: KIDC] = [:]
            var claims: [(tag: [UInt8], person: PersonID, sealed: [UInt8])] = []
            claims.reserveCapacity(waiting.count)
            for person in waiting {
                let code = KIDC.draw(codes, ambient)
                let context = Envelope.context(person: person.row.id, field: "kidc")
                drawn[person.row.id] = code
                claims.append(
                    (
                        try await tags.code(code), person.row.id,
                        try person.key.seal(Array(code.digits.utf8), context: context)
                    ))
            }
            let claimed = try await store.claim(
                claims, as: state, profile: KIDC.profile, at: now, in: connection)
            for id in claimed { given[id] = drawn[id] }
            if claimed.count < waiting.count {
                waiting = waiting.filter { given[$0.row.id] == nil }
            } else {
                waiting = []
            }
        }
        guard waiting.isEmpty else { throw RumdulError.kidcExhausted }
        return given
    }
}

/// A person ready to be written.
struct PreparedPerson: Sendable {
    var row: PersonRow
    let key: DataKey
    var lookups: [[UInt8]]
    /// `nil` for who shall not be found yet.
    var search: SearchIndex.Entries?
    let source: FactSource
}
