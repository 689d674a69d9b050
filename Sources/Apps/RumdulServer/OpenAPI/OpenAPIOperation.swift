import Codecs

/// One method of one path.
struct OpenAPIOperation: Sendable {
    var method: String
    var path: String
    var id: String
    var tag: String
    var summary: String
    var parameters: [JSONValue] = []
    var body: JSONValue?
    /// Names of security schemes, of which one suffices; `""` for none.
    var security: [String] = []
    /// Scopes that the token must have, for schemes with scopes.
    var scopes: [String] = []
    var answers: [OpenAPIAnswer]

    var json: JSONValue {
        var responses = JSONObject()
        for answer in answers { responses[String(answer.status)] = answer.json }
        var object: JSONObject = [
            "operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary),
            "responses": .object(responses),
        ]
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        if let body { object["requestBody"] = body }
        let schemes: [JSONValue] = security.map { name in
            var requirement = JSONObject()
            if !name.isEmpty { requirement[name] = .strings(name == Self.registerToken ? scopes : []) }
            return .object(requirement)
        }
        if !schemes.isEmpty { object["security"] = .array(schemes) }
        return .object(object)
    }

    /// The ways in which clients prove themselves; those that travel in the form need no scheme.
    static let clientProofs = ["clientSecret", "clientCertificate", ""]

    static func form(_ schema: JSONValue, required: Bool = true) -> JSONValue {
        ["required": .bool(required), "content": ["application/x-www-form-urlencoded": ["schema": schema]]]
    }

    static func json(_ schema: JSONValue) -> JSONValue {
        ["required": true, "content": ["application/json": ["schema": schema]]]
    }

    static func parameter(_ name: String, in place: String, _ schema: JSONValue, required: Bool = false) -> JSONValue {
        ["name": .string(name), "in": .string(place), "required": .bool(required), "schema": schema]
    }

    /// RFC 9449, section 4.1.
    static let proof = parameter("DPoP", in: "header", ["type": "string"])
}

/// What an operation answers with one status.
struct OpenAPIAnswer: Sendable {
    var status: Int
    var description: String
    /// Media types with the names of their schemas.
    var content: [(type: String, schema: String)] = []

    var json: JSONValue {
        var types = JSONObject()
        for item in content { types[item.type] = ["schema": OpenAPISchema.reference(item.schema)] }
        var object: JSONObject = ["description": .string(description)]
        if !content.isEmpty { object["content"] = .object(types) }
        return .object(object)
    }

    static func json(_ status: Int, _ description: String, _ schema: String) -> OpenAPIAnswer {
        OpenAPIAnswer(status: status, description: description, content: [("application/json", schema)])
    }

    static func oauth(_ status: Int, _ description: String) -> OpenAPIAnswer { json(status, description, "OAuthError") }

    /// RFC 9457.
    static func problem(_ status: Int, _ description: String) -> OpenAPIAnswer {
        OpenAPIAnswer(status: status, description: description, content: [("application/problem+json", "Problem")])
    }

    static let tooMany = problem(429, "Too many requests; Retry-After says when to come back")
    static let unavailable = problem(503, "The database cannot be reached, or the system is busy")

    /// What every endpoint may answer that clients call with a form and their proof (RFC 6749, section 5.2).
    static let clientRefusals: [OpenAPIAnswer] = [
        oauth(400, "The request is refused; error says why"), oauth(401, "The client did not prove itself"),
        oauth(403, "The client may not do that"), oauth(413, "The form is too large"), tooMany, unavailable,
    ]

    /// What every endpoint may answer that takes JSON.
    static let bodyRefusals: [OpenAPIAnswer] = [
        problem(413, "The body is too large"), problem(415, "The body is not application/json"), tooMany, unavailable,
    ]
}
