import Accountability
import Codecs
import HTTPTypes
import Hummingbird
import Kernel
import PopulationRegister
import Web

/// OSIA population registry under `/pr`: persons and their identities, read. A person comes into the register by civil
/// registration or an officer's enrolment and changes by cases alone, so what writes is refused, each with its reason.
struct PopulationRoutes: Sendable {
    let api: CivilRegisterAPI

    /// The only identity of a person here, which is the reference: what the register says now.
    static let identity = "register"

    func add(to router: AppRouter) {
        let persons = "/pr/v1/persons", galleries = "/pr/v1/galleries"
        router.post("/pr/v1/persons", use: api.osia(by: .personRead, handle: find))
        router.get(Self.path(persons, "/{personId}"), use: api.osia(by: .personRead, handle: readPerson))
        router.get(
            Self.path(persons, "/{personId}/identities"), use: api.osia(by: .identityRead, handle: readIdentities))
        router.get(
            Self.path(persons, "/{personId}/identities/{identityId}"),
            use: api.osia(by: .identityRead, handle: readIdentity))
        router.get(
            Self.path(persons, "/{personId}/reference"), use: api.osia(by: .referenceRead, handle: readReference))
        router.get("/pr/v1/galleries", use: api.osia(by: .galleryRead, handle: readGalleries))
        router.get(Self.path(galleries, "/{galleryId}"), use: api.osia(by: .galleryRead, handle: readGalleryContent))
        for refusal in OSIARefusal.all {
            router.on(
                RouterPath(refusal.path), method: refusal.method,
                use: api.osia(by: refusal.scope) { _, request, _ in
                    _ = try OSIATransaction.require(request)
                    throw refusal.error
                })
        }
    }

    private static func path(_ parts: String...) -> RouterPath { RouterPath(parts.joined()) }

    // MARK: Persons

    /// `findPersons`: whoever fits all expressions certainly. What leads to them is as in data access.
    private func find(_ client: RegisterClient, _ request: Request, _ context: AppContext) async throws -> Response {
        let query = try QueryParameters.read(request)
        guard client.attributes.contains(.kidc) else { throw RumdulError.apiNotGranted }
        let value = try await JSONBody.read(request, context: context, limit: 16 << 10)
        let wish = try PersonSearch(query, value, client)
        if let identifier = wish.identifier {
            try await api.guesses.take(client.id, identifier.digits, in: api.database)
        } else {
            try await api.guesses.take(client.id, in: api.database)
        }
        // The register has no galleries, so nobody is in the one that was named.
        guard !wish.hasGallery else { return Self.response([]) }
        let disclosure = client.request(service: "osia.findPersons", traceID: context.traceID, attributes: [.kidc])
        let found = try await api.database.transaction { connection in
            var found: [JSONValue] = []
            let persons: [PersonID]
            if let identifier = wish.identifier {
                persons = try await api.people.persons(
                    identifier, matching: wish.claims, as: disclosure, in: connection)
            } else {
                persons = try await api.people.persons(
                    named: wish.fullNames, phone: wish.phone, matching: wish.claims, in: connection)
            }
            for person in persons.dropFirst(wish.offset).prefix(wish.limit) {
                var request = disclosure
                request.subject = person
                guard let code = try await api.people.read(request, in: connection)[.kidc] else { continue }
                var item: JSONObject = ["personId": code]
                if !wish.isGrouped { item["identityId"] = .string(Self.identity) }
                found.append(.object(item))
            }
            return found
        }
        if !found.isEmpty { try await api.guesses.hit(client.id, in: api.database) }
        return Self.response(.array(found))
    }

    /// `readPerson`: that the record stands, and whether the person lives.
    private func readPerson(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        guard client.attributes.contains(.alive) else { throw RumdulError.apiNotGranted }
        let (code, told, life) = try await told(
            "osia.readPerson", [.alive], client, request, context)
        // Who is missing may live; who was declared dead by a court counts as dead until the court says otherwise.
        let isAlive = told[.alive]?.boolValue ?? (life != .presumedDead)
        return Self.response([
            "personId": .string(code.digits), "status": "ACTIVE", "physicalStatus": isAlive ? "ALIVE" : "DEAD",
        ])
    }

    // MARK: Identities

    private func readIdentities(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        Self.response([try await identity("osia.readIdentities", client, request, context)])
    }

    private func readIdentity(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        // Another identifier is nobody's, whoever the person is: nothing is looked up.
        guard try context.pathParameter("identityId") == Self.identity else {
            _ = try OSIATransaction.require(request)
            throw RumdulError.osiaIdentityUnknown
        }
        return Self.response(try await identity("osia.readIdentity", client, request, context))
    }

    private func readReference(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        Self.response(try await identity("osia.readReference", client, request, context))
    }

    /// `Identity` with the biographic data that the operator lets the system read.
    private func identity(
        _ service: String, _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> JSONValue {
        let allowed = OSIAAttribute.all.filter(client.may)
        guard !allowed.isEmpty else { throw RumdulError.apiNotGranted }
        let (_, told, _) = try await told(service, allowed.map(\.attribute), client, request, context)
        var data = JSONObject()
        for attribute in allowed { data[attribute.name] = told[attribute.attribute].flatMap(attribute.osia) }
        return [
            "identityId": .string(Self.identity), "identityType": "POPULATION_REGISTER", "status": "VALID",
            "biographicData": .object(data),
        ]
    }

    /// One person by the code in the path, through the limits and the gate.
    private func told(
        _ service: String, _ attributes: [AttributeName], _ client: RegisterClient, _ request: Request,
        _ context: AppContext
    ) async throws -> (code: KIDC, DisclosedAttributes, LifeState) {
        _ = try OSIATransaction.require(request)
        guard let code = try? KIDC(entered: try context.pathParameter("personId")), code.range == api.people.codes
        else { throw RumdulError.personNotFound }
        try await api.guesses.take(client.id, code.digits, in: api.database)
        let disclosure = client.request(service: service, traceID: context.traceID, attributes: attributes)
        let (told, life) = try await api.database.transaction { connection in
            guard let person = try await api.people.usable(.code(code), in: connection),
                let state = try await api.people.state(of: person, in: connection)
            else { throw RumdulError.personNotFound }
            var request = disclosure
            request.subject = person
            return (try await api.people.read(request, in: connection), state.life)
        }
        try await api.guesses.hit(client.id, in: api.database)
        return (code, told, life)
    }

    // MARK: Galleries

    private func readGalleries(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        _ = try OSIATransaction.require(request)
        return Self.response([])
    }

    private func readGalleryContent(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        _ = try OSIATransaction.require(request)
        throw RumdulError.osiaGalleryUnknown
    }

    private static func response(_ value: JSONValue) -> Response {
        JSONResponse(value, headers: [.cacheControl: "no-store"]).response.logged(outcome: "person.answered")
    }
}

/// An operation that writes past the law, with why it is refused.
struct OSIARefusal: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let scope: RegisterScope
    let error: RumdulError

    private init(_ method: HTTPRequest.Method, _ rest: String, _ scope: RegisterScope, _ error: RumdulError) {
        self.method = method
        path = "/pr/v1/persons/{personId}" + rest
        self.scope = scope
        self.error = error
    }

    static let all = [
        OSIARefusal(.post, "", .personWrite, .osiaPersonEntered),
        OSIARefusal(.put, "", .personWrite, .osiaPersonChanged),
        OSIARefusal(.delete, "", .personWrite, .osiaPersonKept),
        OSIARefusal(.post, "/merge/{personIdSource}", .personWrite, .osiaPersonMerged),
        OSIARefusal(.post, "/identities", .identityWrite, .osiaPersonChanged),
        OSIARefusal(.post, "/identities/{identityId}", .identityWrite, .osiaPersonChanged),
        OSIARefusal(.put, "/identities/{identityId}", .identityWrite, .osiaPersonChanged),
        OSIARefusal(.patch, "/identities/{identityId}", .identityWrite, .osiaPersonChanged),
        OSIARefusal(.delete, "/identities/{identityId}", .identityWrite, .osiaPersonKept),
        OSIARefusal(.post, "/move/{personIdSource}/identities/{identityId}", .identityWrite, .osiaPersonMerged),
        OSIARefusal(.put, "/identities/{identityId}/status", .identityWrite, .osiaPersonChanged),
        OSIARefusal(.put, "/identities/{identityId}/reference", .referenceWrite, .osiaPersonChanged),
    ]
}

/// The parameters and expressions of `findPersons`.
struct PersonSearch: Sendable {
    var claims = PersonClaims()
    var identifier: PersonIdentifier?
    var phone: String?
    let isGrouped: Bool
    let hasGallery: Bool
    let offset: Int
    let limit: Int

    init(_ query: FormFields, _ value: JSONValue, _ client: RegisterClient) throws {
        guard let transaction = query[OSIATransaction.name] else {
            throw RumdulError.missingParameter(OSIATransaction.name)
        }
        guard (1...200).contains(transaction.utf8.count) else {
            throw RumdulError.apiBody(OSIATransaction.name, km: "ត្រូវជាអត្ថបទខ្លី", en: "A text of 1 to 200 bytes.")
        }
        isGrouped = try Self.truth(query["group"], "group")
        _ = try Self.truth(query["reference"], "reference")
        hasGallery = query["gallery"].map { !$0.isEmpty } ?? false
        offset = try PersonQueryParameters.number(query["offset"], "offset", 0...1_000) ?? 0
        limit = try PersonQueryParameters.number(query["limit"], "limit", 1...100) ?? 100
        guard case .array(let list) = value, (1...20).contains(list.count) else {
            throw RumdulError.apiBody("expressions", km: "ត្រូវជាបញ្ជី", en: "A list of one to twenty expressions.")
        }
        for item in list {
            let name = item["attributeName"]?.stringValue
            if let name, ["uin", "phoneNumber"].contains(name) {
                guard item["operator"] == "=", let text = item["value"]?.stringValue, text.utf8.count <= 100 else {
                    throw RumdulError.apiBody(name, km: "ត្រូវប្រើ =", en: "Use = with a text.")
                }
                if name == "uin" { identifier = .code(try KIDC(entered: text)) } else { phone = text }
            } else {
                try DataAccessRoutes.expression(item, client, into: &claims)
            }
        }
    }

    private static func truth(_ text: String?, _ name: String) throws -> Bool {
        guard let text else { return false }
        guard let value = ["true": true, "false": false][text] else {
            throw RumdulError.apiBody(name, km: "ត្រូវជា true ឬ false", en: "true or false.")
        }
        return value
    }

    /// Full names in either script, as far as they are claimed.
    var fullNames: [String] {
        [(PersonClaims.Field.familyNameKhmer, PersonClaims.Field.givenNameKhmer), (.familyName, .givenName)].compactMap
        {
            let full = [claims.nameParts[$0.0], claims.nameParts[$0.1]].compactMap(\.self).joined(separator: " ")
            return full.isEmpty ? nil : full
        }
    }
}
