import CivilRegister
import CivilRegisterAPI
import Codecs

/// The interfaces of the registers for systems of other agencies.
extension OpenAPIOperation {
    /// The scope that lets a system do this.
    static func scoped(_ scope: RegisterScope) -> [String] { [scope.rawValue] }

    static let registerToken = "registerToken"

    /// What every one of them may answer.
    static let registerRefusals: [OpenAPIAnswer] = [
        .problem(400, "The request is not well-formed; errors names each refused field"),
        .problem(401, "No access token, or one that is dead or bound to another key"),
        .problem(403, "The system lacks the scope, the grant or the place"),
    ]

    static let purposeHeader = parameter("Rumdul-Purpose", in: "header", ["type": "string"])
    static let idempotencyKey = parameter(
        "Idempotency-Key", in: "header", ["type": "string", "minLength": 8, "maxLength": 255, "pattern": "^[!-~]+$"],
        required: true)

    static var registers: [OpenAPIOperation] {
        notices + [verification, uin] + reservations + dataAccess + population + households + stays + records + checks
    }

    private static var notices: [OpenAPIOperation] {
        let events: [(path: String, id: String, kind: VitalEventKind, summary: String, scope: RegisterScope)] = [
            ("birth", "notifyBirth", .birth, "A birth in a health facility", .noticeWrite),
            ("death", "notifyDeath", .death, "A death in a health facility", .noticeWrite),
            ("foetal-death", "notifyFoetalDeath", .foetalDeath, "A foetal death in a health facility", .noticeWrite),
            ("village/birth", "notifyVillageBirth", .birth, "A birth in a village", .villageNotice),
            ("village/death", "notifyVillageDeath", .death, "A death in a village", .villageNotice),
            ("village/foundling", "notifyFoundling", .foundling, "A child found in a village", .villageNotice),
        ]
        let writes = events.map { event in
            OpenAPIOperation(
                method: "post", path: "/cr/v1/notices/" + event.path, id: event.id, tag: "Health and village notices",
                summary: event.summary + ": what is known so far; the office makes a declaration of it",
                parameters: [idempotencyKey, proof, purposeHeader],
                body: json(OpenAPISchema.reference("Notice-" + event.kind.rawValue)), security: [registerToken],
                scopes: scoped(event.scope),
                answers: [
                    .json(201, "It lies with the office; Location says where to ask how far it is", "NoticeState"),
                    .problem(409, "The key was used for another notice"),
                ] + registerRefusals + OpenAPIAnswer.bodyRefusals)
        }
        let read = OpenAPIOperation(
            method: "get", path: "/cr/v1/notices/{tracking}", id: "readNotice", tag: "Health and village notices",
            summary: "How far one's own notice is, and nothing else",
            parameters: [
                parameter("tracking", in: "path", OpenAPISchema.text, required: true), proof, purposeHeader,
            ], security: [registerToken], scopes: scoped(.noticeWrite),
            answers: [.json(200, "The state", "NoticeState"), .problem(404, "No such notice of this system")]
                + registerRefusals + [.tooMany, .unavailable])
        return writes + [read]
    }
}

extension OpenAPISchema {
    /// The schemas of the registers' interfaces.
    static var registers: [(String, JSONValue)] {
        let kinds: [VitalEventKind] = [.birth, .death, .foetalDeath, .foundling]
        return kinds.map { ("Notice-" + $0.rawValue, notice($0)) } + [
            (
                "NoticeState",
                object(
                    [
                        ("tracking", text), ("state", states), ("received_at", moment), ("changed_at", moment),
                    ], required: ["tracking", "state", "received_at", "changed_at"])
            )
        ]
    }

    static let moment: JSONValue = ["type": "string", "format": "date-time"]
    static let commune: JSONValue = [
        "type": "string", "pattern": "^[0-9]{6}$", "description": "The code of the commune whose office it goes to",
        "examples": ["081104"],
    ]
    static let states: JSONValue = ["type": "string", "enum": .strings(VitalRecordState.allCases.map(\.rawValue))]

    /// The body of a notice, out of the form of the event: every field, none of them needed.
    private static func notice(_ kind: VitalEventKind) -> JSONValue {
        [
            "type": "object", "required": ["office", "fields"], "additionalProperties": false,
            "properties": [
                "office": commune,
                "fields": [
                    "type": "object", "minProperties": 1, "additionalProperties": false,
                    "properties": .object(JSONObject(EventForm.of(kind).fields.map { ($0.id, field($0)) })),
                ],
            ],
        ]
    }

    /// One field of a form.
    private static func field(_ definition: FieldDefinition) -> JSONValue {
        var schema: JSONObject = ["type": "string", "description": .string(definition.label.en)]
        switch definition.type {
        case .khmerName, .latinName: schema["maxLength"] = 100
        case .text(let limit): schema["maxLength"] = .integer(Int64(limit))
        case .date: schema["examples"] = ["2026-11-28"]
        case .partialDate: schema["examples"] = ["1998-05-01", "1998-05", "1998"]
        case .time: schema["pattern"] = "^[0-9]{1,2}:[0-9]{2}$"
        case .place(let level):
            schema["pattern"] = "^([0-9]{2}){\(level),4}$"
            schema["examples"] = ["08110401"]
        case .choice(let choices): schema["enum"] = .strings(choices.map(\.code))
        case .number: schema["pattern"] = "^[0-9]{1,9}$"
        case .country: schema["pattern"] = "^[A-Z]{3}$"
        case .icd: schema["maxLength"] = 12
        case .person: schema["pattern"] = "^[0-9]{10}$"
        }
        return .object(schema)
    }
}
