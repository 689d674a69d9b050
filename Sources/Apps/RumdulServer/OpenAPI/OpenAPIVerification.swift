import CivilRegisterAPI
import Codecs
import PopulationRegister

/// Comparisons without data, and OSIA's interfaces.
extension OpenAPIOperation {
    static let verification = OpenAPIOperation(
        method: "post", path: "/ids/v1/verify", id: "verifyFacts", tag: "Verification",
        summary: "Compare facts with the register, yes or no for each; no answer holds data",
        parameters: [proof, purposeHeader], body: json(OpenAPISchema.reference("VerifyRequest")),
        security: [registerToken], scopes: scoped(.verify),
        answers: [
            .json(200, "A verdict for each field that was asked; the citizen sees the question", "VerifyAnswer")
        ] + registerRefusals + OpenAPIAnswer.bodyRefusals)

    static let transactionID = parameter(
        "transactionId", in: "query", ["type": "string", "minLength": 1, "maxLength": 200], required: true)

    static let uin = OpenAPIOperation(
        method: "post", path: "/v1/uin", id: "generateUIN", tag: "OSIA UIN management 1.2.0",
        summary: "Reserve a code for a person who is being registered; the same transaction gets the same code",
        parameters: [transactionID, proof, purposeHeader], body: json(OpenAPISchema.reference("OSIARegistering")),
        security: [registerToken], scopes: scoped(.generateUIN),
        answers: [.json(200, "UIN is generated", "OSIAUIN"), .osia(409, "The transaction was used for another person")]
            + OpenAPIAnswer.osiaRefusals + OpenAPIAnswer.osiaBodyRefusals)

    /// What becomes of reserved codes; OSIA has no operations for it.
    static var reservations: [OpenAPIOperation] {
        let kinds: [(name: String, id: String, summary: String, scope: RegisterScope, body: String)] = [
            ("status", "readReservation", "How the reservation of a code stands", .generateUIN, "ReservationRequest"),
            (
                "confirm", "confirmReservation",
                "The person was registered: the code is theirs from now on; the same again changes nothing",
                .confirmUIN, "ReservationConfirmation"
            ),
            (
                "release", "releaseReservation", "The code is not needed; it is never given to anybody else",
                .generateUIN, "ReservationRequest"
            ),
        ]
        return kinds.map { kind in
            OpenAPIOperation(
                method: "post", path: "/ids/v1/codes/" + kind.name, id: kind.id, tag: "Reserved codes",
                summary: kind.summary, parameters: [proof, purposeHeader],
                body: json(OpenAPISchema.reference(kind.body)), security: [registerToken], scopes: scoped(kind.scope),
                answers: [
                    .json(200, "How it stands now", "ReservationState"),
                    .problem(404, "This system reserved no such code under this transaction"),
                    .problem(409, "It ended, or was confirmed with other facts"),
                ] + registerRefusals + OpenAPIAnswer.bodyRefusals)
        }
    }

    static let uinInPath = parameter("uin", in: "path", ["type": "string", "pattern": "^[0-9]{10}$"], required: true)

    static var dataAccess: [OpenAPIOperation] {
        let tag = "OSIA data access 1.3.0"
        let names: JSONValue = ["type": "array", "items": OpenAPISchema.text, "maxItems": 20]
        let refusals = [OpenAPIAnswer.osia(404, "Unknown uin")] + OpenAPIAnswer.osiaRefusals
        var texts = JSONObject()
        for name in OSIANames.searchable { texts[name] = OpenAPISchema.name }
        return [
            OpenAPIOperation(
                method: "get", path: "/v1/persons", id: "queryPersonList", tag: tag,
                summary: "Find people by attributes that all match; each who is answered sees it",
                parameters: [
                    [
                        "name": "attributes", "in": "query", "required": true, "style": "form", "explode": true,
                        "schema": [
                            "type": "object", "properties": .object(texts), "additionalProperties": false,
                            "minProperties": 1,
                        ],
                    ],
                    parameter("names", in: "query", names),
                    parameter("offset", in: "query", ["type": "integer", "minimum": 0, "maximum": 1000, "default": 0]),
                    parameter("limit", in: "query", ["type": "integer", "minimum": 1, "maximum": 100, "default": 100]),
                    proof, purposeHeader,
                ], security: [registerToken], scopes: scoped(.personRead),
                answers: [.json(200, "Codes, or a document of the named attributes for each", "OSIAPersons")]
                    + [.osia(404, "No record found")] + OpenAPIAnswer.osiaRefusals),
            OpenAPIOperation(
                method: "get", path: "/v1/persons/{uin}", id: "readPersonAttributes", tag: tag,
                summary: "Read attributes of a person; instead of one that cannot be answered stands an Error",
                parameters: [
                    uinInPath, parameter("attributeNames", in: "query", names, required: true), proof, purposeHeader,
                ], security: [registerToken], scopes: scoped(.personRead),
                answers: [.json(200, "Requested attributes values or error description", "OSIAPerson")] + refusals),
            OpenAPIOperation(
                method: "post", path: "/v1/persons/{uin}/match", id: "matchPersonAttributes", tag: tag,
                summary: "Match attributes of a person without showing data",
                parameters: [uinInPath, proof, purposeHeader],
                body: json(OpenAPISchema.reference("OSIAAttributes")), security: [registerToken],
                scopes: scoped(.personMatch),
                answers: [.json(200, "What does not match; empty when all match", "OSIAMatchingError")] + refusals
                    + OpenAPIAnswer.osiaBodyRefusals),
            OpenAPIOperation(
                method: "post", path: "/v1/persons/{uin}/verify", id: "verifyPersonAttributes", tag: tag,
                summary: "Evaluate expressions on attributes of a person without showing data",
                parameters: [uinInPath, proof, purposeHeader],
                body: json(OpenAPISchema.reference("OSIAExpressions")), security: [registerToken],
                scopes: scoped(.personVerify),
                answers: [.json(200, "Whether all expressions are certainly true", "OSIATruth")] + refusals
                    + OpenAPIAnswer.osiaBodyRefusals),
            OpenAPIOperation(
                method: "get", path: "/v1/persons/{uin}/document", id: "readDocument", tag: tag,
                summary: "A numbered extract of an event of a person, as the offices print it",
                parameters: [
                    uinInPath,
                    parameter("secondaryUin", in: "query", ["type": "string", "pattern": "^[0-9]{10}$"]),
                    parameter(
                        "doctype", in: "query", ["type": "string", "enum": .strings(OSIADocuments.names)],
                        required: true),
                    parameter("format", in: "query", ["type": "string", "enum": ["pdf"]], required: true), proof,
                    purposeHeader,
                ], security: [registerToken], scopes: scoped(.documentRead),
                answers: [
                    OpenAPIAnswer(
                        status: 200, description: "The document as the one part of a MIME multipart structure",
                        content: [("multipart/mixed", "OSIADocuments")]),
                    .osia(409, "The record changed meanwhile"), .osia(415, "Unsupported format"),
                ] + refusals),
        ]
    }
}

extension OpenAPIAnswer {
    /// OSIA's `Error`.
    static func osia(_ status: Int, _ description: String) -> OpenAPIAnswer { json(status, description, "OSIAError") }

    static let osiaRefusals: [OpenAPIAnswer] = [
        osia(400, "The request is not well-formed"), osia(401, "Client must be authenticated"),
        osia(403, "Service forbidden"), osia(429, "Too many requests; Retry-After says when to come back"),
        osia(503, "The database cannot be reached, or the system is busy"),
    ]

    static let osiaBodyRefusals: [OpenAPIAnswer] = [
        osia(413, "The body is too large"), osia(415, "The body is not application/json"),
    ]
}

extension OpenAPISchema {
    private static let code: JSONValue = ["type": "string", "pattern": "^[0-9]{10}$"]

    private static func reservation(confirming: Bool = false) -> JSONValue {
        var properties: JSONObject = [
            "transaction": [
                "type": "string", "minLength": 1, "maxLength": 200, "description": "The `transactionId` of generateUIN",
            ], "code": code,
        ]
        if confirming { properties["person"] = reference("OSIARegistering") }
        return [
            "type": "object", "required": .strings(["transaction", "code"] + (confirming ? ["person"] : [])),
            "additionalProperties": false, "properties": .object(properties),
        ]
    }

    /// The schemas of comparisons and of OSIA's interfaces.
    static var verification: [(String, JSONValue)] {
        let fields = object([
            ("name_km", name), ("name_latin", name), ("birthdate", partialDate), ("sex", choice("1", "2")),
            ("birthplace", place), ("residence", place), ("alive", truth),
        ])
        var closed = fields.objectValue ?? JSONObject()
        closed["additionalProperties"] = false
        closed["minProperties"] = 1
        let verdict: JSONValue = ["type": "string", "enum": .strings(ClaimVerdict.allCases.map(\.rawValue))]
        return [
            (
                "VerifyRequest",
                [
                    "type": "object", "required": ["code", "fields"], "additionalProperties": false,
                    "properties": [
                        "code": [
                            "type": "string", "description": "An identification code (10 digits) or an alias (16)",
                            "maxLength": 100,
                        ],
                        "case": ["type": "string", "description": "The file at the organisation", "maxLength": 100],
                        "fields": .object(closed),
                    ],
                ]
            ),
            (
                "VerifyAnswer",
                object(
                    [
                        (
                            "fields",
                            [
                                "type": "object", "additionalProperties": false,
                                "properties": .object(
                                    JSONObject(PersonClaims.Field.verifiable.map { ($0.rawValue, verdict) })),
                            ]
                        )
                    ], required: ["fields"])
            ),
            ("ReservationRequest", reservation()), ("ReservationConfirmation", reservation(confirming: true)),
            (
                "ReservationState",
                object(
                    [
                        ("code", code),
                        ("state", ["type": "string", "enum": .strings(ReservationState.allCases.map(\.rawValue))]),
                        ("expires_at", moment),
                    ], required: ["code", "state"])
            ),
            (
                "OSIAError",
                [
                    "type": "object", "required": ["code", "message"], "additionalProperties": false,
                    "properties": ["code": ["type": "integer", "format": "int32"], "message": text],
                ]
            ),
            ("OSIADocuments", ["type": "string", "contentMediaType": "multipart/mixed"]),
            ("OSIAUIN", ["type": "string", "pattern": "^[0-9]{10}$", "examples": ["2345678901"]]),
            (
                "OSIARegistering",
                [
                    "type": "object", "additionalProperties": false,
                    "properties": [
                        "firstName": name, "lastName": name, "firstNameKm": name, "lastNameKm": name,
                        "dateOfBirth": partialDate, "gender": choice("M", "F", "U"), "placeOfBirth": place,
                        "nationality": ["type": "string", "pattern": "^[A-Z]{3}$"],
                    ],
                ]
            ),
            (
                "OSIAPerson",
                [
                    "type": "object",
                    "additionalProperties": [
                        "oneOf": [text, ["type": "number"], truth, reference("OSIAError")]
                    ],
                ]
            ),
            (
                "OSIAPersons",
                [
                    "oneOf": [
                        ["type": "array", "minItems": 1, "items": text],
                        ["type": "array", "minItems": 1, "items": reference("OSIAPerson")],
                    ]
                ]
            ),
            (
                "OSIAAttributes",
                [
                    "type": "object", "minProperties": 1,
                    "additionalProperties": ["oneOf": [text, ["type": "number"], truth]],
                ]
            ),
            (
                "OSIAMatchingError",
                [
                    "type": "array",
                    "items": [
                        "type": "object", "required": ["attributeName", "errorCode"], "additionalProperties": false,
                        "properties": [
                            "attributeName": text, "errorCode": ["type": "integer", "enum": [0, 1]],
                        ],
                    ],
                ]
            ),
            (
                "OSIAExpressions",
                [
                    "type": "array", "minItems": 1, "maxItems": 20,
                    "items": [
                        "type": "object", "required": ["attributeName", "operator", "value"],
                        "additionalProperties": false,
                        "properties": [
                            "attributeName": ["type": "string", "enum": .strings(OSIANames.comparable)],
                            "operator": choice("<", ">", "=", ">=", "<="),
                            "value": ["oneOf": [text, ["type": "number"], truth]],
                        ],
                    ],
                ]
            ), ("OSIATruth", truth),
        ]
    }

    static let name: JSONValue = ["type": "string", "minLength": 1, "maxLength": 100]
    static let place: JSONValue = ["type": "string", "pattern": "^([0-9]{2}){1,4}$", "examples": ["0811"]]
    static let partialDate: JSONValue = [
        "type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
        "examples": ["1998-05-01", "1998-05", "1998"],
    ]
}
