import CivilRegister
import CivilRegisterAPI
import Codecs

/// Checks by systems outside.
extension OpenAPIOperation {
    static var checks: [OpenAPIOperation] {
        let id = parameter("id", in: "path", OpenAPISchema.text, required: true)
        let missing = [OpenAPIAnswer.problem(404, "No such check for this system")] + registerRefusals
        return [
            OpenAPIOperation(
                method: "get", path: "/cr/v1/checks", id: "listChecks", tag: "External checks",
                summary: "Registrations that wait for an answer, the oldest first; nobody is named",
                parameters: [
                    parameter("limit", in: "query", ["type": "integer", "minimum": 1, "maximum": 100, "default": 20]),
                    parameter("cursor", in: "query", OpenAPISchema.text), proof, purposeHeader,
                ], security: [registerToken], scopes: scoped(.check),
                answers: [.json(200, "Checks, and where the next page begins", "CheckPage")] + registerRefusals
                    + [.tooMany, .unavailable]),
            OpenAPIOperation(
                method: "get", path: "/cr/v1/checks/{id}", id: "readCheck", tag: "External checks",
                summary: "The declared fields of a registration that waits; everybody registered in it sees it",
                parameters: [id, proof, purposeHeader], security: [registerToken], scopes: scoped(.check),
                answers: [.json(200, "What is asked about", "CheckContent")] + missing + [.tooMany, .unavailable]),
            OpenAPIOperation(
                method: "post", path: "/cr/v1/checks/{id}/answer", id: "answerCheck", tag: "External checks",
                summary: "The answer; the same again changes nothing, a success after a failure lets it go on",
                parameters: [id, proof, purposeHeader], body: json(OpenAPISchema.reference("CheckAnswer")),
                security: [registerToken], scopes: scoped(.check),
                answers: [
                    .json(200, "How the check stands now", "Check"),
                    .problem(409, "It was answered otherwise, asked anew, or the record has gone on"),
                ] + missing + OpenAPIAnswer.bodyRefusals),
        ]
    }
}

extension OpenAPISchema {
    static var checks: [(String, JSONValue)] {
        let kinds: JSONValue = ["type": "string", "enum": .strings(VitalEventKind.allCases.map(\.rawValue))]
        let item: [(String, JSONValue)] = [
            ("id", text), ("kind", kinds), ("office", text),
            ("state", ["type": "string", "enum": .strings(CheckItem.State.allCases.map(\.rawValue))]),
            ("attempt", ["type": "integer", "minimum": 1]), ("asked_at", moment), ("due_at", moment),
        ]
        let needed = item.map(\.0)
        return [
            ("Check", object(item, required: needed)),
            (
                "CheckPage",
                object(
                    [("checks", ["type": "array", "items": reference("Check")]), ("next", text)], required: ["checks"])
            ),
            (
                "CheckContent",
                object(
                    item + [("tracking", text), ("fields", ["type": "object", "additionalProperties": text])],
                    required: needed + ["tracking", "fields"])
            ),
            (
                "CheckAnswer",
                [
                    "type": "object", "required": ["result"], "additionalProperties": false,
                    "properties": [
                        "result": choice("passed", "failed"),
                        "reason": [
                            "type": "string", "maxLength": 500, "description": "Needed of a failure; officers read it",
                        ],
                    ],
                ]
            ),
        ]
    }
}
