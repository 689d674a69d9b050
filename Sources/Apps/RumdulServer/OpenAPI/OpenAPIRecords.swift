import CivilRegister
import CivilRegisterAPI
import Codecs

/// Records of the civil register for systems of other agencies.
extension OpenAPIOperation {
    static var records: [OpenAPIOperation] {
        let id = parameter("id", in: "path", OpenAPISchema.text, required: true)
        let known = parameter("If-None-Match", in: "header", ["type": "string"])
        let missing = [OpenAPIAnswer.problem(404, "No such record for this system")] + registerRefusals
        func read(_ path: String, _ operation: String, _ summary: String, _ answers: [OpenAPIAnswer])
            -> OpenAPIOperation
        {
            OpenAPIOperation(
                method: "get", path: "/cr/v1/records/{id}" + path, id: operation, tag: "Records", summary: summary,
                parameters: [id, proof, purposeHeader] + (path.isEmpty ? [known] : []), security: [registerToken],
                scopes: scoped(.recordRead), answers: answers + missing + [.tooMany, .unavailable])
        }
        return [
            OpenAPIOperation(
                method: "post", path: "/cr/v1/records/search", id: "searchRecords", tag: "Records",
                summary:
                    "Find registered records by number, tracking number, or a person in them; newest first, no names",
                parameters: [proof, purposeHeader], body: json(OpenAPISchema.reference("RecordSearch")),
                security: [registerToken], scopes: scoped(.recordRead),
                answers: [.json(200, "Records, and where the next page begins", "RecordPage")] + registerRefusals
                    + OpenAPIAnswer.bodyRefusals),
            read(
                "", "readRecord", "A registered record in the fields of its form; sealed ones are not there",
                [
                    .json(200, "The record; ETag is its version", "Record"),
                    OpenAPIAnswer(status: 304, description: "The record is still what If-None-Match says"),
                ]),
            read(
                "/history", "readRecordHistory", "Who did what to a record, signed and chained; contents stay sealed",
                [.json(200, "The signed actions with the keys to check them", "RecordHistory")]),
            read(
                "/proof", "readRecordProof", "Proof that the record's last entry stands in the ledger (docs/ledger.md)",
                [
                    .json(200, "The proof document", "LedgerProof"),
                    .problem(409, "No signed checkpoint covers the entry yet; Retry-After says when to come back"),
                ]),
        ]
    }
}

extension OpenAPISchema {
    static var records: [(String, JSONValue)] {
        let number: JSONValue = ["type": "integer", "minimum": 0]
        let kinds: JSONValue = ["type": "string", "enum": .strings(VitalEventKind.allCases.map(\.rawValue))]
        let listing: [(String, JSONValue)] = [
            ("id", text), ("kind", kinds), ("state", choice("registered", "inactive", "revoked")), ("number", text),
            ("tracking", text), ("office", text), ("version", number), ("changed_at", moment),
        ]
        let needed = ["id", "kind", "state", "tracking", "office", "version", "changed_at"]
        let action = object(
            [
                ("sequence", number), ("action", text), ("at", moment), ("header", text), ("hash", text),
                ("signature", text), ("key_id", text),
            ], required: ["sequence", "action", "at", "header", "hash", "signature", "key_id"])
        return [
            (
                "RecordSearch",
                [
                    "type": "object", "additionalProperties": false,
                    "properties": [
                        "number": searched, "tracking": searched, "participant": searched,
                        "limit": ["type": "integer", "minimum": 1, "maximum": 100, "default": 20], "cursor": searched,
                    ],
                    "oneOf": [["required": ["number"]], ["required": ["tracking"]], ["required": ["participant"]]],
                ]
            ),
            (
                "RecordPage",
                object(
                    [
                        ("records", ["type": "array", "items": object(listing, required: needed)]), ("next", text),
                    ], required: ["records"])
            ),
            (
                "Record",
                object(
                    listing + [
                        ("sequence", number), ("registered_at", moment),
                        ("fields", ["type": "object", "additionalProperties": text]),
                        ("medical", object([("underlying_cause", text)], required: ["underlying_cause"])),
                    ], required: needed + ["sequence", "fields"])
            ),
            (
                "RecordHistory",
                object(
                    [
                        ("record", text), ("sequence", number), ("actions", ["type": "array", "items": action]),
                        ("keys", ["type": "array", "items": anyObject]),
                    ], required: ["record", "sequence", "actions", "keys"])
            ),
            (
                "LedgerProof",
                object(
                    [
                        ("version", number), ("stream", text), ("sequence", number), ("at", number), ("kind", text),
                        ("subject", text), ("entry", anyObject), ("previous_hash", text), ("hash", text),
                        ("path", texts), ("tree_size", number), ("root", text), ("checkpoint", text), ("keys", text),
                    ],
                    required: [
                        "version", "stream", "sequence", "at", "kind", "entry", "previous_hash", "hash", "path",
                        "tree_size", "root", "checkpoint", "keys",
                    ])
            ),
        ]
    }

    private static let searched: JSONValue = ["type": "string", "minLength": 1, "maxLength": 1024]
}
