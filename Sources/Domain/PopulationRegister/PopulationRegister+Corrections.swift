import Accountability
import Codecs
import Database
import Kernel
import KeyVault
import KhmerText

/// Requests for correction: a person says what is wrong, a first officer sees the evidence and writes down what is right, a
/// second one agrees, and the register is amended in the same transaction. Rights are checked here, against where the
/// person lives now; what people wrote is sealed with the person's own key and goes with it.
extension PopulationRegister {
    /// The most requests of one person that may wait at a time, and that may be made in thirty days.
    static let mostLiveCorrections = 3
    static let mostCorrectionsInThirtyDays = 10
    /// The most characters of each text.
    public static let correctionTextLimit = 500

    private var corrections: CorrectionStore { CorrectionStore() }

    // MARK: The person

    /// Files a request. Writes the audit entry `correction.requested`.
    ///
    /// Throws `correction.attribute`, `correction.text` with the texts that were refused, `correction.under_way`,
    /// `correction.too_many`, `person.not_found`, `person.erased`, `person.retired`.
    public func requestCorrection(
        _ attribute: AttributeName, _ wish: CorrectionWish, of person: PersonID
    ) async throws -> CorrectionCase {
        guard CorrectionRules.attributes.contains(attribute) else { throw RumdulError.correctionAttribute }
        let wish = try Self.cleaned(wish)
        let now = ambient.now()
        return try await database.transaction { [corrections, audit] connection in
            try await connection.lock("corrections:" + person.text)
            let open = try await open(person, in: connection)
            guard open.row.record == .active else { throw RumdulError.personRetired }
            let counts = try await corrections.counts(
                of: person, since: now.adding(seconds: -30 * 86_400), in: connection)
            guard counts.live < Self.mostLiveCorrections, counts.recent < Self.mostCorrectionsInThirtyDays else {
                throw RumdulError.correctionTooMany
            }
            let new = CorrectionCase(
                id: ambient.newID(), personID: person, attribute: attribute, state: .open,
                area: open.snapshot.homeArea.map { String($0.prefix(6)) }, filedAt: now, changedAt: now,
                proposedBy: nil)
            let sealed = try seal(wish.json, "wish", of: new, key: open.key)
            guard try await corrections.insert(new, wish: sealed, in: connection) else {
                throw RumdulError.correctionUnderWay
            }
            try await record("requested", new, by: .subjectSelf, audit, in: connection)
            return new
        }
    }

    /// A person's own requests, newest first, at most twenty. Throws `person.not_found`, `person.erased`.
    public func corrections(of person: PersonID) async throws -> [Correction] {
        try await database.read { [corrections] connection in
            let open = try await open(person, in: connection)
            return try await corrections.list(of: person, limit: 20, in: connection).map {
                try correction($0, open.key)
            }
        }
    }

    /// The person takes a request back. Repeating it changes nothing. Writes the audit entry `correction.withdrawn`.
    ///
    /// Throws `correction.not_found` for another person's, `correction.state` when it was decided.
    public func withdrawCorrection(_ id: String, by person: PersonID) async throws {
        try await database.transaction { [corrections, audit] connection in
            try await connection.lock("corrections:" + person.text)
            guard let about = try await corrections.find(id, in: connection)?.about, about.personID == person else {
                throw RumdulError.correctionNotFound
            }
            if about.state == .withdrawn { return }
            guard about.state.isLive,
                try await corrections.move(about, to: .withdrawn, officer: nil, at: ambient.now(), in: connection)
            else { throw RumdulError.correctionState }
            try await record("withdrawn", about, by: .subjectSelf, audit, in: connection)
        }
    }

    // MARK: Officers

    /// What waits where this officer works, longest first. Names nobody and nothing that people wrote.
    ///
    /// Throws `officer.forbidden` for officers without a right to corrections.
    public func waitingCorrections(for officer: Officer, limit: Int = 50) async throws -> [CorrectionCase] {
        let areas = officer.grants.filter { grant in
            Self.correctionRights.contains { grant.role.permissions.contains($0) }
        }.map { grant -> String? in if case .area(let code) = grant.jurisdiction { code } else { nil } }
        guard officer.state == .active, !areas.isEmpty else { throw RumdulError.officerForbidden }
        let wanted: [String?] = areas.contains(nil) ? [nil] : Array(Set(areas))
        let found = try await database.read { [corrections] connection in
            var found: [String: CorrectionCase] = [:]
            for area in wanted {
                for item in try await corrections.waiting(area: area, limit: limit, in: connection) {
                    found[item.id] = item
                }
            }
            return found
        }
        return Array(found.values.sorted { ($0.filedAt, $0.id) < ($1.filedAt, $1.id) }.prefix(limit))
    }

    /// A request in full, with what the register says now. Writes an access entry that the person sees.
    ///
    /// Throws `correction.not_found`, also for requests of people elsewhere.
    /// - Parameter trace: ties the access entry to the request in other logs.
    public func correction(
        _ id: String, by officer: Officer, trace: String
    ) async throws -> (correction: Correction, present: DisclosedAttributes) {
        try await database.transaction { [corrections, gate] connection in
            let (row, open) = try await visible(id, to: officer, corrections, in: connection)
            let right = Self.correctionRights.first { officer.may($0, in: open.area) } ?? .personAmendRequest
            let present = try await gate.disclose(
                DisclosureRequest(
                    subject: row.about.personID, actor: try officer.acting(right, in: open.area),
                    organisation: officer.organisation, system: "rumdul", service: "corrections",
                    purpose: Self.correctionPurpose, basis: .statute("CRVSID"),
                    attributes: [.nameKhmer, .birthdate].filter { $0 != row.about.attribute } + [row.about.attribute],
                    traceID: trace, caseReference: id), from: self, in: connection)
            return (try correction(row, open.key), present)
        }
    }

    /// The first officer's word: the right value and what was seen. Writes the audit entry `correction.proposed`.
    ///
    /// Throws `correction.not_found`, `officer.forbidden`, `correction.state`, `correction.text`, `person.invalid` with the
    /// inputs that were refused, `person.retired`.
    public func proposeCorrection(_ id: String, _ proposal: CorrectionProposal, by officer: Officer) async throws {
        var proposal = proposal
        proposal.evidence = try Self.cleaned(proposal.evidence, "evidence")
        let clean = proposal
        try await database.transaction { [corrections, audit] connection in
            let (row, open) = try await taken(id, by: officer, corrections, in: connection)
            let actor = try officer.acting(.personAmendRequest, in: open.area)
            guard row.about.state == .open else { throw RumdulError.correctionState }
            guard open.row.record == .active else { throw RumdulError.personRetired }
            let fact = try CorrectionRules.fact(row.about.attribute, clean.values, in: open.snapshot)
            _ = try checked(
                fact, validFrom: nil, FactSource(kind: "correction", reference: id), 100,
                on: ambient.now().dayInCambodia)
            let sealed = try seal(clean.json, "proposal", of: row.about, key: open.key)
            guard
                try await corrections.move(
                    row.about, to: .proposed, officer: officer.id, proposal: sealed, at: ambient.now(), in: connection)
            else { throw RumdulError.correctionState }
            try await record("proposed", row.about, by: actor, audit, in: connection)
        }
    }

    /// The second officer's word: the register is amended, as if it had always been so. Writes the audit entries
    /// `person.amended` and `correction.accepted`.
    ///
    /// Throws `correction.not_found`, `officer.forbidden`, `officer.same_person`, `correction.state`, and what
    /// `amend` throws.
    public func acceptCorrection(_ id: String, by officer: Officer) async throws {
        try await database.transaction { [corrections, audit] connection in
            let (row, open) = try await taken(id, by: officer, corrections, in: connection)
            let actor = try officer.acting(.personAmendApprove, in: open.area)
            guard row.about.state == .proposed, let first = row.about.proposedBy,
                let proposal = try correction(row, open.key).proposal
            else { throw RumdulError.correctionState }
            try officer.requireOther(than: first)
            try await amend(
                row.about.personID, try CorrectionRules.fact(row.about.attribute, proposal.values, in: open.snapshot),
                validFrom: nil, source: FactSource(kind: "correction", reference: id), by: actor, in: connection)
            guard
                try await corrections.move(
                    row.about, to: .accepted, officer: officer.id, at: ambient.now(), in: connection)
            else { throw RumdulError.correctionState }
            try await record("accepted", row.about, by: actor, audit, in: connection)
        }
    }

    /// An officer refuses, with a reason that the person reads. Writes the audit entry `correction.refused`.
    ///
    /// Throws `correction.not_found`, `officer.forbidden`, `correction.state`, `correction.text`.
    public func refuseCorrection(_ id: String, reason: String, by officer: Officer) async throws {
        let reason = try Self.cleaned(reason, "reason")
        try await database.transaction { [corrections, audit] connection in
            let (row, open) = try await taken(id, by: officer, corrections, in: connection)
            // Who may agree may refuse; who may only prepare, only before a second officer is asked.
            let right: Permission = row.about.state == .open ? .personAmendRequest : .personAmendApprove
            let may = officer.may(right, in: open.area) ? right : .personAmendApprove
            let actor = try officer.acting(may, in: open.area)
            guard row.about.state.isLive else { throw RumdulError.correctionState }
            let sealed = try seal(["reason": .string(reason)], "refusal", of: row.about, key: open.key)
            guard
                try await corrections.move(
                    row.about, to: .refused, officer: officer.id, refusal: sealed, at: ambient.now(), in: connection)
            else { throw RumdulError.correctionState }
            try await record("refused", row.about, by: actor, audit, in: connection)
        }
    }

    // MARK: Within

    /// The rights that let an officer see requests.
    public static let correctionRights: [Permission] = [.personAmendRequest, .personAmendApprove]

    /// The purpose that stands in the person's access journal.
    private static let correctionPurpose = Purpose(
        code: "correction",
        text: LocalizedText(km: "ពិនិត្យសំណើសុំកែទិន្នន័យរបស់អ្នក", en: "Looking at your request for correction"))

    /// A request under its person's lock, for changing it.
    private func taken(
        _ id: String, by officer: Officer, _ corrections: CorrectionStore, in connection: any SQLConnection
    ) async throws -> (CorrectionRow, OpenPerson) {
        guard let person = try await corrections.find(id, in: connection)?.about.personID else {
            throw RumdulError.correctionNotFound
        }
        try await connection.lock("corrections:" + person.text)
        return try await visible(id, to: officer, corrections, in: connection)
    }

    /// A request and its person, if the officer works where the person lives now.
    private func visible(
        _ id: String, to officer: Officer, _ corrections: CorrectionStore, in connection: any SQLConnection
    ) async throws -> (CorrectionRow, OpenPerson) {
        guard let row = try await corrections.find(id, in: connection) else { throw RumdulError.correctionNotFound }
        let open = try await open(row.about.personID, in: connection)
        guard Self.correctionRights.contains(where: { officer.may($0, in: open.area) }) else {
            throw RumdulError.correctionNotFound
        }
        return (row, open)
    }

    private func correction(_ row: CorrectionRow, _ key: DataKey) throws -> Correction {
        func read(_ sealed: [UInt8]?, _ part: String) throws -> JSONObject? {
            try sealed.map {
                try JSON.parseObject(key.open($0, context: Self.context(row.about, part)))
            }
        }
        guard let wish = try read(row.wish, "wish") else { throw RumdulError.internal("population.correction") }
        return Correction(
            about: row.about, wish: try CorrectionWish(json: wish),
            proposal: try read(row.proposal, "proposal").map { try CorrectionProposal(json: $0) },
            refusal: try read(row.refusal, "refusal")?.string("reason"))
    }

    private func seal(_ object: JSONObject, _ part: String, of about: CorrectionCase, key: DataKey) throws -> [UInt8] {
        try key.seal(JSON.bytes(object), context: Self.context(about, part))
    }

    private static func context(_ about: CorrectionCase, _ part: String) -> [UInt8] {
        Envelope.context(person: about.personID, field: "correction.\(part):\(about.id)")
    }

    private func record(
        _ event: String, _ about: CorrectionCase, by actor: Actor, _ audit: AuditTrail, in connection: any SQLConnection
    ) async throws {
        var details: JSONObject = ["correction": .string(about.id), "attribute": .string(about.attribute.rawValue)]
        if event == "accepted", let first = about.proposedBy { details["first_officer"] = .string(first) }
        try await audit.record(
            action: "correction." + event, actor: actor, subject: about.personID.text, details: details, in: connection)
    }

    private static func cleaned(_ wish: CorrectionWish) throws -> CorrectionWish {
        var refused: [FieldError] = []
        func text(_ value: String, _ field: String) -> String {
            do {
                return try TextInput.clean(value, limit: correctionTextLimit)
            } catch {
                refused.append(FieldError(field, error.message))
                return ""
            }
        }
        let clean = CorrectionWish(
            wish: text(wish.wish, "wish"), why: text(wish.why, "why"),
            evidence: wish.evidence.flatMap { $0.isEmpty ? nil : text($0, "evidence") })
        guard refused.isEmpty else { throw RumdulError.correctionText(refused) }
        return clean
    }

    private static func cleaned(_ text: String, _ field: String) throws -> String {
        do {
            return try TextInput.clean(text, limit: correctionTextLimit)
        } catch {
            throw RumdulError.correctionText([FieldError(field, error.message)])
        }
    }
}

extension OpenPerson {
    /// As ``PopulationRegister/area(of:)``.
    fileprivate var area: String? { snapshot.homeArea.map { String($0.prefix(6)) } }
}
