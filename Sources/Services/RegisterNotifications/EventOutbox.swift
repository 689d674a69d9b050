import CivilRegister
import Codecs
import Database
import Kernel
import PopulationRegister

/// An event as it lies in the outbox.
struct OutboxEvent: Sendable {
    var id: String
    /// The topic's name, for events of the register; its identifier, for what a system published.
    var topic: String
    var name: String
    /// `nil` for what a system published.
    var record: String?
    var office: String
    var sequence: Int64
    var change: String
    var isSealed: Bool
    var participants: [RegisterEvent.Participant]
    /// The sealed text that a system published.
    var body: [UInt8]?
    var at: Instant

    /// What keeps messages in order: those with a subject in common are sent one after the other.
    var subjects: [String] {
        let people = participants.map { "p:" + $0.person.text }
        return Set(people + [record.map { "r:" + $0 } ?? "t:" + topic]).sorted()
    }
}

/// The register's events, written down in the transactions that they are part of. Who is told is decided later.
public struct EventOutbox: RegisterEventSink {
    private let ambient: Ambient
    private let store = OutboxStore()

    public init(ambient: Ambient) { self.ambient = ambient }

    public func occurred(_ event: RegisterEvent, in connection: any SQLConnection) async throws {
        try await store.insert(
            OutboxEvent(
                id: ambient.newID(), topic: event.topic.rawValue, name: event.name, record: event.record,
                office: event.office, sequence: event.sequence, change: event.change.rawValue,
                isSealed: event.isSealed, participants: event.participants, body: nil, at: event.at),
            in: connection)
    }

    public func sealed(record: String, _ isSealed: Bool, in connection: any SQLConnection) async throws {
        try await store.setSealed(record: record, isSealed, in: connection)
    }
}
