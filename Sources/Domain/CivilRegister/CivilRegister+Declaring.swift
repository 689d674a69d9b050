import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister
import ReferenceData

extension CivilRegister {
    /// Begins a record without checking it: what a clerk has typed so far. Unknown fields are refused.
    ///
    /// Throws `officer.forbidden`, `civil.invalid`.
    /// - Parameter office: the commune that keeps it, six digits.
    public func draft(
        _ kind: VitalEventKind, _ raw: [String: String], office: String, by step: CivilStep
    ) async throws -> VitalRecord {
        let actor = try actor(step.officer, .civilDeclare, in: office)
        try requireCommune(office)
        let values = try draftValues(kind, raw)
        return try await database.transaction { connection in
            if let transaction = step.transactionID { try await connection.lock("civil-request:" + transaction) }
            if let done = try await repeated(step, in: connection) { return done }
            var open = try await begin(kind, office: office, in: connection)
            var content = ActionContent()
            content.declaration = values
            try await append(.create, content, to: &open, by: actor, step, in: connection)
            return open.record
        }
    }

    /// Declares an event in full: a new record, or one that was drafted, notified or given back. Searches for duplicates
    /// and computes how late it is.
    ///
    /// Throws `officer.forbidden`, `civil.invalid` with each refused field, `civil.state`, `civil.changed`,
    /// `civil.not_found`.
    /// - Parameters:
    ///   - id: the record, or `nil` for a new one.
    ///   - raw: the fields as typed.
    public func declare(
        _ kind: VitalEventKind, _ raw: [String: String], record id: String? = nil, office: String, by step: CivilStep
    ) async throws -> VitalRecord {
        let actor = try actor(step.officer, .civilDeclare, in: office)
        try requireCommune(office)
        if let done = try await repeated(step) { return done }
        let checked = try await check(kind, raw)
        let newID = ambient.newID()
        return try await database.transaction { connection in
            // All before the first statement, so that what is read is not older than the wait.
            if let transaction = step.transactionID { try await connection.lock("civil-request:" + transaction) }
            if let id { try await connection.lock("civil:" + id) }
            try await audit.lock(subject: id ?? newID, in: connection)
            if let done = try await repeated(step, in: connection) { return done }
            var open: OpenRecord
            if let id {
                open = try await self.open(id, in: connection)
                guard open.record.kind == kind, open.record.office == office else { throw RumdulError.civilNotFound }
                if let expected = step.expected, expected != open.record.sequence { throw RumdulError.civilChanged }
            } else {
                open = try await begin(kind, id: newID, office: office, in: connection)
                var content = ActionContent()
                content.declaration = checked.declaration.values
                try await append(.create, content, to: &open, by: actor, step, in: connection)
            }
            var content = ActionContent()
            content.declaration = checked.declaration.values
            content.persons = checked.persons
            content.lateness = checked.lateness
            content.rules = checked.rules
            content.flags = checked.flags
            try await append(.declare, content, to: &open, by: actor, step, in: connection)
            if findsDuplicates {
                try await findDuplicates(&open, lateness: checked.lateness, in: connection)
            }
            try await setLookups(of: open.record, isNew: open.isNew, in: connection)
            return open.record
        }
    }

    /// What `declare` would say, without writing anything: the refused fields, or none.
    public func problems(_ kind: VitalEventKind, _ raw: [String: String]) async throws -> [FieldError] {
        do {
            _ = try await check(kind, raw)
            return []
        } catch let error as RumdulError where error.code == RumdulError.civilInvalid([]).code {
            return error.fields
        }
    }

    // MARK: Within

    /// A declaration that passed every check that needs no transaction.
    struct Checked: Sendable {
        var declaration: Declaration
        var persons: [ParticipantRole: PersonID]
        var lateness: Lateness
        var rules: String
        var flags: [String]
    }

    /// The record of a first action, not yet written but for its row.
    func begin(
        _ kind: VitalEventKind, id: String? = nil, office: String, in connection: any SQLConnection
    ) async throws -> OpenRecord {
        let id = id ?? ambient.newID()
        let wrapped = try await envelope.newDataKey()
        let record = VitalRecord(id: id, kind: kind, trackingID: TrackingID(ambient).text, office: office)
        let now = ambient.now()
        try await store.insert(
            RecordRow(
                id: id, kind: kind, state: .draft, trackingID: record.trackingID, number: nil, office: office,
                sequence: 1,
                version: 0, pending: nil, needsApproval: false, isSealed: false, dataKey: wrapped, createdAt: now,
                changedAt: now), in: connection)
        var open = OpenRecord(record: record, actions: [], key: try await envelope.dataKey(wrapped), head: [])
        open.isNew = true
        return open
    }

    /// Checks what was typed. Throws `civil.invalid` with every refused field at once.
    /// - Parameter isLegacy: whether it is an entry of an old book, whose rules are milder.
    func check(
        _ kind: VitalEventKind, _ raw: [String: String], isLegacy: Bool = false
    ) async throws -> Checked {
        let today = ambient.now().dayInCambodia
        let form = EventForm.of(kind)
        let pack = RulePack.inForce(on: today)
        var rules = FieldRules(today: today, isLegacy: isLegacy)
        let declaration = rules.clean(raw, form: form)
        rules.requireAll(declaration, form: form)
        var errors = rules.errors
        let refused = Set(errors.map(\.field))
        var events = EventRules(pack: pack, today: today, isLegacy: isLegacy)
        events.check(declaration)
        errors += events.errors.filter { !refused.contains($0.field) }
        errors += try await placeErrors(declaration, form: form, on: today)
        let found = try await persons(declaration, form: form, &errors)
        guard errors.isEmpty else { throw RumdulError.civilInvalid(errors) }
        return Checked(
            declaration: declaration, persons: found, lateness: events.lateness(declaration), rules: pack.id,
            flags: events.flags)
    }

    /// Places must be in the gazetteer on the day of the event, or today.
    func placeErrors(_ declaration: Declaration, form: EventForm, on today: CalendarDate) async throws
        -> [FieldError]
    {
        var errors: [FieldError] = []
        let day = declaration.occurredOn?.latest ?? today
        for field in form.fields {
            guard case .place = field.type, let code = declaration[field.id].flatMap({ PlaceCode($0) }) else {
                continue
            }
            if try await !isPlace(code, on: [day, today]) {
                errors.append(
                    FieldError(field.id, LocalizedText(km: "មិនស្គាល់ទីកន្លែងនេះទេ។", en: "This place is not known.")))
            }
        }
        return errors
    }

    /// Whether there is such a place on one of the days. A commune or village counts as well where the list of its
    /// neighbours was never imported: then nobody can know.
    private func isPlace(_ code: PlaceCode, on days: [CalendarDate]) async throws -> Bool {
        for day in days where try await referenceData.place(code, on: day) != nil { return true }
        guard let today = days.last, let parent = code.parent, code.level.rawValue > PlaceLevel.district.rawValue else {
            return false
        }
        guard try await referenceData.children(of: parent, on: today).isEmpty else { return false }
        return try await isPlace(parent, on: days)
    }

    /// The registered persons that codes name.
    private func persons(
        _ declaration: Declaration, form: EventForm, _ errors: inout [FieldError]
    ) async throws -> [ParticipantRole: PersonID] {
        var found: [ParticipantRole: PersonID] = [:]
        for field in form.fields where field.type == .person {
            guard let digits = declaration[field.id], let code = try? KIDC(entered: digits),
                let role = ParticipantRole(rawValue: String(field.id.prefix(while: { $0 != "." })))
            else { continue }
            let person = code.range == people.codes ? try await people.person(kidc: code, followingMerges: true) : nil
            if let person {
                found[role] = person
            } else {
                errors.append(
                    FieldError(
                        field.id, LocalizedText(km: "រកមិនឃើញលេខនេះក្នុងបញ្ជីទេ។", en: "No person of the register has this code.")
                    ))
            }
        }
        return found
    }

    /// What is kept of a draft: every known field as typed, so that nothing is lost.
    private func draftValues(_ kind: VitalEventKind, _ raw: [String: String]) throws -> [String: String] {
        let form = EventForm.of(kind)
        var errors: [FieldError] = []
        for (id, text) in raw where form[id] == nil || text.utf8.count > 4_000 {
            errors.append(FieldError(id, LocalizedText(km: "មិនអាចរក្សាទុកចន្លោះនេះបានទេ។", en: "This field cannot be kept.")))
        }
        guard errors.isEmpty else { throw RumdulError.civilInvalid(errors) }
        return raw.filter { !$0.value.isEmpty }
    }

    func requireCommune(_ office: String) throws {
        guard let code = PlaceCode(office), code.level == .commune else {
            throw RumdulError.civilInvalid([
                FieldError("office", LocalizedText(km: "សូមជ្រើសរើសឃុំ ឬសង្កាត់។", en: "Choose a commune."))
            ])
        }
    }
}
