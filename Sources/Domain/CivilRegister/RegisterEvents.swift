import Database
import Kernel
import PopulationRegister

/// What happened in the register, for whoever must learn of it. Event names are those of OSIA 7.1 (Notification,
/// "Notification Message"); what OSIA does not name is named in its manner.
public struct RegisterEvent: Sendable, Hashable {
    /// What an event is about. Whoever is told of one kind is told of its corrections and its cancellation too: a bank
    /// that closed a dead person's account must learn that the death was a mistake.
    public enum Topic: String, Sendable, CaseIterable {
        case liveBirth, foetalDeath, death, marriage, divorce, annulment, separation, adoption, recognition
        case legitimation, changeOfName, changeOfGender, changeOfNationality
        /// Somebody is in the register who was not there before.
        case newPerson
        /// Two entries are of one person.
        case duplicatePerson
    }

    /// What became of it.
    public enum Change: String, Sendable {
        case registered, corrected, cancelled
        /// In force again after a cancellation.
        case reinstated
    }

    /// A person in a message, by the member that OSIA gives them.
    public struct Participant: Sendable, Hashable {
        /// `uin`, `uin1`, `uin2`; `duplicates` may come several times.
        public let member: String
        public let person: PersonID

        public init(_ member: String, _ person: PersonID) {
            self.member = member
            self.person = person
        }
    }

    public let topic: Topic
    public let change: Change
    /// The name in a message: the topic's, or `birthCancellation`, `deathCancellation` and so on.
    public let name: String
    /// The record of the civil register.
    public let record: String
    /// The number of the entry in the record's history that the event is.
    public let sequence: Int64
    /// The commune whose office keeps the record.
    public let office: String
    /// Whether the record is sealed now.
    public let isSealed: Bool
    public let participants: [Participant]
    public let at: Instant

    public init(
        topic: Topic, change: Change, name: String, record: String, sequence: Int64, office: String, isSealed: Bool,
        participants: [Participant], at: Instant
    ) {
        self.topic = topic
        self.change = change
        self.name = name
        self.record = record
        self.sequence = sequence
        self.office = office
        self.isSealed = isSealed
        self.participants = participants
        self.at = at
    }
}

/// Who keeps the register's events, in the transaction that they are part of: neither is there without the other. The
/// register does not know who is told, or how.
public protocol RegisterEventSink: Sendable {
    /// Takes an event down.
    func occurred(_ event: RegisterEvent, in connection: any SQLConnection) async throws

    /// A record was sealed or opened again: what was taken down of it before counts as sealed with it.
    func sealed(record: String, _ isSealed: Bool, in connection: any SQLConnection) async throws
}

extension VitalEventKind {
    /// The topic of its events. A foundling is a live birth to others, a presumed death a death: how a life began is
    /// nobody's business, and a name of its own would tell.
    var topic: RegisterEvent.Topic {
        switch self {
        case .birth, .foundling: .liveBirth
        case .foetalDeath: .foetalDeath
        case .death, .presumedDeath: .death
        case .marriage: .marriage
        case .divorce: .divorce
        case .annulment: .annulment
        case .judicialSeparation: .separation
        case .adoption: .adoption
        case .recognition: .recognition
        case .legitimation: .legitimation
        case .nameChange: .changeOfName
        case .sexCorrection: .changeOfGender
        case .nationalityChange: .changeOfNationality
        }
    }

    /// The persons of a message by OSIA's members. A foetus has no code, and its mother is not named.
    var members: [(String, ParticipantRole)] {
        switch self {
        case .birth, .foundling: [("uin", .child), ("uin1", .mother), ("uin2", .father)]
        case .foetalDeath: []
        case .death, .presumedDeath: [("uin", .deceased)]
        case .marriage, .divorce, .annulment, .judicialSeparation: [("uin1", .spouse1), ("uin2", .spouse2)]
        case .adoption: [("uin", .child), ("uin1", .adopter1), ("uin2", .adopter2)]
        case .recognition, .legitimation: [("uin", .child), ("uin1", .mother), ("uin2", .father)]
        case .nameChange, .sexCorrection, .nationalityChange: [("uin", .person)]
        }
    }
}

extension RegisterEvent.Topic {
    /// The name of the cancellation of one of its events.
    var cancellation: String { self == .liveBirth ? "birthCancellation" : rawValue + "Cancellation" }
}

extension CivilRegister {
    /// Hands an action's events to whoever keeps them; most actions are none.
    func tell(
        _ action: RecordAction, of open: OpenRecord, before: VitalRecord, in connection: any SQLConnection
    ) async throws {
        guard let events else { return }
        switch action.kind {
        // Nobody comes or goes with a record that takes another's place: what is said of the same person is other than before.
        case .register where open.record.predecessor != nil, .approveReinstatement where before.successor != nil:
            try await occurred(.corrected, action, open.record, in: connection)
        case .supersede: return
        case .register:
            try await occurred(.registered, action, open.record, in: connection)
            for person in open.record.entered(by: action, after: open.actions) {
                try await occurred(.registered, of: person, action, open.record, in: connection)
            }
        case .approveCorrection: try await occurred(.corrected, action, open.record, in: connection)
        case .approveReinstatement:
            try await occurred(.reinstated, action, open.record, in: connection)
            try await childOccurred(.reinstated, action, open.record, in: connection)
        // A record that was not in force any more is told of too: the revocation ends what was said of it for good.
        case .approveRevocation:
            try await occurred(.cancelled, action, open.record, in: connection)
            try await childOccurred(.cancelled, action, open.record, in: connection)
        case .seal: try await events.sealed(record: open.record.id, true, in: connection)
        case .unseal: try await events.sealed(record: open.record.id, false, in: connection)
        case .clearDuplicate:
            guard let role = before.kind.subjects.first, let reserved = before.persons[role],
                let known = open.record.persons[role], known != reserved
            else { return }
            try await occurred(known, isAlso: reserved, action.sequence, action.at, open.record, in: connection)
        default: return
        }
    }

    /// Two records in force are of one person, as officers found; they stay until they are revoked.
    func tellSame(_ item: DuplicateCase, _ record: VitalRecord, in connection: any SQLConnection) async throws {
        guard let role = record.kind.subjects.first, let person = record.persons[role] else { return }
        var known = item.otherPerson
        if known == nil, let twin = item.otherRecord {
            let other = try await self.open(twin, in: connection).record
            guard other.state.isInForce else { return }
            known = other.kind.subjects.first.flatMap { other.persons[$0] }
        }
        guard let known, known != person else { return }
        try await occurred(known, isAlso: person, record.sequence, ambient.now(), record, in: connection)
    }

    private func occurred(
        _ change: RegisterEvent.Change, _ action: RecordAction, _ record: VitalRecord,
        in connection: any SQLConnection
    ) async throws {
        let topic = record.kind.topic
        try await events?.occurred(
            RegisterEvent(
                topic: topic, change: change, name: change == .cancelled ? topic.cancellation : topic.rawValue,
                record: record.id, sequence: action.sequence, office: record.office, isSealed: record.isSealed,
                participants: record.kind.members.compactMap { member, role in
                    record.persons[role].map { .init(member, $0) }
                }, at: action.at), in: connection)
    }

    /// With a birth in force the child comes and goes; others whom a registration entered stay.
    private func childOccurred(
        _ change: RegisterEvent.Change, _ action: RecordAction, _ record: VitalRecord,
        in connection: any SQLConnection
    ) async throws {
        guard record.kind.entersPerson, let child = record.persons[.child] else { return }
        try await occurred(change, of: child, action, record, in: connection)
    }

    /// Somebody new, or no more.
    private func occurred(
        _ change: RegisterEvent.Change, of person: PersonID, _ action: RecordAction, _ record: VitalRecord,
        in connection: any SQLConnection
    ) async throws {
        try await events?.occurred(
            RegisterEvent(
                topic: .newPerson, change: change,
                name: change == .cancelled
                    ? RegisterEvent.Topic.newPerson.cancellation : RegisterEvent.Topic.newPerson.rawValue,
                record: record.id, sequence: action.sequence, office: record.office, isSealed: record.isSealed,
                participants: [.init("uin", person)], at: action.at), in: connection)
    }

    private func occurred(
        _ known: PersonID, isAlso other: PersonID, _ sequence: Int64, _ at: Instant, _ record: VitalRecord,
        in connection: any SQLConnection
    ) async throws {
        try await events?.occurred(
            RegisterEvent(
                topic: .duplicatePerson, change: .registered, name: RegisterEvent.Topic.duplicatePerson.rawValue,
                record: record.id, sequence: sequence, office: record.office, isSealed: record.isSealed,
                participants: [.init("uin", known), .init("duplicates", other)], at: at), in: connection)
    }
}

extension VitalRecord {
    /// Whom registering entered: parties without a code, and the child whom the verification reserved one for.
    func entered(by action: RecordAction, after history: [RecordAction]) -> [PersonID] {
        var found = action.content.persons ?? [:]
        if kind.entersPerson, let child = persons[.child], found[.child] == nil,
            // Not one whom two officers found in the register already.
            history.last(where: { $0.content.persons?[.child] != nil })?.kind == .verify
        {
            found[.child] = child
        }
        return found.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value)
    }
}
