import Accountability
import CivilRegister
import Kernel
import KhmerText
import PopulationRegister
import Web

/// Records in words: lines of lists, and the page of one.
struct RecordViews: Sendable {
    let console: RegistrarConsole
    let language: Language

    static func count(_ number: Int, _ language: Language) -> String {
        let text = KhmerDigits.prose(number, language)
        return number >= 1_000 ? text + "+" : text
    }

    static func line(_ record: RecordSummary, now: Instant, _ language: Language) -> [String: Any] {
        let name = language == .km || record.nameLatin.isEmpty ? record.nameKhmer : record.nameLatin
        return [
            "path": path(of: record.id, in: nil), "event": record.kind.label[language],
            "name": name.isEmpty ? "–" : name, "date": date(record.occurredOn, language),
            "state": record.state.label[language], "tone": tone(record.state),
            "late": record.lateness == .onTime || record.state == .registered
                ? false as Any : record.lateness.label[language],
            "since": KhmerDates.short(record.changedAt, language), "number": record.number ?? record.trackingID,
            "hasFlags": !record.flags.isEmpty, "near": false,
        ]
    }

    /// The page of a record; with the list that somebody is working through, once the record has left it.
    static func path(of record: String, in queue: CivilQueue?) -> String {
        let path = "\(RegistrarConsole.home)/records/\(record)"
        return queue.map { path + "?queue=" + $0.rawValue } ?? path
    }

    static func tone(_ state: VitalRecordState) -> String {
        switch state {
        case .registered: "good"
        case .returned, .duplicateReview, .notified: "warn"
        case .revoked, .inactive, .archived, .externalCheckFailed: "bad"
        default: ""
        }
    }

    static func date(_ iso: String?, _ language: Language) -> String {
        guard let iso, let date = PartialDate(iso: iso) else { return "–" }
        switch date {
        case .day(let day): return KhmerDates.short(day, language)
        default: return KhmerDigits.prose(date.iso, language)
        }
    }

    // MARK: One record

    func data(
        _ opened: OpenedRecord, officer: Officer, csrf: String, error: RumdulError?, sent: FormFields
    ) async throws -> [String: Any] {
        let record = opened.record
        let errors = error?.fields ?? []
        var data = FormField.form([], errors: errors, csrf: csrf, language: language)
        data["heading"] = record.kind.label[language]
        data["state"] = record.state.label[language]
        data["tone"] = Self.tone(record.state)
        // What is wrong with a field is said in the list of errors and at the field.
        data["notice"] =
            errors.isEmpty
            ? error.map { ["kind": "bad", "text": $0.message[language]] as Any } ?? reason(record) : reason(record)
        data["errors"] = errors.map { problem($0, record, sent) }
        data["waits"] = record.pending == nil ? ConsoleTexts.waits(record).map { $0[language] as Any } ?? false : false
        let isOwn = officer.may(.civilDeclare, in: record.office) && record.registeredAt == nil
        data["another"] = isOwn ? "\(RegistrarConsole.home)/new/\(record.kind.rawValue)" as Any : false
        data["number"] = record.number.map { $0 as Any } ?? false
        data["tracking"] = record.trackingID
        data["facts"] = try await head(record)
        data["sections"] = try await sections(record)
        data["flags"] = flags(record)
        data["hasFlags"] = !record.flags.isEmpty && record.registeredAt == nil
        data["history"] = try await history(opened.history)
        data["mayEdit"] = record.allows(.declare) && officer.may(.civilDeclare, in: record.office)
        data["mayCorrect"] = record.allows(.requestCorrection) && officer.may(.civilCorrectRequest, in: record.office)
        data["mayReplace"] = record.allows(.requestReplacement) && officer.may(.civilRevoke, in: record.office)
        data["pending"] = try await pending(record)
        let steps = RecordRoutes.Step.allCases.filter { $0.isPossible(record, for: officer) }
        data["hasSteps"] = !steps.isEmpty
        data["steps"] = steps.map { step($0, record, csrf: csrf, errors: errors, sent: sent) }
        data["sequence"] = String(record.sequence)
        data["certificates"] = record.certificates.reversed().map { item in
            [
                "path": "/register/certificates/\(item.number)", "number": item.number,
                "kind": item.kind.label[language], "at": KhmerDates.short(item.issuedAt, language),
                "superseded": item.isSuperseded,
            ] as [String: Any]
        }
        data["hasCertificates"] = !record.certificates.isEmpty
        data["mayCertify"] = record.allows(.certify) && officer.may(.civilCertify, in: record.office)
        data["certificateKey"] = console.ambient.newSecret(bytes: 24)
        data["certificateKinds"] = CertificateKind.allCases.map { ["value": $0.rawValue, "text": $0.label[language]] }
        data["showsCertificates"] = !record.certificates.isEmpty || record.allows(.certify)
        let evidence = try await evidence(opened)
        data["evidence"] = evidence
        data["hasEvidence"] = !evidence.isEmpty
        data["mayAttach"] =
            record.allows(.attachEvidence)
            && (officer.may(.civilDeclare, in: record.office) || officer.may(.civilCorrectRequest, in: record.office))
        data["evidenceKinds"] = EvidenceKind.allCases.map {
            ["value": $0.rawValue, "text": $0.label[language], "selected": sent["kind"] == $0.rawValue] as [String: Any]
        }
        data["fileLimit"] = Evidence.largest
        data["fileError"] =
            errors.first { $0.field == "file" || $0.field == "kind" }.map { $0.message[language] as Any } ?? false
        return data
    }

    /// What was refused: of a step or a file with the way to its field, of the declaration with the name of the field, which
    /// is changed elsewhere.
    private func problem(_ refused: FieldError, _ record: VitalRecord, _ sent: FormFields) -> [String: Any] {
        let label = FormViews.label(of: refused.field, EventForm.of(record.kind))
        let step = sent["step"].map { "\(refused.field)-\($0)" }
        return [
            "target": label == nil ? step ?? refused.field as Any : false,
            "label": label.map { $0[language] as Any } ?? false,
            "message": refused.message[language],
        ]
    }

    private func reason(_ record: VitalRecord) -> Any {
        if record.state == .externalCheckFailed, let reason = record.check?.reason {
            return ["kind": "warn", "text": reason]
        }
        guard let reason = record.reason,
            record.state == .returned || record.state == .archived || record.state == .revoked
        else { return false }
        return [
            "kind": "warn", "text": record.state.label[language] + LocalizedText(km: "៖ ", en: ": ")[language] + reason,
        ]
    }

    private func head(_ record: VitalRecord) async throws -> [[String: Any]] {
        var facts: [(LocalizedText, String)] = [
            (LocalizedText(km: "លេខតាមដាន", en: "Tracking number"), record.trackingID)
        ]
        if let number = record.number {
            facts.insert((LocalizedText(km: "លេខចុះបញ្ជី", en: "Registration number"), number), at: 0)
        }
        facts.append(
            (
                ConsoleTexts.office,
                try await console.places.words(record.office, on: console.ambient.now().dayInCambodia, language)
            ))
        if record.lateness != .onTime {
            facts.append((LocalizedText(km: "រយៈពេល", en: "Timeliness"), record.lateness.label[language]))
        }
        if let check = record.check {
            facts.append((LocalizedText(km: "ការពិនិត្យខាងក្រៅ", en: "External check"), words(check)))
        }
        if record.version > 1 {
            facts.append((LocalizedText(km: "កំណែទី", en: "Version"), KhmerDigits.prose(record.version, language)))
        }
        return facts.map { ["label": $0.0[language], "value": $0.1] }
    }

    private func words(_ check: VitalRecord.ExternalCheck) -> String {
        let outcome: LocalizedText =
            switch check.outcome {
            case .waiting: LocalizedText(km: "កំពុងរង់ចាំចម្លើយ", en: "Waiting for the answer")
            case .passed: LocalizedText(km: "បានជោគជ័យ", en: "Passed")
            case .failed: LocalizedText(km: "មិនបានជោគជ័យ", en: "Failed")
            case .overridden: LocalizedText(km: "បន្តដោយគ្មាន", en: "Went on without it")
            }
        let attempt =
            LocalizedText(km: "លើកទី", en: "attempt")[language] + " " + KhmerDigits.prose(check.attempt, language)
        return "\(outcome[language]) · \(attempt) · \(KhmerDates.short(check.askedAt, language))"
    }

    /// Every declared field of a record in words, by section.
    func sections(_ record: VitalRecord) async throws -> [[String: Any]] {
        var sections: [[String: Any]] = []
        for section in EventForm.of(record.kind).sections {
            var facts: [[String: Any]] = []
            for field in section.fields {
                guard let value = record.declaration[field.id], !FormViews.unseen.contains(field.id) else { continue }
                facts.append(["label": field.label[language], "value": try await words(value, field, record)])
            }
            if !facts.isEmpty { sections.append(["title": section.title[language], "facts": facts]) }
        }
        return sections
    }

    /// A value that belongs to no record yet.
    func words(_ value: String, _ field: FieldDefinition) async throws -> String {
        try await words(value, field, on: console.ambient.now().dayInCambodia)
    }

    private func words(_ value: String, _ field: FieldDefinition, _ record: VitalRecord) async throws -> String {
        try await words(value, field, on: record.declaration.occurredOn?.latest ?? console.ambient.now().dayInCambodia)
    }

    private func words(_ value: String, _ field: FieldDefinition, on day: CalendarDate) async throws -> String {
        switch field.type {
        case .choice(let choices): return choices.first { $0.code == value }?.label[language] ?? value
        // Of a draft perhaps no date, but what was typed.
        case .date, .partialDate: return PartialDate(iso: value) == nil ? value : Self.date(value, language)
        case .place:
            return try await console.places.words(value, on: day, language)
        case .number, .time: return KhmerDigits.prose(value, language)
        case .person: return Self.grouped(value)
        case .country: return Countries.name(value, language)
        default: return value
        }
    }

    /// An identification code in groups, as it is read aloud and printed.
    static func grouped(_ code: String) -> String {
        let digits = Array(code.unicodeScalars)
        guard digits.count == 10 else { return code }
        let parts = [digits[0..<3], digits[3..<6], digits[6..<10]]
        return parts.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
    }

    private func flags(_ record: VitalRecord) -> [[String: Any]] {
        record.flags.map { ["text": ConsoleTexts.flag($0)[language]] }
    }

    private func pending(_ record: VitalRecord) async throws -> Any {
        guard let pending = record.pending else { return false }
        let form = EventForm.of(record.kind)
        var changes: [[String: Any]] = []
        for change in pending.changes {
            guard let field = form[change.field] else { continue }
            let was = try await change.from.asyncMap { try await words($0, field, record) }
            let becomes = try await change.to.asyncMap { try await words($0, field, record) }
            changes.append(["field": field.label[language], "was": was ?? "–", "becomes": becomes ?? "–"])
        }
        return [
            "title": (pending.kind == .objection ? ConsoleTexts.objected : ConsoleTexts.pending)[language],
            "kind": Self.asked(pending.kind).label[language],
            "by": try await name(pending.by), "reason": pending.reason,
            "basis": pending.basis.map { $0 as Any } ?? false,
            "class": pending.correction.map { $0.label[language] as Any } ?? false, "hasChanges": !changes.isEmpty,
            "changes": changes,
        ] as [String: Any]
    }

    /// The action that waits for a second officer.
    private static func asked(_ kind: VitalRecord.PendingStep.Kind) -> VitalAction {
        switch kind {
        case .correction: .requestCorrection
        case .revocation: .requestRevocation
        case .reinstatement: .requestReinstatement
        case .replacement: .requestReplacement
        case .objection: .raiseObjection
        }
    }

    private func evidence(_ opened: OpenedRecord) async throws -> [[String: Any]] {
        try await console.civil.evidence(of: opened).map { item in
            let kilobytes = KhmerDigits.prose(max(1, item.size / 1_024), language)
            return [
                "path": "/register/records/\(item.record)/evidence/\(item.id)", "text": item.kind.label[language],
                "about": "\(item.mediaType.fileExtension.uppercased()) · \(kilobytes) KB · "
                    + KhmerDates.short(item.addedAt, language),
            ]
        }
    }

    private func history(_ actions: [RecordAction]) async throws -> [[String: Any]] {
        var lines: [[String: Any]] = []
        for action in actions.reversed() {
            let role = Role(rawValue: action.actor.role)?.label ?? Notifier.Kind(rawValue: action.actor.role)?.label
            // A citizen who reported is named in the declaration, where it counts, and not by an identifier.
            let who =
                switch action.actor.kind {
                case "self": ConsoleTexts.online
                case "system": ConsoleTexts.program
                default: try await text(action.actor.id)
                }
            lines.append([
                "what": action.kind.label[language], "who": who[language],
                "role": role.map { $0[language] as Any } ?? false,
                "at": KhmerDates.short(action.at, language),
                "reason": action.content.reason.map { $0 as Any } ?? false,
            ])
        }
        return lines
    }

    private func name(_ officer: String) async throws -> String { try await text(officer)[language] }

    private func text(_ officer: String) async throws -> LocalizedText {
        try await console.directory.officer(officer)?.displayName ?? LocalizedText(km: officer, en: officer)
    }

    private func step(
        _ step: RecordRoutes.Step, _ record: VitalRecord, csrf: String, errors: [FieldError], sent: FormFields
    ) -> [String: Any] {
        let wasSent = sent["step"] == step.rawValue
        let errors = wasSent ? errors : []
        func input(_ name: String, _ label: LocalizedText) -> Any {
            FormField(
                name, label, value: wasSent ? sent[name] ?? "" : "", autocomplete: "off", maximumLength: 500
            ).view(language, errors: errors).merging(["id": "f-\(name)-\(step.rawValue)"]) { $1 }
        }
        return [
            "step": step.rawValue, "text": step.action.label[language], "csrf": csrf,
            "tone": step.isDangerous ? "danger" : step.needsReason ? "secondary" : "",
            "requestKey": console.ambient.newSecret(bytes: 24), "sequence": String(record.sequence),
            "simple": !step.needsReason,
            "reason": step.needsReason ? input("reason", LocalizedText(km: "មូលហេតុ", en: "Reason")) : false,
            "basis": step.needsBasis
                ? input("basis", LocalizedText(km: "មូលដ្ឋាន (លេខសេចក្តីសម្រេច)", en: "Basis (number of the decision)")) : false,
            "open": wasSent,
        ]
    }
}

extension Optional {
    /// `map` for a closure that waits.
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async throws -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
