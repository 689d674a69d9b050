import Accountability
import Codecs
import Database
import Kernel
import KeyVault

extension PopulationRegister {
    /// Replaces one fact from a day on, and keeps what was known before. Writes the audit entry `person.amended`.
    ///
    /// - Parameters:
    ///   - fact: the new value, whole.
    ///   - validFrom: the first day on which it holds; not in the future. `nil` says that it always did: a correction.
    ///     Versions that began earlier keep their days before it; versions that began later are superseded.
    ///   - source: the record or decision behind it.
    /// - Throws: `person.not_found`, `person.erased`, `person.retired`, `person.invalid`, `person.changed`.
    public func amend(
        _ person: PersonID, _ fact: PersonFact, validFrom: CalendarDate?, source: FactSource, confidence: Int = 100,
        by actor: Actor, in connection: any SQLConnection
    ) async throws {
        let today = ambient.now().dayInCambodia
        let fact = try checked(fact, validFrom: validFrom, source, confidence, on: today)
        var open = try await open(person, in: connection)
        guard open.row.record == .active else { throw RumdulError.personRetired }
        let before = open.snapshot
        let kind = fact.kind
        let earlier = try await history(open, kind, in: connection)
        // Recorded time moves forward even when the clock does not.
        let latest = ([before.versions[kind]?.recordedAt] + earlier.map(\.version.recordedAt)).compactMap(\.self).max()
        let now = max(ambient.now(), latest.map { Instant(microseconds: $0.microseconds + 1) } ?? ambient.now())

        var writer = HistoryWriter(
            store: store, person: person, kind: kind, key: open.key, next: Int64(earlier.count) + 1)
        for (sequence, version) in earlier where version.recordedTo == nil && version.reaches(validFrom) {
            try await store.endFact(sequence, of: person, kind, at: now, in: connection)
            try await writer.keep(version.cut(at: validFrom, recordedAt: now), in: connection)
        }
        if var present = before.versions[kind] {
            try await writer.keep(present.cut(at: validFrom, recordedAt: now), in: connection)
            present.recordedTo = now
            try await writer.keep(present, in: connection)
        }
        open.snapshot.versions[kind] = FactVersion(
            fact: fact, validFrom: validFrom, validTo: nil, recordedAt: now, recordedTo: nil, source: source,
            confidence: confidence)
        open.row.snapshot = try seal(open.snapshot, of: person, key: open.key)
        open.row.life = open.snapshot.life
        open.row.ial = open.snapshot.assurance?.level.rawValue ?? 0
        try await store.update(open.row, at: now, in: connection)
        try await updateLookups(person, from: before, to: open.snapshot, in: connection)
        if before.searchFacts != open.snapshot.searchFacts { try await reindex(open, in: connection) }
        try await audit.record(
            action: "person.amended", actor: actor, subject: person.text,
            details: [
                "fact": .string(kind.rawValue), "source": .string(source.kind), "reference": .string(source.reference),
            ], in: connection)
    }

    /// Takes back what a record said: each fact that it set last gets the value that held before, as said by whoever said
    /// it then. Facts that somebody else has changed since stay. Throws what `amend` throws.
    /// - Parameter revoked: further records that were taken back: what they said does not come back either.
    public func withdraw(
        _ person: PersonID, saidBy record: String, revoked: Set<String> = [], by actor: Actor,
        in connection: any SQLConnection
    ) async throws {
        let open = try await open(person, in: connection)
        for kind in FactKind.allCases {
            guard let present = open.snapshot.versions[kind], present.source.reference == record else { continue }
            let earlier = try await history(open, kind, in: connection)
                .filter { $0.version.source.reference != record && !revoked.contains($0.version.source.reference) }
                .max { ($0.version.recordedAt, $0.sequence) < ($1.version.recordedAt, $1.sequence) }?.version
            guard let earlier else { continue }
            try await amend(
                person, earlier.fact, validFrom: nil, source: earlier.source, confidence: earlier.confidence,
                by: actor, in: connection)
        }
    }

    /// Whether nobody has said a fact anew since a record said it, or might have. Throws `person.not_found`,
    /// `person.erased`.
    public func hasLastWord(
        _ record: String, since moment: Instant, on kind: FactKind, of person: PersonID,
        in connection: any SQLConnection
    ) async throws -> Bool {
        guard let present = try await open(person, in: connection).snapshot.versions[kind] else { return true }
        return present.source.reference == record || present.recordedAt <= moment
    }

    /// Whether what the register says now of a fact began on a later day. Throws `person.not_found`, `person.erased`.
    public func began(
        _ kind: FactKind, of person: PersonID, after day: CalendarDate, in connection: any SQLConnection
    ) async throws -> Bool {
        try await open(person, in: connection).snapshot.versions[kind]?.validFrom.map { $0 > day } ?? false
    }

    func checked(
        _ fact: PersonFact, validFrom: CalendarDate?, _ source: FactSource, _ confidence: Int, on today: CalendarDate
    ) throws -> PersonFact {
        var rules = FactRules(today: today)
        let cleaned = rules.clean(fact)
        rules.check(source, confidence)
        var errors = rules.errors
        if let validFrom, validFrom > today {
            errors.append(
                FieldError("valid_from", LocalizedText(km: "ថ្ងៃមិនអាចនៅអនាគតទេ។", en: "The day may not lie in the future.")))
        }
        guard errors.isEmpty else { throw RumdulError.personInvalid(errors) }
        try checkPlaces([cleaned], on: today)
        return cleaned
    }

    /// All versions of a fact except the present one, with their places in the history.
    func history(
        _ open: OpenPerson, _ kind: FactKind, in connection: any SQLConnection
    ) async throws -> [(sequence: Int64, version: FactVersion)] {
        let context = Envelope.context(person: open.row.id, field: "fact." + kind.rawValue)
        return try await store.history(of: open.row.id, kind, in: connection).map { row in
            var version = try FactVersion(kind: kind, json: JSON.parse(open.key.open(row.sealed, context: context)))
            version.recordedTo = row.recordedTo
            return (row.sequence, version)
        }
    }

    /// Names stay findable in their old spelling too; a phone number that is given up may soon be somebody else's.
    private func updateLookups(
        _ person: PersonID, from before: PersonSnapshot, to after: PersonSnapshot, in connection: any SQLConnection
    ) async throws {
        let old = try await tags.all(before)
        let new = try await tags.all(after)
        for tag in try await tags.phones(before).subtracting(new) {
            try await store.deleteLookup(tag, of: person, in: connection)
        }
        try await store.insertLookups(new.subtracting(old).map { ($0, person) }, in: connection)
    }
}

extension FactVersion {
    /// Whether it holds on the day or later.
    fileprivate func reaches(_ day: CalendarDate?) -> Bool {
        guard let validTo, let day else { return true }
        return day < validTo
    }

    /// The part before a day, as said from now on; `nil` when there is none.
    fileprivate func cut(at day: CalendarDate?, recordedAt now: Instant) -> FactVersion? {
        guard let day, validFrom.map({ $0 < day }) ?? true else { return nil }
        var part = self
        part.validTo = day
        part.recordedAt = now
        part.recordedTo = nil
        return part
    }
}

/// Seals versions and puts them at the end of the history.
private struct HistoryWriter {
    let store: PopulationStore
    let person: PersonID
    let kind: FactKind
    let key: DataKey
    var next: Int64

    mutating func keep(_ version: FactVersion?, in connection: any SQLConnection) async throws {
        guard let version else { return }
        let context = Envelope.context(person: person, field: "fact." + kind.rawValue)
        let row = FactRow(
            sequence: next, recordedTo: version.recordedTo,
            sealed: try key.seal(JSON.bytes(version.json), context: context))
        try await store.insertFact(row, of: person, kind, recordedAt: version.recordedAt, in: connection)
        next += 1
    }
}
