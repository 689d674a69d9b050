import Accountability
import Codecs
import Database
import Kernel
import KhmerText

/// Who tells an office of an event without being an officer.
public struct Notifier: Sendable, Hashable {
    /// What the notifier is; stands as the role in the history of the record.
    public enum Kind: String, Sendable, CaseIterable {
        case healthFacility
        case village
        case citizen

        /// The events that it may tell of.
        public var events: [VitalEventKind] {
            switch self {
            case .healthFacility: [.birth, .death, .foetalDeath]
            case .village: [.birth, .death, .foundling]
            case .citizen: [.birth, .death]
            }
        }

        /// The name in both languages.
        public var label: LocalizedText {
            switch self {
            case .healthFacility: LocalizedText(km: "មូលដ្ឋានសុខាភិបាល", en: "Health facility")
            case .village: LocalizedText(km: "មេភូមិ", en: "Village chief")
            case .citizen: LocalizedText(km: "ពលរដ្ឋ", en: "Citizen")
            }
        }
    }

    let kind: Kind
    /// The client that a system is registered as.
    let client: String?
    let person: PersonID?

    /// A system, by its client identifier.
    public static func system(_ client: String, _ kind: Kind) -> Notifier {
        Notifier(kind: kind, client: client, person: nil)
    }

    /// A citizen who is logged in.
    public static func citizen(_ person: PersonID) -> Notifier {
        Notifier(kind: .citizen, client: nil, person: person)
    }
}

/// What a notifier learns of a notice: how far it is, and nothing else.
public struct NoticeState: Sendable, Hashable {
    public let trackingID: String
    public let kind: VitalEventKind
    public let office: String
    public let state: VitalRecordState
    public let receivedAt: Instant
    public let changedAt: Instant
}

/// What came of a notice.
public struct NoticeReceipt: Sendable, Hashable {
    public let notice: NoticeState
    /// Whether the request had been carried out before.
    public let isRepeated: Bool
    /// Whether what was sent now is what was sent then.
    public let isSame: Bool
}

extension CivilRegister {
    /// Takes a notice of an event: what a hospital, a village or a family knows so far. Anything may be missing, but what
    /// is there must be well-formed; the office makes a declaration of it. Codes of people are not looked up, so that a
    /// notice tells nobody who is in the register.
    ///
    /// Throws `civil.invalid` with each refused field, `officer.forbidden` for an event that this kind of notifier does not
    /// tell of.
    /// - Parameter transactionID: an unguessable name of the request: a repeated one changes nothing.
    public func notify(
        _ kind: VitalEventKind, _ raw: [String: String], office: String, by notifier: Notifier, transactionID: String
    ) async throws -> NoticeReceipt {
        guard notifier.kind.events.contains(kind) else { throw RumdulError.officerForbidden }
        try requireCommune(office)
        let values = try await noticed(kind, raw, office: office).values
        let actor = try await actor(notifier, office)
        return try await database.transaction { connection in
            if let done = try await store.recordOf(transaction: transactionID, in: connection) {
                let open = try await open(done, in: connection)
                return NoticeReceipt(
                    notice: open.notice, isRepeated: true,
                    isSame: open.isNotice(of: kind, values, by: actor))
            }
            var open = try await begin(kind, office: office, in: connection)
            try await append(
                .create, ActionContent(), to: &open, by: actor, transactionID: transactionID, in: connection)
            var content = ActionContent()
            content.declaration = values
            try await append(.notify, content, to: &open, by: actor, transactionID: nil, in: connection)
            try await setLookups(of: open.record, isNew: open.isNew, in: connection)
            return NoticeReceipt(notice: open.notice, isRepeated: false, isSame: true)
        }
    }

    /// How far a notice is. Only the one who gave it learns that; to everybody else there is none. Throws
    /// `civil.not_found`.
    public func notice(_ trackingID: String, of notifier: Notifier) async throws -> NoticeState {
        guard let tracking = TrackingID(trackingID) else { throw RumdulError.civilNotFound }
        let identifier = try await identifier(notifier)
        return try await database.read { connection in
            guard let row = try await store.record(tracking: tracking.text, in: connection), !row.isSealed else {
                throw RumdulError.civilNotFound
            }
            let open = try await open(row, in: connection)
            guard let actor = open.notifier, actor.kind == notifier.actorKind, actor.id == identifier else {
                throw RumdulError.civilNotFound
            }
            return open.notice
        }
    }

    /// The canonical values of what was told.
    private func noticed(
        _ kind: VitalEventKind, _ raw: [String: String], office: String
    ) async throws -> Declaration {
        let today = ambient.now().dayInCambodia
        let form = EventForm.of(kind)
        var rules = FieldRules(today: today)
        let told = rules.clean(raw, form: form)
        var errors = rules.errors
        if told.values.isEmpty, errors.isEmpty {
            errors = [FieldError("fields", LocalizedText(km: "ត្រូវមានយ៉ាងហោចណាស់ព័ត៌មានមួយ។", en: "Tell at least one fact."))]
        }
        let refused = Set(errors.map(\.field))
        errors += try await placeErrors(told, form: form, on: today).filter { !refused.contains($0.field) }
        guard errors.isEmpty else { throw RumdulError.civilInvalid(errors) }
        return told
    }

    private func actor(_ notifier: Notifier, _ office: String) async throws -> CivilActor {
        CivilActor(
            kind: notifier.actorKind, id: try await identifier(notifier), role: notifier.kind.rawValue, office: office)
    }

    /// The client, or a name of the person for this purpose alone: the history is kept for ever and shown to auditors.
    private func identifier(_ notifier: Notifier) async throws -> String {
        if let client = notifier.client { return client }
        guard let person = notifier.person else { throw RumdulError.internal("civil.notifier") }
        return try await people.subject(of: person, sector: Self.noticeSector)
    }

    private static let noticeSector = "*civil-notices*"
}

extension Notifier {
    fileprivate var actorKind: String { client == nil ? "self" : "client" }
}

extension OpenRecord {
    /// Who gave notice; `nil` when the record began in another way.
    fileprivate var notifier: CivilActor? { actions.first { $0.kind == .notify }?.actor }

    fileprivate var notice: NoticeState {
        NoticeState(
            trackingID: record.trackingID, kind: record.kind, office: record.office, state: record.state,
            receivedAt: actions.first?.at ?? Instant(microseconds: 0),
            changedAt: actions.last?.at ?? Instant(microseconds: 0))
    }

    fileprivate func isNotice(of kind: VitalEventKind, _ values: [String: String], by actor: CivilActor) -> Bool {
        guard record.kind == kind, let told = actions.first(where: { $0.kind == .notify }) else { return false }
        return told.actor == actor && Declaration(kind, told.content.declaration ?? [:]) == Declaration(kind, values)
    }
}
