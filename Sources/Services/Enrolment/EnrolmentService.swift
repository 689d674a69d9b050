import Accountability
import Authenticators
import Codecs
import Database
import Kernel
import KeyVault
import Ledger

/// Enrolment: an officer sees a person and the person's evidence, and binds a device to that person. Every use case can
/// be called without HTTP; rights and jurisdiction are checked here, and what is not granted is denied.
public struct EnrolmentService: Sendable {
    /// The tables of this service (`enrol_*`).
    public static var migrations: ModuleMigrations { EnrolmentStore.migrations }

    /// The purpose that stands in the citizen's access journal.
    public static let purpose = Purpose(
        code: "enrolment",
        text: LocalizedText(
            km: "ផ្ទៀងផ្ទាត់អត្តសញ្ញាណ ដើម្បីភ្ជាប់ឧបករណ៍របស់អ្នក", en: "Checking your identity to bind your device"))
    /// The legal provision under which enrolment reads the register.
    public static let statute = "CRVSID"

    let database: any Database
    let vault: any KeyVault
    let audit: AuditTrail
    let authenticators: Authenticators
    let finder: any PersonFinder
    let ambient: Ambient
    let settings: EnrolmentSettings
    let codes: ActivationCodes
    let store = EnrolmentStore()
    /// The issuer URL without a slash at its end.
    let issuer: String

    /// - Parameter issuer: the issuer URL; activation links and proofs name it.
    public init(
        database: any Database, vault: any KeyVault, ledger: Ledger, authenticators: Authenticators,
        finder: any PersonFinder, ambient: Ambient, issuer: String, settings: EnrolmentSettings = EnrolmentSettings()
    ) {
        self.database = database
        self.vault = vault
        audit = AuditTrail(ledger: ledger)
        self.authenticators = authenticators
        self.finder = finder
        self.ambient = ambient
        self.settings = settings
        self.issuer = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        codes = ActivationCodes(vault: vault, ambient: ambient)
    }

    // MARK: Cases

    /// Opens an enrolment for a person whose evidence this officer has seen. Repeating it with the same request key
    /// gives the same case.
    ///
    /// Throws `officer.forbidden`, `enrolment.not_found` when there is no such living person, `enrolment.state` when
    /// the key was used for another person or by another officer.
    /// - Parameter requestKey: an unguessable value of the form, 16...128 ASCII characters.
    public func openEnrolment(
        person: PersonID, evidence: Evidence, requestKey: String, by officer: Officer
    ) async throws -> EnrolmentCase {
        guard (16...128).contains(requestKey.utf8.count), requestKey.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw RumdulError.enrolmentState.because("request key")
        }
        guard let match = try await finder.match(person) else { throw RumdulError.enrolmentNotFound }
        let actor = try officer.acting(.enrolmentOpen, in: match.area)
        let enrolment = EnrolmentCase(
            id: ambient.newID(), personID: match.personID, area: match.area, officerID: officer.id, state: .opened,
            evidenceTypes: evidence.items.map(\.type), ial: evidence.assuranceLevel, openedAt: ambient.now(),
            codeSerial: 0,
            codeExpiresAt: nil, deviceID: nil, comparisonCode: nil, confirmBy: nil)
        let envelope = Envelope(vault: vault, ambient: ambient)
        let key = try await envelope.newDataKey()
        let sealed = try await envelope.seal(
            JSON.bytes(evidence.json), wrapped: key, context: Self.evidenceContext(enrolment))
        let new = EnrolmentStore.NewCase(
            enrolment: enrolment, requestKey: requestKey, evidenceKey: key, evidence: sealed)
        return try await database.transaction { [store, audit] connection in
            guard try await store.insert(new, in: connection) else {
                guard let before = try await store.enrolment(requestKey: requestKey, in: connection),
                    before.personID == match.personID, before.officerID == officer.id
                else { throw RumdulError.enrolmentState.because("request key used before") }
                return before
            }
            try await audit.record(
                action: "enrolment.opened", actor: actor, subject: match.personID.text,
                details: [
                    "case": .string(enrolment.id), "evidence": .strings(enrolment.evidenceTypes.map(\.rawValue)),
                    "ial": .integer(Int64(enrolment.ial.rawValue)),
                ], in: connection)
            return enrolment
        }
    }

    /// One enrolment, if this officer may work on it. Throws `enrolment.not_found` otherwise, so that nobody learns of
    /// cases elsewhere.
    public func enrolment(_ id: String, by officer: Officer) async throws -> EnrolmentCase {
        let found = try await database.read { [store] in try await store.enrolment(id, in: $0) }
        return try visible(found, to: officer)
    }

    /// The evidence of an enrolment as the officer entered it. Throws as `enrolment`.
    public func evidence(_ id: String, by officer: Officer) async throws -> Evidence {
        let enrolment = try await enrolment(id, by: officer)
        guard let row = try await database.read({ [store] in try await store.evidence(id, in: $0) }) else {
            throw RumdulError.enrolmentNotFound
        }
        let bytes = try await Envelope(vault: vault, ambient: ambient).open(
            row.sealed, wrapped: row.key, context: Self.evidenceContext(enrolment))
        guard let evidence = Evidence(json: try JSON.parseObject(bytes)) else { throw RumdulError.internal("evidence") }
        return evidence
    }

    /// Enrolments of the last week where this officer works, newest first, at most `limit`. Names nobody.
    public func worklist(by officer: Officer, limit: Int = 50) async throws -> [EnrolmentCase] {
        let areas = officer.grants.filter { $0.role.permissions.contains(.enrolmentOpen) }.map { grant -> String? in
            if case .area(let code) = grant.jurisdiction { code } else { nil }
        }
        guard officer.state == .active, !areas.isEmpty else { throw RumdulError.officerForbidden }
        let since = ambient.now().adding(seconds: -7 * 86_400)
        let wanted: [String?] = areas.contains(nil) ? [nil] : Array(Set(areas))
        let cases = try await database.read { [store] connection in
            var cases: [String: EnrolmentCase] = [:]
            for area in wanted {
                for enrolment in try await store.recent(area: area, since: since, limit: limit, in: connection) {
                    cases[enrolment.id] = enrolment
                }
            }
            return cases
        }
        let visible = cases.values.filter { officer.may(.enrolmentOpen, in: $0.area) }
        return Array(visible.sorted { ($0.openedAt, $0.id) > ($1.openedAt, $1.id) }.prefix(limit))
    }

    /// How a case stands now.
    public func state(of enrolment: EnrolmentCase) -> EnrolmentState {
        enrolment.state(at: ambient.now(), caseLifetime: settings.caseLifetime)
    }

    /// Calls an enrolment off and revokes the device that waits, if any. Repeating it changes nothing. Throws
    /// `enrolment.not_found`, `officer.forbidden`, `enrolment.state` when it has ended otherwise.
    public func cancel(_ id: String, by officer: Officer) async throws -> EnrolmentCase {
        try await database.transaction { connection in
            let enrolment = try await locked(id, by: officer, in: connection)
            let actor = try officer.acting(.enrolmentOpen, in: enrolment.area)
            if enrolment.state == .cancelled { return enrolment }
            guard enrolment.state.allows(.cancelled) else { throw RumdulError.enrolmentState }
            return try await end(enrolment, as: .cancelled, by: actor, in: connection)
        }
    }

    // MARK: Within

    /// The case under its lock, if the officer may see it.
    func locked(_ id: String, by officer: Officer, in connection: any SQLConnection) async throws -> EnrolmentCase {
        try await connection.lock("enrol:" + id)
        return try visible(try await store.enrolment(id, in: connection), to: officer)
    }

    /// The case as it stands in the table.
    func reread(_ id: String, in connection: any SQLConnection) async throws -> EnrolmentCase {
        guard let enrolment = try await store.enrolment(id, in: connection) else { throw RumdulError.enrolmentNotFound }
        return enrolment
    }

    /// Moves a case on without its device, which is revoked, and audits.
    /// - Parameter event: what stands in the ledger; the state's name when left out.
    func end(
        _ enrolment: EnrolmentCase, as state: EnrolmentState, event: String? = nil, by actor: Actor,
        in connection: any SQLConnection
    ) async throws -> EnrolmentCase {
        let event = event ?? state.rawValue
        guard enrolment.state.allows(state),
            try await store.move(
                enrolment.id, from: enrolment.state, to: state, device: enrolment.deviceID, in: connection)
        else { throw RumdulError.enrolmentState }
        if let device = enrolment.deviceID {
            try await authenticators.setState(
                device, .revoked, by: actor.identifier ?? actor.kind, reason: "enrolment_\(event)",
                in: connection)
        }
        try await audit.record(
            action: "enrolment.\(event)", actor: actor, subject: enrolment.personID.text,
            details: ["case": .string(enrolment.id)], in: connection)
        return try await reread(enrolment.id, in: connection)
    }

    private func visible(_ enrolment: EnrolmentCase?, to officer: Officer) throws -> EnrolmentCase {
        guard let enrolment, officer.may(.enrolmentOpen, in: enrolment.area) else {
            throw RumdulError.enrolmentNotFound
        }
        return enrolment
    }

    private static func evidenceContext(_ enrolment: EnrolmentCase) -> [UInt8] {
        Envelope.context(person: enrolment.personID, field: "enrolment.evidence:" + enrolment.id)
    }
}
