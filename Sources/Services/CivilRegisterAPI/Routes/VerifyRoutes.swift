import Accountability
import Codecs
import Hummingbird
import Kernel
import KhmerText
import PopulationRegister
import ReferenceData
import Web

/// Yes or no about a person, field by field: `POST /ids/v1/verify`. No answer holds data.
struct VerifyRoutes: Sendable {
    let api: CivilRegisterAPI

    func add(to router: AppRouter) {
        router.post("/ids/v1/verify", use: api.guarded(by: .verify, verify))
    }

    private func verify(
        _ client: RegisterClient, _ request: Request, _ context: AppContext
    ) async throws -> Response {
        let body = try VerifyBody(try await JSONBody.object(request, context: context, limit: 16 << 10))
        try await api.guesses.take(client.id, body.identifier.digits, in: api.database)
        let disclosure = client.request(service: "ids.verify", traceID: context.traceID, caseReference: body.reference)
        let verification = try await api.database.transaction { connection in
            try await api.people.verify(body.identifier, body.claims, as: disclosure, in: connection)
        }
        if verification.isAnchored { try await api.guesses.hit(client.id, in: api.database) }
        let fields = body.claims.fields.map { field in
            (field.rawValue, JSONValue.string((verification.verdicts[field] ?? .noMatch).rawValue))
        }
        return JSONResponse(["fields": .object(JSONObject(fields))], headers: [.cacheControl: "no-store"])
            .response.logged(outcome: "person.verified")
    }
}

extension RegisterClient {
    /// What stands in the journal of a person whom this system asks about; the subject and what was asked are filled in
    /// by the register.
    func request(
        service: String, traceID: String, caseReference: String? = nil, attributes: [AttributeName] = []
    ) -> DisclosureRequest {
        DisclosureRequest(
            subject: PersonID(""), actor: .client(id), organisation: organisation, system: id, service: service,
            purpose: purpose, basis: .statute(basis), attributes: attributes, traceID: traceID,
            caseReference: caseReference)
    }
}

/// `{"code": "2345678901", "case": "A-17", "fields": {"name_latin": "SOK Dara", "birthdate": "1990-04-13"}}`.
struct VerifyBody {
    let identifier: PersonIdentifier
    let claims: PersonClaims
    /// The case or file at the organisation.
    let reference: String?

    init(_ object: JSONObject) throws {
        for name in object.names where !["code", "fields", "case"].contains(name) {
            throw RumdulError.apiBody(name, km: "មិនស្គាល់", en: "There is no such member.")
        }
        guard let code = object.string("code"), code.utf8.count <= 100 else {
            throw RumdulError.apiBody("code", km: "ត្រូវជាលេខកូដ", en: "An identification code or an alias.")
        }
        identifier = try PersonIdentifier(entered: code)
        if object.has("case") {
            guard let text = object.string("case"), (1...100).contains(text.utf8.count),
                let clean = try? TextInput.clean(text)
            else { throw RumdulError.apiBody("case", km: "ត្រូវជាអត្ថបទខ្លី", en: "A short text.") }
            reference = clean
        } else {
            reference = nil
        }
        guard let fields = object.object("fields"), (1...PersonClaims.Field.verifiable.count).contains(fields.count)
        else {
            throw RumdulError.apiBody("fields", km: "ត្រូវជា object", en: "An object of fields and their values.")
        }
        var claims = PersonClaims()
        for member in fields.members { try claims.set(member.name, member.value) }
        self.claims = claims
    }
}

extension PersonClaims {
    /// Takes one field as it was sent. Throws `api.body`.
    mutating func set(_ name: String, _ value: JSONValue) throws {
        switch Field(rawValue: name) {
        case .nameKhmer: nameKhmer = try Self.name(value, name)
        case .nameLatin: nameLatin = try Self.name(value, name)
        case .birthdate:
            guard let date = value.stringValue.flatMap({ PartialDate(iso: $0) }) else {
                throw RumdulError.apiBody(
                    name, km: "ត្រូវជាឆ្នាំ ឆ្នាំ-ខែ ឬឆ្នាំ-ខែ-ថ្ងៃ", en: "YYYY, YYYY-MM or YYYY-MM-DD.")
            }
            birthdate = date
        case .sex:
            guard let sex = value.stringValue.flatMap({ ["1": Sex.male, "2": .female][$0] }) else {
                throw RumdulError.apiBody(name, km: "ត្រូវជា ១ ឬ ២", en: "1 (male) or 2 (female).")
            }
            self.sex = sex
        case .birthplace: birthplace = try Self.place(value, name)
        case .residence: residence = try Self.place(value, name)
        case .alive:
            guard let truth = value.boolValue else {
                throw RumdulError.apiBody(name, km: "ត្រូវជា true ឬ false", en: "true or false.")
            }
            alive = truth
        case .familyNameKhmer, .givenNameKhmer, .familyName, .givenName, nil:
            throw RumdulError.apiBody(name, km: "មិនស្គាល់", en: "There is no such field.")
        }
    }

    private static func name(_ value: JSONValue, _ field: String) throws -> String {
        guard let text = value.stringValue, let name = try? TextInput.clean(text) else {
            throw RumdulError.apiBody(field, km: "ត្រូវជាឈ្មោះ", en: "A name of at most 100 characters.")
        }
        return name
    }

    private static func place(_ value: JSONValue, _ field: String) throws -> PlaceCode {
        guard let place = value.stringValue.flatMap({ PlaceCode($0) }) else {
            throw RumdulError.apiBody(field, km: "ត្រូវជាលេខកូដទីកន្លែង", en: "The code of a place, 2, 4, 6 or 8 digits.")
        }
        return place
    }
}
