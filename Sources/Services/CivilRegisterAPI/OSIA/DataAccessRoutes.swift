import Accountability
import Codecs
import Hummingbird
import Kernel
import PopulationRegister
import Web

/// OSIA data access 1.3.0: `queryPersonList`, `readPersonAttributes`, `matchPersonAttributes`, `verifyPersonAttributes`.
/// The operator's list of attributes bounds what is answered, and every person who is answered about sees it.
struct DataAccessRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.get("/v1/persons", use: api.osia(by: .personRead, .civilPersonRead, handle: query))
        router.get("/v1/persons/{uin}", use: api.osia(by: .personRead, .civilPersonRead, handle: read))
        router.post("/v1/persons/{uin}/match", use: api.osia(by: .personMatch, .civilPersonMatch, handle: match))
        router.post("/v1/persons/{uin}/verify", use: api.osia(by: .personVerify, .civilPersonVerify, handle: verify))
    }

    // MARK: Reading

    private func query(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = try PersonQueryParameters(try QueryParameters.read(request, repeatable: ["names"]))
        let wanted = query.names.isEmpty ? ["uin"] : query.names
        let allowed = try Self.allowed(wanted, client)
        if let identifier = query.identifier {
            try await api.guesses.take(client.id, identifier.digits, in: api.database)
        } else {
            try await api.guesses.take(client.id, in: api.database)
        }
        let disclosure = client.request(
            service: "osia.queryPersonList", traceID: context.traceID, attributes: allowed.map(\.attribute))
        let found = try await api.database.transaction { connection in
            var found: [JSONValue] = []
            let persons: [PersonID]
            if let identifier = query.identifier {
                persons = try await api.people.persons(
                    identifier, matching: query.claims, as: disclosure, in: connection)
            } else {
                persons = try await api.people.persons(
                    named: query.fullNames, phone: query.phone, matching: query.claims, in: connection)
            }
            for person in persons.dropFirst(query.offset).prefix(query.limit) {
                var request = disclosure
                request.subject = person
                let told = try await api.people.read(request, in: connection)
                found.append(query.names.isEmpty ? told[.kidc] ?? .null : Self.answer(wanted, allowed, told))
            }
            return found
        }
        guard !found.isEmpty else { throw RumdulError.personNotFound }
        try await api.guesses.hit(client.id, in: api.database)
        return Self.response(.array(found))
    }

    private func read(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = try QueryParameters.read(request, repeatable: ["attributeNames"])
        let wanted = try Self.names(query, "attributeNames")
        guard !wanted.isEmpty else { throw RumdulError.missingParameter("attributeNames") }
        let allowed = try Self.allowed(wanted, client)
        let identifier = try await taken(client, context)
        let disclosure = client.request(
            service: "osia.readPersonAttributes", traceID: context.traceID, attributes: allowed.map(\.attribute))
        let told = try await api.database.transaction { connection in
            guard let person = try await api.people.usable(identifier, in: connection) else {
                throw RumdulError.personNotFound
            }
            var request = disclosure
            request.subject = person
            return try await api.people.read(request, in: connection)
        }
        try await api.guesses.hit(client.id, in: api.database)
        return Self.response(Self.answer(wanted, allowed, told))
    }

    // MARK: Comparing

    /// What does not match: 0 for an attribute that is unknown, kept from this system or not known to the register, 1 for
    /// another value. An empty list when everything matches.
    private func match(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let object = try await JSONBody.object(request, context: context, limit: 16 << 10)
        guard (1...OSIAAttribute.all.count).contains(object.count) else {
            throw RumdulError.apiBody("attributes", km: "ត្រូវមានយ៉ាងហោចណាស់មួយ", en: "Send at least one attribute.")
        }
        var claims = PersonClaims()
        var asked: [(name: String, field: PersonClaims.Field?)] = []
        for member in object.members {
            guard let attribute = OSIAAttribute.named(member.name), let field = attribute.field, client.may(attribute)
            else {
                asked.append((member.name, nil))
                continue
            }
            try attribute.claim(member.value, in: &claims)
            asked.append((member.name, field))
        }
        guard !claims.fields.isEmpty else { throw RumdulError.apiNotGranted }
        let verdicts = try await compared(claims, "osia.matchPersonAttributes", client, context)
        let errors: [JSONValue] = asked.compactMap { name, field in
            let verdict = field.flatMap { verdicts[$0] } ?? .notKnown
            guard verdict != .match else { return nil }
            return ["attributeName": .string(name), "errorCode": verdict == .noMatch ? 1 : 0]
        }
        return Self.response(.array(errors))
    }

    /// Whether all expressions are certainly true.
    private func verify(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let value = try await JSONBody.read(request, context: context, limit: 16 << 10)
        guard case .array(let list) = value, (1...20).contains(list.count) else {
            throw RumdulError.apiBody("expressions", km: "ត្រូវជាបញ្ជី", en: "A list of one to twenty expressions.")
        }
        var claims = PersonClaims()
        for item in list { try Self.expression(item, client, into: &claims) }
        let verdicts = try await compared(claims, "osia.verifyPersonAttributes", client, context)
        return Self.response(.bool(claims.fields.allSatisfy { verdicts[$0] == .match }))
    }

    /// `{"attributeName": "dateOfBirth", "operator": "<", "value": "1990-12-31"}`.
    static func expression(_ item: JSONValue, _ client: RegisterClient, into claims: inout PersonClaims) throws {
        guard let name = item["attributeName"]?.stringValue, let sign = item["operator"]?.stringValue,
            let value = item["value"]
        else {
            throw RumdulError.apiBody(
                "expressions", km: "ត្រូវមាន attributeName operator និង value",
                en: "Each has attributeName, operator and value.")
        }
        guard let attribute = OSIAAttribute.named(name), let field = attribute.field else {
            throw RumdulError.apiBody("attributeName", km: "មិនស្គាល់", en: "There is no such attribute to compare.")
        }
        guard client.may(attribute) else { throw RumdulError.apiNotGranted }
        if sign == "=" {
            guard !claims.fields.contains(field) || field == .birthdate && claims.birthdate == nil else {
                throw RumdulError.apiBody(name, km: "មានពីរដង", en: "One value for each attribute.")
            }
            return try attribute.claim(value, in: &claims)
        }
        guard field == .birthdate, let order = PersonClaims.BirthBound.Order(rawValue: sign),
            let date = value.stringValue.flatMap({ PartialDate(iso: $0) })
        else {
            throw RumdulError.apiBody(
                name, km: "ប្រមាណវិធីនេះប្រើបានតែជាមួយថ្ងៃខែឆ្នាំកំណើត", en: "Only dates of birth have an order.")
        }
        claims.birthBounds.append(PersonClaims.BirthBound(order, date))
    }

    private func compared(
        _ claims: PersonClaims, _ service: String, _ client: RegisterClient, _ context: AppContext
    ) async throws -> [PersonClaims.Field: ClaimVerdict] {
        let identifier = try await taken(client, context)
        let disclosure = client.request(service: service, traceID: context.traceID)
        let verdicts = try await api.database.transaction { connection in
            guard let person = try await api.people.usable(identifier, in: connection) else {
                throw RumdulError.personNotFound
            }
            return try await api.people.compare(claims, with: person, as: disclosure, in: connection)
        }
        if verdicts.values.contains(.match) { try await api.guesses.hit(client.id, in: api.database) }
        return verdicts
    }

    // MARK: Parts

    /// The code in the path, after the limits were asked. What is no code is no person.
    private func taken(_ client: RegisterClient, _ context: AppContext) async throws -> PersonIdentifier {
        guard let code = try? KIDC(entered: try context.pathParameter("uin")), code.range == api.people.codes else {
            throw RumdulError.personNotFound
        }
        try await api.guesses.take(client.id, code.digits, in: api.database)
        return .code(code)
    }

    static func names(_ query: FormFields, _ name: String) throws -> [String] {
        let names = query.all.filter { $0.name == name }.map(\.value)
        guard names.count <= 20, names.allSatisfy({ (1...100).contains($0.utf8.count) }) else {
            throw RumdulError.apiBody(name, km: "មិនត្រឹមត្រូវ", en: "At most twenty names of attributes.")
        }
        return names.reduce(into: []) { known, name in if !known.contains(name) { known.append(name) } }
    }

    /// Those of the wanted attributes that the operator lets the system read. Throws `api.not_granted` when it is none:
    /// then nobody is looked for.
    private static func allowed(_ wanted: [String], _ client: RegisterClient) throws -> [OSIAAttribute] {
        let allowed = wanted.compactMap(OSIAAttribute.named).filter(client.may)
        guard !allowed.isEmpty else { throw RumdulError.apiNotGranted }
        return allowed
    }

    private static func answer(
        _ wanted: [String], _ allowed: [OSIAAttribute], _ told: DisclosedAttributes
    ) -> JSONValue {
        .object(
            JSONObject(
                wanted.map { name in
                    guard let attribute = OSIAAttribute.named(name) else {
                        return (name, OSIAError.json(OSIAError.unknownAttribute, "Unknown attribute name"))
                    }
                    guard allowed.contains(where: { $0.name == name }) else {
                        return (name, OSIAError.json(OSIAError.forbiddenAttribute, "Forbidden attribute"))
                    }
                    return (
                        name,
                        told[attribute.attribute].flatMap(attribute.osia)
                            ?? OSIAError.json(OSIAError.noValue, "No value")
                    )
                }))
    }

    private static func response(_ value: JSONValue) -> Response {
        JSONResponse(value, headers: [.cacheControl: "no-store"]).response.logged(outcome: "person.answered")
    }
}

/// The parameters of `queryPersonList`: attributes by their names, and `names`, `offset`, `limit`.
struct PersonQueryParameters {
    var claims = PersonClaims()
    var identifier: PersonIdentifier?
    var phone: String?
    var fullNames: [String] = []
    let names: [String]
    let offset: Int
    let limit: Int

    init(_ fields: FormFields) throws {
        names = try DataAccessRoutes.names(fields, "names")
        offset = try Self.number(fields["offset"], "offset", 0...1_000) ?? 0
        limit = try Self.number(fields["limit"], "limit", 1...100) ?? 100
        for field in fields.all where !["names", "offset", "limit"].contains(field.name) {
            switch field.name {
            case "uin": identifier = (try? KIDC(entered: field.value)).map { .code($0) }
            case "phoneNumber": phone = field.value
            default:
                guard let attribute = OSIAAttribute.named(field.name) else {
                    throw RumdulError.apiBody(field.name, km: "មិនស្គាល់", en: "There is no such attribute.")
                }
                try attribute.claim(.string(field.value), in: &claims)
            }
        }
        if fields["uin"] != nil, identifier == nil { throw RumdulError.personNotFound }
        let parts = claims.nameParts
        for (family, given) in [
            (PersonClaims.Field.familyNameKhmer, PersonClaims.Field.givenNameKhmer), (.familyName, .givenName),
        ] {
            let full = [parts[family], parts[given]].compactMap(\.self).joined(separator: " ")
            if !full.isEmpty { fullNames.append(full) }
        }
    }

    static func number(_ text: String?, _ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw RumdulError.apiBody(
                name, km: "ត្រូវជាលេខ", en: "A number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}
