import Accountability
import Codecs
import Database
import Kernel
import PopulationRegister
import RecordLinkage
import ReferenceData

/// An entry of a book that passed every check that needs no transaction.
struct CheckedLegacy: Sendable {
    let entry: LegacyEntry
    let checked: CivilRegister.Checked
    /// Under which the entry is known.
    let tags: [[UInt8]]
    let number: RegistrationNumber?
}

extension CivilRegister {
    var legacy: LegacyStore { LegacyStore() }

    /// Checks an entry of a book. Throws `civil.invalid` with every refused field at once.
    func check(_ entry: LegacyEntry) async throws -> CheckedLegacy {
        try requireCommune(entry.office)
        var errors: [FieldError] = []
        var number: RegistrationNumber?
        if let text = entry.number {
            number = RegistrationNumber(text)
            if number.map({ $0.text.first != entry.kind.letter }) ?? true {
                errors.append(
                    FieldError(
                        "number",
                        LocalizedText(
                            km: "លេខចុះបញ្ជីមិនត្រឹមត្រូវទេ។", en: "This is no registration number of this kind of event.")))
            }
        } else {
            for field in ["legacy.book", "legacy.number"] where entry.values[field] ?? "" == "" {
                errors.append(FieldError(field, LocalizedText(km: "ត្រូវបំពេញ។", en: "This must be filled in.")))
            }
        }
        if let image = entry.values["legacy.image"], !image.isEmpty, !Self.isDigest(image) {
            errors.append(
                FieldError(
                    "legacy.image",
                    LocalizedText(km: "ត្រូវជាលេខគោលដប់ប្រាំមួយ ៦៤ ខ្ទង់។", en: "This must be 64 hexadecimal digits.")))
        }
        var checked: Checked?
        do {
            checked = try await check(entry.kind, entry.values, isLegacy: true)
        } catch let error as RumdulError where error.code == RumdulError.civilInvalid([]).code {
            errors = error.fields + errors.filter { own in !error.fields.contains { $0.field == own.field } }
        }
        guard errors.isEmpty, var checked else { throw RumdulError.civilInvalid(errors) }
        if let digits = entry.child { checked.persons[.child] = try await child(digits, of: entry.kind) }
        checked.lateness = Self.lateness(checked.declaration, rules: checked.rules)
        return CheckedLegacy(
            entry: entry, checked: checked, tags: try await legacyTags(entry, number: number), number: number)
    }

    /// Enters an entry of a book as a registered record, with what follows for persons; or, when somebody or something is
    /// alike, as a record that waits for two officers. Runs in the caller's transaction.
    ///
    /// Throws `civil.legacy_taken`, `civil.person`, `civil.marriage`, and what the population register throws.
    /// - Parameters:
    ///   - basis: why it may be entered: the order or project.
    ///   - source: where it comes from: the import and line, or the keyed entry.
    func enter(
        _ legacy: CheckedLegacy, by actor: CivilActor, officer: Officer, basis: String, source: String,
        in connection: any SQLConnection
    ) async throws -> VitalRecord {
        let entry = legacy.entry
        if let number = legacy.number, try await store.record(number: number.text, in: connection) != nil {
            throw RumdulError.civilLegacyTaken
        }
        var open = try await begin(entry.kind, office: entry.office, in: connection)
        try await self.legacy.claim(legacy.tags, for: open.record.id, in: connection)
        if let child = legacy.checked.persons[.child], entry.kind.entersPerson,
            try await self.legacy.birth(of: child.text, in: connection) != nil
        {
            throw RumdulError.civilPerson(
                .child,
                LocalizedText(km: "កំណើតរបស់មនុស្សនេះមានក្នុងបញ្ជីរួចហើយ។", en: "This person's birth is registered already."))
        }
        try await requireNew(legacy, in: connection)
        var content = ActionContent()
        content.declaration = legacy.checked.declaration.values
        content.persons = legacy.checked.persons
        content.lateness = legacy.checked.lateness
        content.rules = legacy.checked.rules
        content.flags = legacy.checked.flags
        content.basis = basis
        content.item = source
        content.number = legacy.number?.text
        let step = CivilStep(officer)
        try await append(.enterLegacy, content, to: &open, by: actor, step, in: connection)
        // Whoever is in the register already may be the child of an old birth.
        if findsDuplicates {
            try await findDuplicates(
                &open, lateness: legacy.checked.persons[.child] == nil ? .delayed : .onTime, in: connection)
        }
        try await setLookups(of: open.record, isNew: open.isNew, in: connection)
        if open.record.state == .verified { try await putInForce(&open, by: actor, step, in: connection) }
        return open.record
    }

    /// Nobody who looks like somebody of the register becomes a second person without a word: the code must be given, or
    /// that it is somebody else.
    private func requireNew(_ legacy: CheckedLegacy, in connection: any SQLConnection) async throws {
        guard findsDuplicates, legacy.entry.kind == .marriage else { return }
        let model = LinkageModel.standard.adapted(population: max(2_000, try await people.size(in: connection)))
        for role in [ParticipantRole.spouse1, .spouse2]
        where legacy.checked.persons[role] == nil && !legacy.entry.settled.contains(role) {
            let facts = legacy.checked.declaration.linkage(of: role)
            let alike = try await people.alike(facts, PreparedRecord(facts), model, limit: 1, in: connection)
            guard alike.isEmpty else {
                throw RumdulError.civilPerson(
                    role,
                    LocalizedText(
                        km: "មានមនុស្សស្រដៀងគ្នាក្នុងបញ្ជី។ សូមវាយលេខអត្តសញ្ញាណ ឬបញ្ជាក់ថាជាមនុស្សផ្សេង។",
                        en: "Somebody like this is in the register. Give the code, or say that it is somebody else."))
            }
        }
    }

    /// Under which an entry is known: its place in the book, and its registration number.
    func legacyTags(_ entry: LegacyEntry, number: RegistrationNumber?) async throws -> [[UInt8]] {
        var tags: [[UInt8]] = []
        if let book = entry.values["legacy.book"], let place = entry.values["legacy.number"], !book.isEmpty,
            !place.isEmpty
        {
            let parts = [book, entry.values["legacy.page"] ?? "", place].map(LegacyRules.canonical)
            tags.append(
                try await self.tags.short(
                    ([entry.kind.rawValue, entry.office] + parts).joined(separator: "|"), "civil.legacy"))
        }
        if let number { tags.append(try await self.tags.short("number|" + number.text, "civil.legacy")) }
        return tags
    }

    /// How late the book has it: the day of the entry in the book against the day of the event.
    private static func lateness(_ declaration: Declaration, rules: String) -> Lateness {
        guard let entered = declaration["legacy.date"].flatMap({ CalendarDate(iso: $0) }),
            let occurred = declaration.occurredOn
        else { return .onTime }
        return RulePack.named(rules).lateness(
            declaration.kind, days: entered.daysSinceEpoch - occurred.latest.daysSinceEpoch)
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0 | 32) }
    }

    private func child(_ digits: String, of kind: VitalEventKind) async throws -> PersonID {
        let code: KIDC
        do {
            code = try KIDC(entered: digits)
        } catch {
            throw RumdulError.civilInvalid([FieldError("child.person", error.message)])
        }
        guard kind.entersPerson, code.range == people.codes,
            let person = try await people.person(kidc: code, followingMerges: true)
        else {
            throw RumdulError.civilInvalid([
                FieldError(
                    "child.person",
                    LocalizedText(km: "រកមិនឃើញលេខនេះក្នុងបញ្ជីទេ។", en: "No person of the register has this code."))
            ])
        }
        return person
    }
}
