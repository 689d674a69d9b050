import Accountability
import Database
import Kernel
import PopulationRegister

/// What a system looks registered events up by, when it wants the people they are about.
public struct EventQuery: Sendable {
    public enum Key: Sendable {
        /// A registration number as typed.
        case number(String)
        /// Somebody whom the event is about.
        case person(PersonID)
    }

    public var key: Key
    /// Other kinds are not there.
    public var kinds: Set<VitalEventKind>
    /// Days between which the event certainly lies; `nil` for any.
    public var from: CalendarDate?
    public var to: CalendarDate?

    public init(_ key: Key, kinds: Set<VitalEventKind>, from: CalendarDate? = nil, to: CalendarDate? = nil) {
        self.key = key
        self.kinds = kinds
        self.from = from
        self.to = to
    }

    func covers(_ date: PartialDate?) -> Bool {
        if from == nil, to == nil { return true }
        guard let date else { return false }
        return (from.map { $0 <= date.earliest } ?? true) && (to.map { date.latest <= $0 } ?? true)
    }
}

/// Somebody whom a registered event in force is about. Says nothing until it is told, through the gate.
public struct EventCandidate: Sendable {
    public let person: PersonID
    let record: VitalRecord
}

/// The same, told.
public struct EventSubject: Sendable {
    /// The attributes that were asked for.
    public let told: DisclosedAttributes
    public let kind: VitalEventKind
    /// The registration number.
    public let number: String
    /// ISO 8601, perhaps partial.
    public let occurredOn: String?
    /// Of a birth the codes of mother and father, as far as they are registered; only when codes were asked for.
    public let parents: [String]
}

extension CivilRegister {
    /// Whom the events are about that fit: registered and in force, of the system's areas, not sealed; newest event
    /// first. Throws `person.search_basis`.
    public func eventCandidates(
        _ query: EventQuery, by reader: SystemReader, in connection: any SQLConnection
    ) async throws -> [EventCandidate] {
        try reader.requireStatute()
        var rows: [RecordRow] = []
        var asked: PersonID?
        switch query.key {
        case .number(let text):
            guard let number = RegistrationNumber(text)?.text else { return [] }
            rows = try await [store.record(number: number, in: connection)].compactMap(\.self)
        case .person(let person):
            asked = person
            rows = try await store.records(of: person.text, in: connection)
        }
        var found: [EventCandidate] = []
        for row in rows
        where row.state == .registered && !row.isSealed && query.kinds.contains(row.kind)
            && reader.covers(row.office)
        {
            let record = try await open(row, in: connection).record
            guard query.covers(record.declaration.occurredOn) else { continue }
            for role in record.kind.subjects {
                guard let person = record.persons[role], asked == nil || asked == person else { continue }
                found.append(EventCandidate(person: person, record: record))
            }
        }
        return found
    }

    /// Tells of one of them: one access entry for the person, which names the record and the attributes, and one for
    /// each parent whose code is told. `nil` when the person was erased.
    public func tell(
        _ candidate: EventCandidate, _ attributes: [AttributeName], by reader: SystemReader,
        in connection: any SQLConnection
    ) async throws -> EventSubject? {
        let record = candidate.record
        guard let number = record.number,
            let told = try await told(
                candidate.person, [.civilRecord] + attributes, record, by: reader, in: connection)
        else { return nil }
        var parents: [String] = []
        if attributes.contains(.kidc), record.kind == .birth {
            for role in [ParticipantRole.mother, .father] {
                guard let parent = record.persons[role],
                    let code = try await self.told(parent, [.kidc], record, by: reader, in: connection)?[.kidc]
                else { continue }
                if let digits = code.stringValue { parents.append(digits) }
            }
        }
        return EventSubject(
            told: told, kind: record.kind, number: number, occurredOn: record.declaration["event.date"],
            parents: parents)
    }

    private func told(
        _ person: PersonID, _ attributes: [AttributeName], _ record: VitalRecord, by reader: SystemReader,
        in connection: any SQLConnection
    ) async throws -> DisclosedAttributes? {
        var request = reader.request
        request.subject = person
        request.attributes = attributes
        request.caseReference = request.caseReference ?? record.number
        do {
            return try await gate.disclose(request, from: people, in: connection)
        } catch let error as RumdulError where ["person.not_found", "person.erased"].contains(error.code) {
            return nil
        }
    }
}
