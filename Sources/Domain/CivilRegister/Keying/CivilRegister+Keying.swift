import Accountability
import Codecs
import Crypto
import Database
import Kernel
import KeyVault

extension CivilRegister {
    private var keying: KeyingStore { KeyingStore() }

    // MARK: Pages

    /// Adds a scanned page of a book. The same scan of the same page a second time changes nothing.
    ///
    /// Throws `officer.forbidden`, `civil.invalid`, `civil.evidence` when it is too large or no picture or PDF.
    public func addPage(
        _ bytes: [UInt8], kind: VitalEventKind, office: String, book: String, page: String, by officer: Officer
    ) async throws -> BookPage {
        let actor = try actor(officer, .civilKey, in: office)
        try requireCommune(office)
        guard bytes.count <= Evidence.largest else { throw RumdulError.civilEvidenceSize }
        guard let type = EvidenceMediaType(bytes: bytes) else { throw RumdulError.civilEvidenceType }
        var rules = FieldRules(today: ambient.now().dayInCambodia, isLegacy: true)
        let form = EventForm.of(kind)
        guard form["legacy.book"] != nil else { throw RumdulError.civilState }
        let named = rules.clean(["legacy.book": book, "legacy.page": page], form: form)
        for field in ["legacy.book", "legacy.page"] where named[field] == nil {
            rules.refuse(field, km: "ត្រូវបំពេញ។", en: "This must be filled in.")
        }
        guard rules.errors.isEmpty else { throw RumdulError.civilInvalid(rules.errors) }
        let new = BookPage(
            id: ambient.newID(), kind: kind, office: office, book: named["legacy.book"] ?? "",
            page: named["legacy.page"] ?? "", mediaType: type, size: bytes.count,
            sha256: Array(SHA256.hash(data: bytes)), addedAt: ambient.now())
        let wrapped = try await envelope.newDataKey()
        let sealed = try await envelope.dataKey(wrapped).seal(bytes, context: Self.context(new.id))
        return try await database.transaction { connection in
            try await connection.lock("civil-pages:" + office)
            if let same = try await keying.same(as: new, in: connection) { return same }
            try await keying.insert(new, key: wrapped, sealed: sealed, by: officer.id, in: connection)
            try await audit.record(
                action: "civil.page_added", actor: actor.actor, subject: new.id,
                details: ["sha256": .string(Base64URL.encode(new.sha256))], in: connection)
            return new
        }
    }

    /// The pages of an officer's area, newest first, with their entries. What anybody wrote is not among it.
    /// Throws `officer.forbidden`.
    public func pages(of officer: Officer, limit: Int = 100) async throws -> [(BookPage, [KeyedEntry])] {
        let areas = Set(areas(officer, .civilKey) + areas(officer, .civilKeyDecide))
        guard !areas.isEmpty else { throw RumdulError.officerForbidden }
        return try await database.read { connection in
            var found: [String: (BookPage, [KeyedEntry])] = [:]
            for area in areas {
                for page in try await keying.pages(area: area, limit: limit, in: connection) {
                    found[page.id] = (page, try await keying.entries(of: page.id, in: connection))
                }
            }
            return found.values.sorted { ($0.0.addedAt, $0.0.id) > ($1.0.addedAt, $1.0.id) }
        }
    }

    /// A page with its entries. Throws `civil.not_found`.
    public func page(_ id: String, by officer: Officer) async throws -> (BookPage, [KeyedEntry]) {
        try await database.read { connection in
            let page = try await page(id, by: officer, in: connection)
            return (page, try await keying.entries(of: id, in: connection))
        }
    }

    /// The scan itself; who looked stands in the audit trail. Throws `civil.not_found`, `civil.chain`.
    public func scan(_ id: String, by officer: Officer) async throws -> (BookPage, [UInt8]) {
        try await database.transaction { connection in
            let page = try await page(id, by: officer, in: connection)
            guard let stored = try await keying.sealed(id, in: connection) else { throw RumdulError.civilNotFound }
            let bytes = try await envelope.dataKey(stored.key).open(stored.bytes, context: Self.context(id))
            guard Array(SHA256.hash(data: bytes)) == page.sha256 else { throw RumdulError.civilChain }
            let permission: Permission = officer.may(.civilKey, in: page.office) ? .civilKey : .civilKeyDecide
            try await audit.record(
                action: "civil.page_seen", actor: try officer.acting(permission, in: page.office), subject: id,
                in: connection)
            return (page, bytes)
        }
    }

    // MARK: Keying

    /// Keys an entry of a page: as the first officer, or blind as the second. When both wrote the same the record is
    /// registered; otherwise, or when the register refuses it, a third officer decides.
    ///
    /// Throws `civil.not_found`, `officer.forbidden`, `civil.invalid` with each refused field, `civil.same_person`,
    /// `civil.state` when both have keyed it, `civil.changed`.
    public func key(
        _ pageID: String, number: String, _ raw: [String: String], by officer: Officer
    ) async throws -> KeyedEntry {
        let page = try await database.read { try await self.page(pageID, by: officer, in: $0) }
        let actor = try actor(officer, .civilKey, in: page.office)
        let checked = try await check(entry(page, number: number, raw))
        let values = checked.checked.declaration.values
        guard let clean = values["legacy.number"] else { throw RumdulError.civilState }
        let id = ambient.newID()
        let outcome = try await database.transaction { connection -> (KeyedEntry, Bool) in
            try await connection.lock("civil-page:" + pageID)
            let known = try await keying.entries(of: pageID, in: connection).first {
                LegacyRules.canonical($0.number) == LegacyRules.canonical(clean)
            }
            let now = ambient.now()
            guard var entry = known else {
                try await requireFree(checked, in: connection)
                let new = KeyedEntry(id: id, page: pageID, number: clean, state: .half, first: officer.id)
                try await keying.insert(
                    new, sealed: try await seal(values, of: new, 1, in: connection), at: now, in: connection)
                try await note("civil.keyed", new, actor, in: connection)
                return (new, false)
            }
            guard entry.first != officer.id else { throw RumdulError.civilSamePerson }
            guard entry.state == .half else { throw RumdulError.civilState }
            let first = try await versions(entry, in: connection).first
            (entry.second, entry.state) = (officer.id, .differs)
            let sealed = try await seal(values, of: entry, 2, in: connection)
            try await keying.update(entry, from: .half, second: sealed, at: now, in: connection)
            try await note("civil.keyed", entry, actor, in: connection)
            return (entry, first == Self.compared(values))
        }
        guard outcome.1 else { return outcome.0 }
        do {
            return try await enter(checked, outcome.0, page, by: actor, officer: officer)
        } catch let error as RumdulError where error.code.hasPrefix("civil.") || error.code.hasPrefix("person.") {
            // What both wrote cannot be registered: somebody else must look. Nothing is lost.
            return outcome.0
        }
    }

    /// An entry that waits for a decision, with both versions. Throws `civil.not_found`, `civil.same_person` for who keyed it.
    public func disputed(_ id: String, by officer: Officer) async throws -> DisputedEntry {
        try await database.transaction { connection in
            guard let entry = try await keying.entry(id, in: connection), entry.state == .differs else {
                throw RumdulError.civilNotFound
            }
            let page = try await page(entry.page, by: officer, in: connection)
            let actor = try actor(officer, .civilKeyDecide, in: page.office)
            guard !entry.wasTouched(by: officer.id) else { throw RumdulError.civilSamePerson }
            let versions = try await versions(entry, in: connection)
            try await note("civil.keyed_seen", entry, actor, in: connection)
            return DisputedEntry(entry: entry, page: page, first: versions.first, second: versions.second)
        }
    }

    /// A third officer's decision: the values of all fields, as picked or typed anew. Registers the record.
    ///
    /// Throws `civil.not_found`, `officer.forbidden`, `civil.same_person`, `civil.invalid`, and what entering does.
    /// - Parameter areNew: whether parties of a marriage without a code are others than those who look like them.
    public func decideKeyed(
        _ id: String, _ raw: [String: String], areNew: Bool = false, by officer: Officer
    ) async throws -> KeyedEntry {
        let known = try await database.read { connection -> (KeyedEntry, BookPage) in
            guard let entry = try await keying.entry(id, in: connection), entry.state == .differs else {
                throw RumdulError.civilNotFound
            }
            return (entry, try await self.page(entry.page, by: officer, in: connection))
        }
        var (entry, page) = known
        let actor = try actor(officer, .civilKeyDecide, in: page.office)
        guard !entry.wasTouched(by: officer.id) else { throw RumdulError.civilSamePerson }
        let checked = try await check(self.entry(page, number: entry.number, raw, areNew: areNew))
        entry.third = officer.id
        return try await enter(checked, entry, page, by: actor, officer: officer)
    }

    // MARK: Within

    private func enter(
        _ checked: CheckedLegacy, _ keyed: KeyedEntry, _ page: BookPage, by actor: CivilActor, officer: Officer
    ) async throws -> KeyedEntry {
        try await database.transaction { connection in
            try await connection.lock("civil-page:" + page.id)
            var entry = keyed
            let record = try await enter(
                checked, by: actor, officer: officer,
                basis: "\(page.book)/\(page.page)/\(entry.number)", source: "keying:\(entry.id)", in: connection)
            (entry.state, entry.record) = (.entered, record.id)
            try await keying.update(entry, from: .differs, second: nil, at: ambient.now(), in: connection)
            try await note("civil.keyed_entered", entry, actor, in: connection)
            return entry
        }
    }

    private func entry(
        _ page: BookPage, number: String, _ raw: [String: String], areNew: Bool = false
    ) -> LegacyEntry {
        var values = raw.filter { !EventForm.givenByPage.contains($0.key) }
        values["legacy.book"] = page.book
        values["legacy.page"] = page.page
        values["legacy.number"] = number
        values["legacy.image"] = page.digest
        return LegacyEntry(
            page.kind, office: page.office, values: values, settled: areNew ? [.spouse1, .spouse2] : [])
    }

    /// Throws `civil.legacy_taken` when the entry is in the register already: nobody keys it in vain.
    private func requireFree(_ checked: CheckedLegacy, in connection: any SQLConnection) async throws {
        for tag in checked.tags where try await legacy.holder(tag, in: connection) != nil {
            throw RumdulError.civilLegacyTaken
        }
    }

    private func page(_ id: String, by officer: Officer, in connection: any SQLConnection) async throws -> BookPage {
        guard let page = try await keying.page(id, in: connection),
            officer.may(.civilKey, in: page.office) || officer.may(.civilKeyDecide, in: page.office)
        else { throw RumdulError.civilNotFound }
        return page
    }

    private func versions(
        _ entry: KeyedEntry, in connection: any SQLConnection
    ) async throws -> (first: [String: String], second: [String: String]) {
        guard let stored = try await keying.versions(entry.id, in: connection),
            let wrapped = try await keying.key(entry.page, in: connection)
        else { throw RumdulError.civilNotFound }
        let key = try await envelope.dataKey(wrapped)
        func values(_ sealed: [UInt8]?, _ turn: Int) throws -> [String: String] {
            guard let sealed else { return [:] }
            let object = try JSON.parseObject(try key.open(sealed, context: Self.context(entry.id, turn)))
            return object.members.reduce(into: [:]) { $0[$1.name] = $1.value.stringValue }
        }
        return (Self.compared(try values(stored.first, 1)), Self.compared(try values(stored.second, 2)))
    }

    private func seal(
        _ values: [String: String], of entry: KeyedEntry, _ turn: Int, in connection: any SQLConnection
    ) async throws -> [UInt8] {
        guard let wrapped = try await keying.key(entry.page, in: connection) else { throw RumdulError.civilNotFound }
        let members = values.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        return try await envelope.dataKey(wrapped).seal(
            JSON.bytes(.object(JSONObject(members))), context: Self.context(entry.id, turn))
    }

    private func note(
        _ action: String, _ entry: KeyedEntry, _ actor: CivilActor, in connection: any SQLConnection
    ) async throws {
        try await audit.record(
            action: action, actor: actor.actor, subject: entry.id, details: ["page": .string(entry.page)],
            in: connection)
    }

    /// What counts when two versions are compared: what was keyed, not how the number was written.
    private static func compared(_ values: [String: String]) -> [String: String] {
        values.filter { !EventForm.givenByPage.contains($0.key) }
    }

    private static func context(_ page: String) -> [UInt8] { Array("civil page \(page)".utf8) }

    private static func context(_ entry: String, _ turn: Int) -> [UInt8] {
        Array("civil keying \(entry) \(turn)".utf8)
    }
}
