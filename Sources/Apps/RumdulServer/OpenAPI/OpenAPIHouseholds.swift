import CivilRegisterAPI
import Codecs
import PopulationRegister

/// Households and legal stay, for systems of other agencies.
extension OpenAPIOperation {
    private static let populationTag = "Population register"

    static var households: [OpenAPIOperation] {
        let id = parameter("id", in: "path", OpenAPISchema.text, required: true)
        let missing = OpenAPIAnswer.problem(404, "No such household or person for this system")
        let faster = OpenAPIAnswer.problem(409, "It was changed meanwhile, or is closed")
        func post(
            _ path: String, _ operation: String, _ summary: String, _ scope: RegisterScope, _ schema: String,
            _ parameters: [JSONValue], _ answers: [OpenAPIAnswer]
        ) -> OpenAPIOperation {
            OpenAPIOperation(
                method: "post", path: "/pr/v1/households" + path, id: operation, tag: populationTag, summary: summary,
                parameters: parameters + [proof, purposeHeader], body: json(OpenAPISchema.reference(schema)),
                security: [registerToken], scopes: scoped(scope),
                answers: answers + [missing] + registerRefusals + OpenAPIAnswer.bodyRefusals)
        }
        return [
            post(
                "/search", "findHousehold", "Find a household by its number, its book, or a member", .householdRead,
                "HouseholdSearch", [], [.json(200, "Its identifier", "HouseholdFound")]),
            post(
                "", "openHousehold", "Open a household; its members live there from then on", .householdWrite,
                "HouseholdOpening", [idempotencyKey],
                [.json(201, "It is open; Location leads to it", "HouseholdReceipt"), faster]),
            OpenAPIOperation(
                method: "get", path: "/pr/v1/households/{id}", id: "readHousehold", tag: populationTag,
                summary: "A household with its members, as at a day; each member sees the look",
                parameters: [
                    id, parameter("on", in: "query", ["type": "string", "format": "date"]),
                    parameter("known_at", in: "query", ["type": "string", "format": "date-time"]), proof,
                    purposeHeader,
                ], security: [registerToken], scopes: scoped(.householdRead),
                answers: [.json(200, "The household; ETag is its version", "Household"), missing] + registerRefusals
                    + [.tooMany, .unavailable]),
            post(
                "/{id}/changes", "changeHousehold",
                "Add, remove or relate a member, name the head, move, split, close; one change each", .householdWrite,
                "HouseholdChange", [id],
                [.json(200, "What it is now; after a split the new one", "HouseholdReceipt"), faster]),
        ]
    }

    static var stays: [OpenAPIOperation] {
        func post(
            _ path: String, _ operation: String, _ summary: String, _ scope: RegisterScope, _ schema: String,
            _ answer: OpenAPIAnswer
        ) -> OpenAPIOperation {
            OpenAPIOperation(
                method: "post", path: "/pr/v1/stays" + path, id: operation, tag: populationTag, summary: summary,
                parameters: [proof, purposeHeader], body: json(OpenAPISchema.reference(schema)),
                security: [registerToken], scopes: scoped(scope),
                answers: [answer, .problem(404, "No such person")] + registerRefusals + OpenAPIAnswer.bodyRefusals)
        }
        return [
            post(
                "/search", "readStay", "On what ground a person stays, as at a day; the person sees the look",
                .stayRead,
                "StaySearch", .json(200, "The ground, or null when none is noted", "StayAnswer")),
            OpenAPIOperation(
                method: "post", path: "/pr/v1/stays", id: "recordStay", tag: populationTag,
                summary: "Note on what ground a person stays, or that the last ground ended",
                parameters: [proof, purposeHeader], body: json(OpenAPISchema.reference("StayNote")),
                security: [registerToken], scopes: scoped(.stayWrite),
                answers: [
                    OpenAPIAnswer(status: 204, description: "It is noted"), .problem(404, "No such person"),
                    .problem(409, "The record is closed, or was changed meanwhile"),
                ] + registerRefusals + OpenAPIAnswer.bodyRefusals),
        ]
    }
}

extension OpenAPISchema {
    private static let day: JSONValue = ["type": "string", "format": "date"]
    private static let short: JSONValue = ["type": "string", "minLength": 1, "maxLength": 60]
    private static let code: JSONValue = [
        "type": "string", "description": "An identification code (10 digits) or an alias (16)", "minLength": 1,
        "maxLength": 100,
    ]
    private static let village: JSONValue = ["type": "string", "pattern": "^[0-9]{8}$", "examples": ["08110401"]]
    private static let relation: JSONValue = [
        "type": "string", "enum": .strings(HouseholdRelation.allCases.map(\.rawValue)),
    ]
    private static let basis: JSONValue = [
        "type": "string", "enum": .strings(LegalStay.Basis.allCases.map(\.rawValue)),
    ]

    private static func closed(_ properties: [(String, JSONValue)], required: [String]) -> JSONValue {
        var schema = object(properties, required: required).objectValue ?? JSONObject()
        schema["additionalProperties"] = false
        return .object(schema)
    }

    static var households: [(String, JSONValue)] {
        let version: JSONValue = ["type": "integer", "minimum": 1]
        let address: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
        let book: JSONValue = ["type": "string", "minLength": 1, "maxLength": 40]
        let members: JSONValue = [
            "type": "array", "minItems": 1, "maxItems": 200,
            "items": closed([("code", code), ("relation", relation)], required: ["code", "relation"]),
        ]
        let member = object(
            [
                ("relation", relation), ("since", day), ("kidc", text), ("name_km", text), ("name_latin", text),
                ("gender", text), ("birthdate", text),
            ], required: ["relation", "since"])
        return [
            (
                "HouseholdSearch",
                [
                    "type": "object", "additionalProperties": false,
                    "properties": ["number": short, "book": short, "code": code, "case": short],
                    "oneOf": [["required": ["number"]], ["required": ["book"]], ["required": ["code"]]],
                ]
            ),
            ("HouseholdFound", object([("id", text)], required: ["id"])),
            (
                "HouseholdOpening",
                closed(
                    [
                        ("village", village), ("address", address), ("book", book), ("day", day),
                        ("reference", short), ("members", members),
                    ], required: ["village", "reference", "members"])
            ),
            (
                "HouseholdChange",
                closed(
                    [
                        ("change", choice("add", "remove", "relation", "head", "move", "split", "book", "close")),
                        ("version", version), ("day", day), ("reference", short), ("code", code),
                        ("relation", relation), ("members", members), ("village", village), ("address", address),
                        ("book", book),
                    ], required: ["change", "version", "reference"])
            ),
            (
                "HouseholdReceipt",
                object([("id", text), ("number", text), ("version", version)], required: ["id"])
            ),
            (
                "Household",
                object(
                    [
                        ("id", text), ("number", text), ("version", version), ("open", truth), ("village", village),
                        ("address", text), ("book", text), ("since", day), ("needs_head", truth),
                        ("members", ["type": "array", "items": member]),
                    ], required: ["id", "number", "version", "open", "village", "since", "needs_head", "members"])
            ),
        ]
    }

    static var stays: [(String, JSONValue)] {
        let state: JSONValue = ["type": "string", "enum": .strings(LegalStay.State.allCases.map(\.rawValue))]
        let ground = object(
            [
                ("basis", basis), ("number", text), ("office", text), ("from", day), ("until", day), ("state", state),
            ], required: ["basis", "office", "from", "state"])
        return [
            (
                "StaySearch",
                closed(
                    [("code", code), ("on", day), ("known_at", moment), ("case", short)], required: ["code"])
            ),
            ("StayAnswer", object([("stay", ["anyOf": [ground, ["type": "null"]]])], required: ["stay"])),
            (
                "StayNote",
                closed(
                    [
                        ("code", code), ("basis", basis), ("number", ["type": "string", "maxLength": 40]),
                        ("office", ["type": "string", "minLength": 1, "maxLength": 100]), ("from", day),
                        ("until", day), ("ended", day), ("reference", short),
                    ], required: ["code", "reference"])
            ),
        ]
    }
}
