import Accountability
import Codecs
import Database
import Kernel

/// The family graph: who is whose parent, spouse or guardian, since when, and by which record.
extension PopulationRegister {
    private var relationships: RelationshipStore { RelationshipStore() }

    /// Adds an edge. Nobody is related to himself, and a person has one live marriage at most. Writes the audit entry
    /// `person.related`.
    ///
    /// Throws `person.not_found`, `person.married` when one of them is married, `person.invalid`.
    @discardableResult
    public func relate(
        _ person: PersonID, _ kind: Relationship.Kind, to other: PersonID, validFrom: CalendarDate?,
        source: FactSource, by actor: Actor, in connection: any SQLConnection
    ) async throws -> Relationship {
        guard person != other else {
            throw RumdulError.personInvalid([
                FieldError(
                    "relationship",
                    LocalizedText(km: "មនុស្សម្នាក់មិនអាចត្រូវជាខ្លួនឯងទេ។", en: "Nobody is related to himself."))
            ])
        }
        if kind == .spouse {
            // In one order, so that two weddings cannot wait for each other.
            for name in [person.text, other.text].sorted() { try await connection.lock("marriage:" + name) }
            for one in [person, other] where try await marriages(of: one, in: connection).contains(where: \.isLive) {
                throw RumdulError.personMarried
            }
        }
        let edge = Relationship(
            id: ambient.newID(), person: person, kind: kind, other: other, source: source, validFrom: validFrom,
            validTo: nil, end: nil, endSource: nil, isSeparated: false)
        try await relationships.insert(edge, at: ambient.now(), in: connection)
        try await audit.record(
            action: "person.related", actor: actor, subject: person.text,
            details: [
                "kind": .string(kind.rawValue), "other": .string(other.text), "source": .string(source.reference),
            ],
            in: connection)
        return edge
    }

    /// Ends an edge. Does nothing when it has ended. Writes the audit entry `person.unrelated`.
    public func end(
        _ edge: Relationship, _ end: Relationship.End, on day: CalendarDate?, source: String, by actor: Actor,
        in connection: any SQLConnection
    ) async throws {
        guard edge.isLive else { return }
        var ended = edge
        (ended.end, ended.validTo, ended.endSource) = (end, day, source)
        try await write(ended, "person.unrelated", by: actor, in: connection)
    }

    /// Says that an edge never held, whether it holds or has ended: no other record can let it hold again. Writes the audit
    /// entry `person.unrelated`.
    public func annul(
        _ edge: Relationship, source: String, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        var annulled = edge
        (annulled.end, annulled.validTo, annulled.endSource) = (.revoked, nil, source)
        try await write(annulled, "person.unrelated", by: actor, in: connection)
    }

    /// Marks spouses as living apart by judgment, or not any more.
    public func setSeparated(
        _ edge: Relationship, _ isSeparated: Bool, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        var changed = edge
        changed.isSeparated = isSeparated
        try await write(changed, "person.separated", by: actor, in: connection)
    }

    /// Lets an edge hold again that a revoked record had ended. Throws `person.married` when that would be a second
    /// marriage.
    public func revive(_ edge: Relationship, by actor: Actor, in connection: any SQLConnection) async throws {
        guard !edge.isLive else { return }
        if edge.kind == .spouse {
            for one in [edge.person, edge.other]
            where try await marriages(of: one, in: connection).contains(where: \.isLive) {
                throw RumdulError.personMarried
            }
        }
        var living = edge
        (living.end, living.validTo, living.endSource) = (nil, nil, nil)
        try await write(living, "person.related", by: actor, in: connection)
    }

    /// Every edge of a person, in either direction, ended ones too, oldest first.
    public func relationships(
        of person: PersonID, in connection: any SQLConnection
    ) async throws -> [Relationship] {
        try await relationships.edges(of: person, in: connection)
    }

    /// The edges that a record made.
    public func relationships(madeBy record: String, in connection: any SQLConnection) async throws -> [Relationship] {
        try await relationships.edges(ofSource: record, in: connection)
    }

    /// The edges that a record ended.
    public func relationships(endedBy record: String, in connection: any SQLConnection) async throws -> [Relationship] {
        try await relationships.edges(endedBy: record, in: connection)
    }

    /// Corrects the days from and to which an edge holds.
    public func redate(
        _ edge: Relationship, from: CalendarDate?, to: CalendarDate?, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        var changed = edge
        (changed.validFrom, changed.validTo) = (from, to)
        try await write(changed, "person.redated", by: actor, in: connection)
    }

    /// The marriages of a person, oldest first, ended ones too.
    public func marriages(of person: PersonID, in connection: any SQLConnection) async throws -> [Relationship] {
        try await relationships.edges(of: person, in: connection).filter { $0.kind == .spouse }
    }

    /// What the marriages of a person amount to.
    public func civilStatus(of person: PersonID, in connection: any SQLConnection) async throws -> CivilStatus {
        CivilStatus(try await marriages(of: person, in: connection))
    }

    private func write(
        _ edge: Relationship, _ action: String, by actor: Actor, in connection: any SQLConnection
    ) async throws {
        try await relationships.update(edge, at: ambient.now(), in: connection)
        var details: JSONObject = ["kind": .string(edge.kind.rawValue), "other": .string(edge.other.text)]
        details["end"] = edge.end.map { .string($0.rawValue) }
        try await audit.record(
            action: action, actor: actor, subject: edge.person.text, details: details, in: connection)
    }
}
