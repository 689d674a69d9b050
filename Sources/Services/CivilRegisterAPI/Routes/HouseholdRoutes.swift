import Accountability
import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import PopulationRegister
import ReferenceData
import Web

/// Households for systems: `/pr/v1/households/...`, within the places that a system deals with.
struct HouseholdRoutes: Sendable {
    let api: CivilRegisterAPI

    /// What may stand beside a member's relation, each only if the operator granted it.
    private static let shown: [AttributeName] = [.kidc, .nameKhmer, .nameLatin, .gender, .birthdate]

    func add(to router: AppRouter) {
        router.post("/pr/v1/households/search", use: api.guarded(by: .householdRead, search))
        router.post("/pr/v1/households", use: api.guarded(by: .householdWrite, open))
        router.get("/pr/v1/households/{id}", use: api.guarded(by: .householdRead, show))
        router.post("/pr/v1/households/{id}/changes", use: api.guarded(by: .householdWrite, change))
    }

    private func search(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let body = try HouseholdBody(
            try await JSONBody.object(request, context: context, limit: 16 << 10), ["number", "book", "code", "case"])
        let code = try body.code("code")
        if let code {
            try await api.guesses.take(client.id, code.digits, in: api.database)
        } else {
            try await api.guesses.take(client.id, in: api.database)
        }
        let query: HouseholdQuery
        switch (code, try body.text("number"), try body.text("book")) {
        case (let code?, nil, nil):
            guard
                let person = try await api.database.transaction({ connection in
                    try await api.people.usable(code, in: connection)
                })
            else { throw RumdulError.householdNotFound }
            query = .person(person)
        case (nil, let number?, nil):
            guard let number = HouseholdNumber(number) else { throw RumdulError.householdNotFound }
            query = .number(number)
        case (nil, nil, let book?): query = .book(book)
        default:
            throw RumdulError.apiBody(
                "number", km: "ត្រូវមានមួយក្នុងចំណោម number book code", en: "Send one of number, book, code.")
        }
        let disclosure = client.request(
            service: "pr.households.search", traceID: context.traceID, caseReference: try body.text("case"))
        guard let id = try await api.people.findHousehold(query, by: client.hand, as: disclosure) else {
            throw RumdulError.householdNotFound
        }
        try await api.guesses.hit(client.id, in: api.database)
        return JSONResponse(["id": .string(id)], headers: [.cacheControl: "no-store"]).response
            .logged(outcome: "household.found")
    }

    private func show(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        try await api.guesses.take(client.id, in: api.database)
        let query = try QueryParameters.read(request)
        func day(_ name: String) throws -> CalendarDate? {
            guard let text = query[name] else { return nil }
            guard let day = CalendarDate(iso: text) else {
                throw RumdulError.apiBody(name, km: "ត្រូវជា YYYY-MM-DD", en: "YYYY-MM-DD.")
            }
            return day
        }
        let known = try query["known_at"].map { text in
            guard let moment = Self.moment(text) else {
                throw RumdulError.apiBody("known_at", km: "ត្រូវជាពេលវេលា UTC ដែលមាន Z", en: "RFC 3339 in UTC, with Z.")
            }
            return moment
        }
        let wish = client.request(
            service: "pr.household", traceID: context.traceID,
            attributes: Self.shown.filter { client.attributes.contains($0) } + [.household])
        let opened = try await api.people.household(
            try context.pathParameter("id"), on: try day("on"), knownAt: known, by: client.hand, as: wish)
        try await api.guesses.hit(client.id, in: api.database)
        return JSONResponse(
            Self.json(opened),
            headers: [.eTag: RecordRoutes.tag(opened.household.version), .cacheControl: "no-store"]
        ).response.logged(outcome: "household.read")
    }

    private func open(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let key = try IdempotencyHeader.require(request)
        let body = try HouseholdBody(
            try await JSONBody.object(request, context: context, limit: 64 << 10),
            ["village", "address", "book", "day", "reference", "members"])
        let place = HouseholdPlace(village: try body.needed("village"), address: try body.text("address"))
        var members: [(person: PersonID, relation: HouseholdRelation)] = []
        for item in try body.members() {
            members.append((try await person(item.code, client), item.relation))
        }
        let step = try body.step(client, key: key)
        let opened = try await placed {
            try await api.people.openHousehold(
                at: place, book: try body.text("book"), members: members, by: step)
        }
        return JSONResponse(
            Self.receipt(opened.id, opened.version, opened.number), status: .created,
            headers: [.location: "/pr/v1/households/\(opened.id)", .cacheControl: "no-store"]
        ).response.logged(outcome: "household.opened")
    }

    private func change(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        try await api.guesses.take(client.id, in: api.database)
        let id = try context.pathParameter("id")
        let body = try HouseholdBody(
            try await JSONBody.object(request, context: context, limit: 64 << 10),
            [
                "change", "version", "day", "reference", "code", "relation", "members", "village", "address", "book",
            ])
        guard let what = Change(rawValue: try body.needed("change")) else {
            throw RumdulError.apiBody(
                "change", km: "មិនស្គាល់", en: Change.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        let step = try body.step(client, key: nil)
        guard step.expected != nil else {
            throw RumdulError.apiBody("version", km: "ត្រូវមាន", en: "The version that was read is needed.")
        }
        let changed = try await placed { try await apply(what, to: id, body, step, client) }
        try await api.guesses.hit(client.id, in: api.database)
        let now = try await api.people.householdVersion(changed, by: client.hand)
        return JSONResponse(
            Self.receipt(changed, now?.version, now?.number), headers: [.cacheControl: "no-store"]
        ).response.logged(outcome: "household.\(what.rawValue)")
    }

    /// What can be changed.
    enum Change: String, CaseIterable {
        case add, remove, relation, head, move, split, book, close
    }

    /// Which household the answer is about: the new one after a split.
    private func apply(
        _ what: Change, to id: String, _ body: HouseholdBody, _ step: HouseholdStep, _ client: RegisterClient
    ) async throws -> String {
        let people = api.people
        func somebody() async throws -> PersonID { try await person(try body.neededCode("code"), client) }
        switch what {
        case .add: try await people.addMember(try await somebody(), as: try body.relation(), to: id, by: step)
        case .remove: try await people.removeMember(try await somebody(), from: id, by: step)
        case .relation:
            try await people.setRelation(try body.relation(), of: try await somebody(), in: id, by: step)
        case .head: try await people.setHead(try await somebody(), of: id, by: step)
        case .move: try await people.moveHousehold(id, to: try body.place(), by: step)
        case .book: try await people.setBook(try body.text("book"), of: id, by: step)
        case .close: try await people.closeHousehold(id, by: step)
        case .split:
            var leaving: [PersonID] = []
            var head: PersonID?
            for item in try body.members() {
                let person = try await person(item.code, client)
                leaving.append(person)
                if item.relation == .head { head = person }
            }
            guard let head else {
                throw RumdulError.apiBody("members", km: "ត្រូវមានមេគ្រួសារម្នាក់", en: "One of them becomes the head.")
            }
            return try await people.splitHousehold(
                id, members: leaving, head: head, at: try body.place(), book: try body.text("book"), by: step
            ).id
        }
        return id
    }

    // MARK: Within

    /// The person of a code; who is not there is not told from who was merged or erased.
    private func person(_ code: PersonIdentifier, _ client: RegisterClient) async throws -> PersonID {
        try await api.guesses.take(client.id, code.digits, in: api.database)
        let found = try await api.database.transaction { connection in
            try await api.people.usable(code, in: connection)
        }
        guard let found else { throw RumdulError.personNotFound }
        try await api.guesses.hit(client.id, in: api.database)
        return found
    }

    private func placed<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as RumdulError where error == .officerForbidden { throw RumdulError.apiArea }
    }

    private static func receipt(_ id: String, _ version: Int64?, _ number: HouseholdNumber?) -> JSONValue {
        var json: JSONObject = ["id": .string(id)]
        json["number"] = number.map { .string($0.text) }
        json["version"] = version.map { .integer($0) }
        return .object(json)
    }

    static func json(_ opened: OpenedHousehold) -> JSONValue {
        let household = opened.household
        var json: JSONObject = [
            "id": .string(household.id), "number": .string(household.number.text),
            "version": .integer(household.version), "open": .bool(household.isOpen),
            "village": .string(household.village.text), "since": .string(household.since.description),
            "needs_head": .bool(opened.needsHead), "members": .array(opened.members.map(json)),
        ]
        json["address"] = household.address.map { .string($0) }
        json["book"] = household.book.map { .string($0) }
        return .object(json)
    }

    private static func json(_ member: HouseholdMember) -> JSONValue {
        var json: JSONObject = [
            "relation": .string(member.membership.relation.rawValue), "since": .string(member.since.description),
        ]
        for name in shown { if let value = member.attributes?[name] { json[name.rawValue] = value } }
        return .object(json)
    }

    /// RFC 3339 in UTC with whole seconds.
    static func moment(_ text: String) -> Instant? {
        guard text.utf8.count == 20, text.hasSuffix("Z"), let day = CalendarDate(iso: text.prefix(10)) else {
            return nil
        }
        let time = text.dropFirst(11).dropLast().split(separator: ":").compactMap { part -> Int64? in
            part.utf8.count == 2 && part.utf8.allSatisfy { (48...57).contains($0) } ? Int64(part) : nil
        }
        guard time.count == 3, time[0] < 24, time[1] < 60, time[2] < 60 else { return nil }
        let moment = Instant(
            seconds: Int64(day.daysSinceEpoch) * 86_400 + time[0] * 3_600 + time[1] * 60 + time[2])
        return moment.rfc3339 == text ? moment : nil
    }
}

extension RegisterClient {
    /// The system as who works on the register.
    var hand: RegisterHand { .system(id: id, areas: areas) }
}

/// The members of a body about a household, each checked when it is asked for.
struct HouseholdBody: Sendable {
    private let object: JSONObject

    init(_ object: JSONObject, _ known: [String]) throws {
        for name in object.names where !known.contains(name) {
            throw RumdulError.apiBody(name, km: "មិនស្គាល់", en: "There is no such member.")
        }
        self.object = object
    }

    func text(_ name: String) throws -> String? {
        guard object.has(name) else { return nil }
        guard let text = object.string(name), (1...1_024).contains(text.utf8.count) else {
            throw RumdulError.apiBody(name, km: "ត្រូវជាអត្ថបទ", en: "A text.")
        }
        return text
    }

    func needed(_ name: String) throws -> String {
        guard let text = try text(name) else { throw RumdulError.apiBody(name, km: "ត្រូវមាន", en: "It is needed.") }
        return text
    }

    func code(_ name: String) throws -> PersonIdentifier? {
        try text(name).map { try PersonIdentifier(entered: $0) }
    }

    func neededCode(_ name: String) throws -> PersonIdentifier { try PersonIdentifier(entered: try needed(name)) }

    func day(_ name: String) throws -> CalendarDate? {
        guard let text = try text(name) else { return nil }
        guard let day = CalendarDate(iso: text) else {
            throw RumdulError.apiBody(name, km: "ត្រូវជា YYYY-MM-DD", en: "YYYY-MM-DD.")
        }
        return day
    }

    func relation() throws -> HouseholdRelation { try Self.relation(try needed("relation")) }

    func place() throws -> HouseholdPlace {
        HouseholdPlace(village: try needed("village"), address: try text("address"))
    }

    func members() throws -> [(code: PersonIdentifier, relation: HouseholdRelation)] {
        guard let items = object.array("members"), (1...200).contains(items.count) else {
            throw RumdulError.apiBody(
                "members", km: "បញ្ជី {code, relation}", en: "A list of 1 to 200 {\"code\", \"relation\"}.")
        }
        return try items.map { item in
            guard let member = item.objectValue else {
                throw RumdulError.apiBody("members", km: "បញ្ជី {code, relation}", en: "{\"code\", \"relation\"}.")
            }
            let inner = try HouseholdBody(member, ["code", "relation"])
            return (try inner.neededCode("code"), try inner.relation())
        }
    }

    func step(_ client: RegisterClient, key: String?) throws -> HouseholdStep {
        var version: Int64?
        if object.has("version") {
            guard let number = object.integer("version"), number >= 1 else {
                throw RumdulError.apiBody("version", km: "ត្រូវជាលេខ", en: "A number from 1.")
            }
            version = number
        }
        return HouseholdStep(
            client.hand, from: try day("day"), reference: try needed("reference"), expected: version, requestKey: key)
    }

    private static func relation(_ text: String) throws -> HouseholdRelation {
        guard let relation = HouseholdRelation(rawValue: text) else {
            throw RumdulError.apiBody(
                "relation", km: "មិនស្គាល់", en: HouseholdRelation.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return relation
    }
}
