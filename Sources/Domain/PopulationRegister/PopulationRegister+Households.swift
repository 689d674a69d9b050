import Accountability
import Codecs
import Database
import Kernel
import KeyVault
import KhmerText
import ReferenceData

/// Where a household is, as typed.
public struct HouseholdPlace: Sendable {
    /// Eight digits.
    public var village: String
    /// House, street and group in words, at most 200 characters.
    public var address: String?

    public init(village: String, address: String? = nil) {
        self.village = village
        self.address = address
    }
}

/// Households: who lives together, where, since when. Each change also says where its people live, in the same
/// transaction. Officers and systems act in their areas only; rights are checked here.
extension PopulationRegister {
    var households: HouseholdStore { HouseholdStore() }

    // MARK: Opening and closing

    /// Opens a household; the people in it leave the ones in which they were. Repeated with the same request key it opens
    /// nothing new. Writes the audit entries `household.opened` and one `household.joined` for each member.
    ///
    /// - Parameters:
    ///   - book: the number of the paper book, if there is one.
    ///   - members: everybody, the head among them.
    /// - Throws: `officer.forbidden`, `household.invalid`, `household.numbers`, and what `amend` throws.
    public func openHousehold(
        at place: HouseholdPlace, book: String? = nil, members: [(person: PersonID, relation: HouseholdRelation)],
        by step: HouseholdStep
    ) async throws -> Household {
        let people = members.map { ($0.person, $0.relation) }
        return try await database.transaction { connection in
            let change = try begin(step)
            let request = try await self.request(
                step, ["open", place.village, place.address, book] + people.map { "\($0.0.text) \($0.1.rawValue)" })
            if let request, let known = try await households.household(request, in: connection) {
                return try await opened(known, in: connection)
            }
            let place = try await checked(place, on: change.day, in: connection)
            let actor = try step.hand.acting(.householdWrite, in: place.village.text)
            guard people.filter({ $0.1 == .head }).count == 1, people.count <= Self.largestHousehold else {
                throw RumdulError.household(
                    "head", km: "ត្រូវមានមេគ្រួសារម្នាក់។", en: "There must be one head.")
            }
            let new = try await insertHousehold(place, book, request, change, actor, in: connection)
            for (person, relation) in people {
                try await join(person, new, as: relation, from: change.day, change, actor, in: connection)
            }
            return new
        }
    }

    /// Closes a household: its members are in none from the day on. Where they live stays as it was. Writes the audit entry
    /// `household.closed`. Throws `household.not_found`, `officer.forbidden`, `household.changed`, `household.closed`,
    /// `household.invalid`.
    public func closeHousehold(_ id: String, by step: HouseholdStep) async throws {
        try await changing(id, step) { open, change, actor, connection in
            let day = change.day
            try requireNotBefore(day, open.household.since)
            for member in try await openMembers(of: id, in: connection) {
                try requireNotBefore(day, member.validFrom)
                try await cut(member, from: day, as: .closed, change, in: connection)
            }
            try await writePlace(open, nil, change, in: connection)
            open.row.isOpen = false
            try await households.update(open.row, at: change.now, in: connection)
            try await note("closed", open.row.id, nil, change, actor, in: connection)
        }
    }

    /// Moves a household with all its members to another place, also of another commune, whose officers keep it from then
    /// on. Writes the audit entry `household.moved`. Throws as `closeHousehold`.
    public func moveHousehold(
        _ id: String, to place: HouseholdPlace, by step: HouseholdStep
    ) async throws {
        try await changing(id, step) { open, change, actor, connection in
            let place = try await checked(place, on: change.day, in: connection)
            guard place.village != open.household.village || place.address != open.household.address else {
                throw RumdulError.household("village", km: "គ្រួសារនៅទីនេះរួចហើយ។", en: "The household is there already.")
            }
            try requireNotBefore(change.day, open.household.since)
            try await writePlace(open, place, change, in: connection)
            let from = open.household.village
            (open.household.village, open.household.address) = (place.village, place.address)
            open.row.commune = open.household.commune
            open.row.villageTag = try await tags.village(place.village)
            try await households.update(open.row, at: change.now, in: connection)
            for member in try await openMembers(of: id, in: connection) {
                try await settle(
                    member.person, open.household, from: max(change.day, member.validFrom), change.source, actor,
                    in: connection)
            }
            try await note(
                "moved", id, nil, change, actor,
                ["from": .string(from.text), "to": .string(place.village.text)], in: connection)
        }
    }

    /// Some members become a household of their own. Writes the audit entries of opening and joining. Throws as
    /// `openHousehold` and `closeHousehold`.
    public func splitHousehold(
        _ id: String, members: [PersonID], head: PersonID, at place: HouseholdPlace, book: String? = nil,
        by step: HouseholdStep
    ) async throws -> Household {
        let request = try await self.request(
            step, ["split", id, place.village, place.address, book, head.text] + members.map(\.text))
        if let request, let done = try await database.read({ try await households.household(request, in: $0) }) {
            return try await database.read { try await opened(done, in: $0) }
        }
        return try await changing(id, step) { _, change, actor, connection in
            let all = try await openMembers(of: id, in: connection)
            let leaving = all.filter { members.contains($0.person) }
            guard leaving.count == Set(members).count, leaving.contains(where: { $0.person == head }) else {
                throw RumdulError.household(
                    "members", km: "សូមជ្រើសរើសសមាជិក និងមេគ្រួសារថ្មីម្នាក់ក្នុងចំណោមពួកគេ។",
                    en: "Choose who leaves, and the new head among them.")
            }
            guard leaving.count < all.count else {
                throw RumdulError.household(
                    "members", km: "យ៉ាងហោចណាស់ត្រូវមានម្នាក់នៅសល់។", en: "Somebody has to stay; or move the household.")
            }
            let place = try await checked(place, on: change.day, in: connection)
            let new = try await insertHousehold(place, book, request, change, actor, in: connection)
            let relations = try await relations(of: leaving, towards: head, in: connection)
            for member in leaving {
                try await join(
                    member.person, new, as: relations[member.person] ?? .otherRelative, from: change.day, change, actor,
                    in: connection)
            }
            return new
        }
    }

    /// Notes the number of the paper book anew, or that there is none. Writes the audit entry `household.book`.
    public func setBook(_ book: String?, of id: String, by step: HouseholdStep) async throws {
        try await changing(id, step) { open, change, actor, connection in
            open.household.book = try Self.cleanBook(book)
            open.row.bookTag = try await bookTag(open.household.book)
            open.row.sealed = try sealBook(open.household.book, id, open.key)
            try await households.update(open.row, at: change.now, in: connection)
            try await note("book", id, nil, change, actor, in: connection)
        }
    }

    // MARK: Within

    /// At most so many people in one household: a pagoda or a home has many.
    static let largestHousehold = 200

    /// A change under way.
    struct HouseholdChange: Sendable {
        /// What rows that it makes and supersedes name: an identifier that says nothing, or the record of an event.
        let id: String
        let day: CalendarDate
        let now: Instant
        /// What it rests on, as sealed facts name it.
        let source: FactSource

        /// What memberships name.
        var cause: FactSource { FactSource(kind: source.kind, reference: id) }
    }

    /// A household with its key.
    struct OpenHousehold: Sendable {
        var row: HouseholdRow
        var household: Household
        let key: DataKey
        let places: [(row: HouseholdPlaceRow, place: PlaceVersion)]
    }

    /// A place with the days on which it holds.
    struct PlaceVersion: Sendable {
        var village: PlaceCode
        var address: String?
        var validFrom: CalendarDate
        var validTo: CalendarDate?
        var source: FactSource
    }

    func begin(_ step: HouseholdStep) throws -> HouseholdChange {
        let now = ambient.now()
        let day = step.day ?? now.dayInCambodia
        guard day <= now.dayInCambodia, day.year >= 1900 else {
            throw RumdulError.household("day", km: "ថ្ងៃមិនត្រឹមត្រូវទេ។", en: "This day is not possible.")
        }
        guard let reference = try? TextInput.clean(step.reference, limit: 60), !reference.isEmpty,
            reference.utf8.count <= 200
        else {
            throw RumdulError.household("reference", km: "សូមសរសេរឯកសារ ឬមូលហេតុ។", en: "Name the paper or the reason.")
        }
        return HouseholdChange(
            id: ambient.newID(), day: day, now: now, source: FactSource(kind: "household", reference: reference))
    }

    /// Runs a change on an open household, on the version that was looked at.
    func changing<Value: Sendable>(
        _ id: String, _ step: HouseholdStep,
        _ body:
            @escaping @Sendable (
                inout OpenHousehold, HouseholdChange, Actor, any SQLConnection
            ) async throws -> Value
    ) async throws -> Value {
        try await database.transaction { connection in
            try await connection.lock("household:" + id)
            var open = try await openHousehold(id, in: connection)
            guard step.hand.may(.householdRead, in: open.household.village.text) else {
                throw RumdulError.householdNotFound
            }
            let actor = try step.hand.acting(.householdWrite, in: open.household.village.text)
            if let expected = step.expected, expected != open.row.version { throw RumdulError.householdChanged }
            guard open.row.isOpen else { throw RumdulError.householdClosed }
            return try await body(&open, try begin(step), actor, connection)
        }
    }

    /// A household in the clear, as it is now or was last. Throws `household.not_found`.
    func openHousehold(_ id: String, in connection: any SQLConnection) async throws -> OpenHousehold {
        guard let row = try await households.household(id, in: connection) else { throw RumdulError.householdNotFound }
        return try await openRow(row, in: connection)
    }

    func opened(_ row: HouseholdRow, in connection: any SQLConnection) async throws -> Household {
        try await openRow(row, in: connection).household
    }

    func openRow(_ row: HouseholdRow, in connection: any SQLConnection) async throws -> OpenHousehold {
        let key = try await envelope.dataKey(row.dataKey)
        let places = try await households.places(of: row.id, in: connection).map { place in
            (place, try PlaceVersion(JSON.parse(key.open(place.sealed, context: Self.sealing(row.id, "place")))))
        }
        guard let number = HouseholdNumber(row.number),
            let last = places.filter({ $0.0.recordedTo == nil }).max(by: { $0.1.validFrom < $1.1.validFrom })?.1
        else { throw RumdulError.internal("population.household") }
        let book = String(
            decoding: try key.open(row.sealed, context: Self.sealing(row.id, "book")), as: UTF8.self)
        let household = Household(
            id: row.id, number: number, village: last.village, address: last.address,
            book: book.isEmpty ? nil : book, since: last.validFrom, isOpen: row.isOpen, version: row.version,
            openedAt: row.openedAt)
        return OpenHousehold(row: row, household: household, key: key, places: places)
    }

    private func insertHousehold(
        _ place: (village: PlaceCode, address: String?), _ book: String?, _ request: HouseholdRequest?,
        _ change: HouseholdChange, _ actor: Actor, in connection: any SQLConnection
    ) async throws -> Household {
        let book = try Self.cleanBook(book)
        let commune = String(place.village.text.prefix(6))
        let serial = try await households.nextSerial(commune, in: connection)
        guard serial <= 999_999 else { throw RumdulError.householdNumbers }
        let new = Household(
            id: ambient.newID(), number: HouseholdNumber(commune: commune, serial: serial), village: place.village,
            address: place.address, book: book, since: change.day, isOpen: true, version: 1, openedAt: change.now)
        let wrapped = try await envelope.newDataKey()
        let key = try await envelope.dataKey(wrapped)
        let row = HouseholdRow(
            id: new.id, number: new.number.text, commune: commune, villageTag: try await tags.village(new.village),
            bookTag: try await bookTag(book), dataKey: wrapped, sealed: try sealBook(book, new.id, key), isOpen: true,
            version: 1, openedAt: change.now)
        try await households.insert(row, request: request, in: connection)
        try await writePlace(
            OpenHousehold(row: row, household: new, key: key, places: []), place, change, in: connection)
        try await note("opened", new.id, nil, change, actor, ["number": .string(new.number.text)], in: connection)
        return new
    }

    /// Ends the present place on the day of the change and begins another; `nil` begins none.
    private func writePlace(
        _ open: OpenHousehold, _ place: (village: PlaceCode, address: String?)?, _ change: HouseholdChange,
        in connection: any SQLConnection
    ) async throws {
        var next = Int64(open.places.count) + 1
        func write(_ version: PlaceVersion) async throws {
            let sealed = try open.key.seal(JSON.bytes(version.json), context: Self.sealing(open.row.id, "place"))
            try await households.insert(
                HouseholdPlaceRow(sequence: next, recordedAt: change.now, recordedTo: nil, sealed: sealed),
                of: open.row.id, in: connection)
            next += 1
        }
        for (row, version) in open.places where row.recordedTo == nil && version.validTo == nil {
            try await households.endPlace(row.sequence, of: open.row.id, at: change.now, in: connection)
            // A closed household keeps its last place, be it for no day.
            guard version.validFrom < change.day || place == nil else { continue }
            var ended = version
            ended.validTo = change.day
            try await write(ended)
        }
        if let place {
            try await write(
                PlaceVersion(
                    village: place.village, address: place.address, validFrom: change.day, validTo: nil,
                    source: change.source))
        }
    }

    // MARK: Sealing

    static func sealing(_ household: String, _ field: String) -> [UInt8] {
        Array("household|\(household)|\(field)".utf8)
    }

    private func sealBook(_ book: String?, _ id: String, _ key: DataKey) throws -> [UInt8] {
        try key.seal(Array((book ?? "").utf8), context: Self.sealing(id, "book"))
    }

    private func bookTag(_ book: String?) async throws -> [UInt8]? {
        guard let book else { return nil }
        return try await tags.book(book)
    }

    private func request(_ step: HouseholdStep, _ content: [String?]) async throws -> HouseholdRequest? {
        guard let key = step.requestKey, !key.isEmpty else { return nil }
        let who =
            switch step.hand {
            case .officer(let officer): "officer|\(officer.id)"
            case .system(let id, _): "system|\(id)"
            }
        return HouseholdRequest(
            name: try await tags.request("household|\(who)|\(key)"),
            content: try await tags.content(content.map { $0 ?? "" }.joined(separator: "\n")))
    }

    /// Writes the line of the household's history, with its ground sealed, and the audit entry.
    func note(
        _ action: String, _ id: String, _ person: PersonID?, _ change: HouseholdChange, _ actor: Actor,
        _ more: JSONObject = [:], in connection: any SQLConnection
    ) async throws {
        var details = more
        details["day"] = .string(change.day.description)
        details["source"] = .string(change.source.kind)
        if let person { details["person"] = .string(person.text) }
        if let row = try await households.household(id, in: connection) {
            let key = try await envelope.dataKey(row.dataKey)
            let line = HouseholdChangeRow(
                id: ambient.newID(), action: action, person: person, day: change.day, recordedAt: change.now,
                sealed: try key.seal(Array(change.source.reference.utf8), context: Self.sealing(id, "change")))
            try await households.insert(line, of: id, in: connection)
        }
        try await audit.record(
            action: "household." + action, actor: actor, subject: id, details: details, in: connection)
    }
}
