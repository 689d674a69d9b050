import Kernel
import PopulationRegister

/// A record as its history says it is: the fold of its actions. Pure; whoever has the actions gets the same record.
public struct VitalRecord: Sendable, Hashable {
    public let id: String
    public let kind: VitalEventKind
    public let trackingID: String
    /// The commune (six digits) whose office keeps it.
    public let office: String
    public internal(set) var state: VitalRecordState
    /// What is declared; after registration what is in force.
    public internal(set) var declaration: Declaration
    /// 0 before registration, 1 by it, one more by each correction.
    public internal(set) var version = 0
    public internal(set) var number: String?
    public internal(set) var persons: [ParticipantRole: PersonID] = [:]
    public internal(set) var lateness = Lateness.onTime
    public internal(set) var lateApproved = false
    public internal(set) var rules: String?
    /// Whether it stands in a paper book or came from another system: registered there, entered here.
    public internal(set) var isLegacy = false
    /// The registration number that it had there, of this program's form.
    public internal(set) var keptNumber: String?
    public internal(set) var flags: [String] = []
    /// Records that look alike and that nobody has decided on.
    public internal(set) var openDuplicates: Set<String> = []
    public internal(set) var pending: PendingStep?
    /// What a system outside was asked about it since it was verified.
    public internal(set) var check: ExternalCheck?
    public internal(set) var isSealed = false
    /// The state from which it was archived.
    public internal(set) var archivedFrom: VitalRecordState?
    /// Why it was given back, put aside, or revoked, last.
    public internal(set) var reason: String?
    public internal(set) var declaredBy: String?
    public internal(set) var verifiedBy: String?
    public internal(set) var registeredBy: String?
    public internal(set) var declaredAt: Instant?
    public internal(set) var registeredAt: Instant?
    /// The record that took this one's place.
    public internal(set) var successor: String?
    /// The record whose place this one took.
    public internal(set) var predecessor: String?
    public internal(set) var evidence: [String] = []
    /// Certificates in the order of issue, with the version that each was printed from.
    public internal(set) var certificates: [IssuedCertificate] = []
    /// The sequence number of the last action.
    public internal(set) var sequence: Int64 = 0

    /// Whether a district verifies it before it is registered, by the rule pack that it was judged by.
    public var needsVerification: Bool { RulePack.named(rules ?? "").verifiedKinds.contains(kind) }

    /// Whether the province must approve before it is registered.
    public var needsApproval: Bool {
        lateness == .delayed && !lateApproved && (state == .declared || state == .verified)
    }

    /// A step that waits for a second officer.
    public struct PendingStep: Sendable, Hashable {
        public enum Kind: String, Sendable { case correction, revocation, reinstatement, replacement, objection }

        public let kind: Kind
        public let by: String
        /// Who cannot decide it: everybody who asked, of objections perhaps more than one.
        public let askers: Set<String>
        public let at: Instant
        public let changes: [FieldChange]
        public let correction: CorrectionClass?
        public let reason: String
        public let basis: String?
    }

    /// A question to a system outside between verification and registration.
    public struct ExternalCheck: Sendable, Hashable {
        public enum Outcome: String, Sendable { case waiting, passed, failed, overridden }

        public internal(set) var outcome: Outcome
        /// How often it was asked: 1, 2, 3 ...
        public let attempt: Int
        public let askedAt: Instant
        /// Why it failed, or why it was not needed.
        public internal(set) var reason: String?
    }

    /// A certificate that was printed.
    public struct IssuedCertificate: Sendable, Hashable {
        public let number: String
        public let kind: CertificateKind
        /// The SHA-256 of the document, base64url.
        public let digest: String
        public let issuedAt: Instant
        /// The version of the record that it shows.
        public let version: Int
        /// Whether a printed field changed since, or the record was revoked.
        public internal(set) var isSuperseded: Bool
    }

    /// A record that begins with its first action, `create`.
    init(id: String, kind: VitalEventKind, trackingID: String, office: String) {
        self.id = id
        self.kind = kind
        self.trackingID = trackingID
        self.office = office
        state = .draft
        declaration = Declaration(kind)
    }

    /// The record out of its whole history. Throws `civil.state` when an action could not follow those before it.
    public static func fold(
        id: String, kind: VitalEventKind, trackingID: String, office: String, _ actions: [RecordAction]
    ) throws(RumdulError) -> VitalRecord {
        var record = VitalRecord(id: id, kind: kind, trackingID: trackingID, office: office)
        for action in actions { try record.apply(action) }
        return record
    }

    /// Takes one more action. Throws `civil.state` when the record's state forbids it.
    mutating func apply(_ action: RecordAction) throws(RumdulError) {
        guard action.sequence == sequence + 1, allows(action.kind) else { throw .civilState }
        sequence = action.sequence
        let content = action.content
        switch action.kind {
        case .create, .notify, .declare, .enterLegacy: applyContent(action)
        case .sendBack: (state, reason) = (.returned, content.reason)
        case .detectDuplicate:
            state = .duplicateReview
            if let other = content.record { openDuplicates.insert(other) }
        case .clearDuplicate:
            openDuplicates = []
            persons.merge(content.persons ?? [:]) { $1 }
            state = verifiedBy == nil ? .declared : .verified
        case .verify:
            (state, verifiedBy) = (.verified, action.actor.id)
            persons.merge(content.persons ?? [:]) { $1 }
        case .requestCheck:
            check = ExternalCheck(outcome: .waiting, attempt: (check?.attempt ?? 0) + 1, askedAt: action.at)
            state = .verified
        case .passCheck, .failCheck, .overrideCheck: applyCheck(action)
        case .approveLate: lateApproved = true
        case .register: applyRegistration(action)
        case .requestCorrection, .requestRevocation, .requestReinstatement, .requestReplacement, .raiseObjection:
            applyRequest(action)
        case .approveCorrection:
            try applyCorrection()
            if let people = content.persons {
                // Of a birth all parents are named anew, so that one can be taken out.
                if kind.entersPerson { persons = persons.filter { $0.key == .child } }
                persons.merge(people) { $1 }
            }
        case .rejectCorrection, .rejectRevocation, .rejectReinstatement, .rejectReplacement, .dismissObjection:
            pending = nil
        case .upholdObjection: (state, reason, pending) = (.returned, content.reason, nil)
        case .approveRevocation:
            (state, reason, pending) = (.revoked, pending?.reason, nil)
            supersedeCertificates { _ in true }
        case .approveReinstatement: (state, pending, successor) = (.registered, nil, nil)
        case .supersede:
            (state, successor, pending) = (.inactive, content.record, nil)
            supersedeCertificates { _ in true }
        case .archive:
            (archivedFrom, state, reason) = (state, .archived, content.reason)
            if kind.entersPerson { persons[.child] = nil }
        case .unarchive: (state, archivedFrom) = (archivedFrom ?? .draft, nil)
        case .seal: isSealed = true
        case .unseal: isSealed = false
        case .attachEvidence: if let item = content.item { evidence.append(item) }
        case .certify:
            let parts = (content.item ?? "").split(separator: " ").map(String.init)
            if parts.count == 3, let kind = CertificateKind(rawValue: parts[1]) {
                certificates.append(
                    IssuedCertificate(
                        number: parts[0], kind: kind, digest: parts[2], issuedAt: action.at, version: version,
                        isSuperseded: false))
            }
        }
    }

    /// Whether an action can follow now, whoever asks.
    public func allows(_ action: VitalAction) -> Bool {
        if action == .create || action == .enterLegacy { return sequence == 0 }
        guard sequence > 0 else { return false }
        // Of a book's entry that two officers found to be another one again, nothing was ever reserved.
        if action == .archive, isLegacy, state == .verified { return true }
        guard action.sources.contains(state) else { return false }
        switch action {
        case .approveCorrection, .rejectCorrection: return pending?.kind == .correction
        case .approveRevocation, .rejectRevocation: return pending?.kind == .revocation
        case .approveReinstatement, .rejectReinstatement: return pending?.kind == .reinstatement
        case .rejectReplacement: return pending?.kind == .replacement
        case .supersede: return pending == nil || pending?.kind == .replacement
        case .requestReplacement: return kind.entersPerson && pending == nil
        case .requestRevocation: return pending == nil && predecessor == nil
        case .requestCorrection, .requestReinstatement: return pending == nil
        case .raiseObjection: return kind == .marriage && (pending == nil || pending?.kind == .objection)
        case .dismissObjection, .upholdObjection: return pending?.kind == .objection
        case .register: return pending?.kind != .objection && check?.outcome != .waiting
        case .sendBack: return pending?.kind != .objection
        case .requestCheck: return state == .externalCheckFailed || check == nil
        case .passCheck: return state == .externalCheckFailed || check?.outcome == .waiting
        case .failCheck: return check?.outcome == .waiting
        case .seal: return !isSealed
        case .unseal: return isSealed
        case .approveLate: return lateness == .delayed && !lateApproved
        default: return true
        }
    }

    private mutating func applyCheck(_ action: RecordAction) {
        state = action.kind == .failCheck ? .externalCheckFailed : .verified
        check?.outcome =
            switch action.kind {
            case .passCheck: .passed
            case .failCheck: .failed
            default: .overridden
            }
        check?.reason = action.content.reason
    }

    private mutating func applyContent(_ action: RecordAction) {
        declaration = Declaration(kind, action.content.declaration ?? [:])
        persons = persons.filter { $0.key == .child && kind.entersPerson }.merging(action.content.persons ?? [:]) { $1 }
        switch action.kind {
        case .notify: state = .notified
        case .declare:
            state = .declared
            declaredBy = action.actor.id
            declaredAt = action.at
            (verifiedBy, check) = (nil, nil)
            lateness = action.content.lateness ?? .onTime
            lateApproved = false
            rules = action.content.rules
            flags = action.content.flags ?? []
            reason = nil
            isLegacy = false
        case .enterLegacy:
            // Verified and approved where it was registered; it waits here only when somebody is alike.
            state = .verified
            (declaredBy, verifiedBy, declaredAt) = (action.actor.id, action.actor.id, action.at)
            lateness = action.content.lateness ?? .onTime
            lateApproved = true
            rules = action.content.rules
            flags = action.content.flags ?? []
            (isLegacy, keptNumber) = (true, action.content.number)
        default: break
        }
    }

    private mutating func applyRegistration(_ action: RecordAction) {
        state = .registered
        version = 1
        number = action.content.number
        registeredBy = action.actor.id
        registeredAt = action.at
        predecessor = action.content.record
        persons.merge(action.content.persons ?? [:]) { $1 }
    }

    private mutating func applyRequest(_ action: RecordAction) {
        let kind: PendingStep.Kind =
            switch action.kind {
            case .requestRevocation: .revocation
            case .requestReinstatement: .reinstatement
            case .requestReplacement: .replacement
            case .raiseObjection: .objection
            default: .correction
            }
        // A further objection stands beside the first.
        let reasons = [pending?.reason, action.content.reason].compactMap(\.self)
        pending = PendingStep(
            kind: kind, by: action.actor.id, askers: (pending?.askers ?? []).union([action.actor.id]), at: action.at,
            changes: action.content.changes ?? [],
            correction: action.content.correction, reason: reasons.joined(separator: "\n"),
            basis: action.content.basis)
    }

    private mutating func applyCorrection() throws(RumdulError) {
        guard let step = pending else { throw .civilState }
        declaration = try declaration.applying(step.changes)
        version += 1
        pending = nil
        let changed = Set(step.changes.map(\.field))
        let isPrinted = !changed.isDisjoint(with: CertificateFields.printed(kind))
        supersedeCertificates { _ in isPrinted }
    }

    private mutating func supersedeCertificates(where condition: (IssuedCertificate) -> Bool) {
        for index in certificates.indices where condition(certificates[index]) {
            certificates[index].isSuperseded = true
        }
    }
}

/// What a certificate is.
public enum CertificateKind: String, Sendable, Codable, CaseIterable {
    case original, copy, extract

    /// The name in both languages.
    public var label: LocalizedText {
        switch self {
        case .original: LocalizedText(km: "សំបុត្រដើម", en: "Certificate")
        case .copy: LocalizedText(km: "សំបុត្រចម្លង", en: "Certified copy")
        case .extract: LocalizedText(km: "សេចក្តីដកស្រង់", en: "Extract")
        }
    }
}

/// Which fields a certificate shows.
public enum CertificateFields {
    /// In the order of the certificate.
    public static func ordered(_ kind: VitalEventKind) -> [String] {
        EventForm.of(kind).fields.map(\.id).filter { printed(kind).contains($0) }
    }

    static func printed(_ kind: VitalEventKind) -> Set<String> { table[kind] ?? [] }

    private static let table: [VitalEventKind: Set<String>] = Dictionary(
        uniqueKeysWithValues: VitalEventKind.allCases.map { kind in
            let hidden: Set<String> = [
                "weight", "attendant", "gestation", "late_reason", "education", "occupation", "status", "unknown",
                "person",
                "children_born", "last_birth", "married_on", "multiplicity", "manner", "attended", "phone", "relation",
                "time", "place_kind", "country", "circumstances", "notice_date", "consent", "permission", "reason",
            ]
            let fields = EventForm.of(kind).fields.map(\.id).filter { id in
                let part = id.split(separator: ".").last.map(String.init) ?? id
                return !hidden.contains(part) && !id.hasPrefix("informant.") && !id.hasPrefix("legacy.")
            }
            return (kind, Set(fields))
        })
}
