import Codecs
import RegisterNotifications

/// OSIA 7.1 Notification 1.2.0 under `/notif`, with its operations, parameters and schemas, and what is beside it.
extension OpenAPIOperation {
    private static let subscriber = "Notification: subscriber"
    private static let publisher = "Notification: publisher"

    private static func query(_ name: String, _ schema: JSONValue, required: Bool = false) -> JSONValue {
        parameter(name, in: "query", schema, required: required)
    }

    private static let uuid = parameter("uuid", in: "path", OpenAPISchema.text, required: true)
    private static let word: JSONValue = ["type": "string", "minLength": 1, "maxLength": 100]

    /// What every one of them may answer, as OSIA's `Error`.
    private static let notificationRefusals: [OpenAPIAnswer] = [
        .json(400, "The request is refused", "NotificationError"),
        .json(401, "No access token, or one that is dead or bound to another key", "NotificationError"),
        .json(403, "The system lacks the scope or the grant", "NotificationError"),
        .json(429, "Too many requests; Retry-After says when to come back", "NotificationError"),
        .json(500, "Unexpected error", "NotificationError"),
        .json(503, "The database cannot be reached, or the system is busy", "NotificationError"),
    ]
    private static let unknown = OpenAPIAnswer.json(404, "Not found", "NotificationError")

    private static func notification(
        _ method: String, _ path: String, _ id: String, _ tag: String, _ summary: String,
        _ scope: NotificationScope, _ parameters: [JSONValue] = [], body: JSONValue? = nil,
        _ answers: [OpenAPIAnswer]
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: method, path: "/notif/v1/" + path, id: id, tag: tag, summary: summary,
            parameters: parameters + [proof], body: body, security: [registerToken], scopes: [scope.rawValue],
            answers: answers + notificationRefusals)
    }

    static var notifications: [OpenAPIOperation] { subscriptions + topics + [keys] }

    private static var subscriptions: [OpenAPIOperation] {
        [
            notification(
                "post", "subscriptions", "subscribe", subscriber, "Subscribe to a topic", .subscriptionWrite,
                [
                    query("topic", word, required: true),
                    query("protocol", ["type": "string", "enum": ["http", "email"]]),
                    query(
                        "address",
                        [
                            "type": "string", "minLength": 1, "maxLength": 2048,
                            "examples": ["https://bank.example/hook"],
                        ],
                        required: true),
                    query("policy", ["type": "string", "examples": ["3600,-1"]]),
                ], [.json(200, "Waiting for confirmation, or as it was already", "Subscription")]),
            notification(
                "get", "subscriptions", "listSubscription", subscriber, "Get all subscriptions", .subscriptionRead,
                [], [.json(200, "One's own", "Subscriptions")]),
            notification(
                "get", "subscriptions/confirm", "confirm", subscriber, "Confirm the subscription", .subscriptionWrite,
                [query("token", ["type": "string", "minLength": 1, "maxLength": 200], required: true)],
                [OpenAPIAnswer(status: 200, description: "Confirmed")]),
            notification(
                "delete", "subscriptions/{uuid}", "unsubscribe", subscriber, "Unsubscribe from a topic",
                .subscriptionWrite, [uuid], [OpenAPIAnswer(status: 204, description: "Ended"), unknown]),
            notification(
                "get", "subscriptions/{uuid}/messages", "listMessages", subscriber,
                "What was sent on a subscription, without its content", .subscriptionRead,
                [
                    uuid,
                    query("state", ["type": "string", "enum": .strings(MessageRecord.State.allCases.map(\.rawValue))]),
                    query("limit", ["type": "integer", "minimum": 1, "maximum": 1000]),
                ], [.json(200, "Newest first", "SentMessages"), unknown]),
            notification(
                "post", "subscriptions/{uuid}/replay", "replay", subscriber,
                "Send the dead messages again, or one that was delivered", .subscriptionWrite,
                [uuid, query("message", word)], [.json(200, "How many", "Replayed"), unknown]),
        ]
    }

    private static var topics: [OpenAPIOperation] {
        [
            notification(
                "post", "topics", "createTopic", publisher, "Create a topic", .topicWrite,
                [query("name", word, required: true)], [.json(200, "The topic", "Topic")]),
            notification(
                "get", "topics", "listTopics", publisher, "Get all topics that the system may know of", .topicRead,
                [], [.json(200, "The topics", "Topics")]),
            notification(
                "delete", "topics/{uuid}", "deleteTopic", publisher, "Delete a topic of one's own", .topicWrite,
                [uuid], [OpenAPIAnswer(status: 204, description: "Deleted"), unknown]),
            notification(
                "post", "topics/{uuid}/publish", "publish", publisher, "Post a notification to a topic of one's own",
                .topicPublish, [uuid, query("subject", ["type": "string", "minLength": 1, "maxLength": 200])],
                body: [
                    "required": true,
                    "content": [
                        "plain/text": ["schema": ["type": "string"]], "text/plain": ["schema": ["type": "string"]],
                    ],
                ],
                [
                    OpenAPIAnswer(status: 200, description: "Published"), unknown,
                    .json(413, "The body is too large", "NotificationError"),
                    .json(415, "The body is not text", "NotificationError"),
                ]),
        ]
    }

    private static var keys: OpenAPIOperation {
        OpenAPIOperation(
            method: "get", path: NotificationService.keysPath, id: "notificationKeys", tag: subscriber,
            summary: "The keys that sign messages (RFC 7517)", security: [""],
            answers: [
                OpenAPIAnswer(
                    status: 200, description: "A JWK Set", content: [("application/jwk-set+json", "NotificationKeys")]),
                .unavailable,
            ])
    }
}

extension OpenAPISchema {
    /// OSIA's `Error`, `Subscription` and `Topic`, and those beside them.
    static var notifications: [(String, JSONValue)] {
        let closed = { (members: [(String, JSONValue)]) -> JSONValue in
            var schema = object(members, required: members.map(\.0)).objectValue ?? JSONObject()
            schema["additionalProperties"] = false
            return .object(schema)
        }
        return [
            ("NotificationError", closed([("code", ["type": "integer", "format": "int32"]), ("message", text)])),
            (
                "Subscription",
                closed([
                    ("uuid", text), ("topic", text), ("protocol", ["type": "string", "enum": ["http", "email"]]),
                    ("address", text), ("policy", text), ("active", ["type": "boolean"]),
                ])
            ),
            ("Subscriptions", ["type": "array", "items": reference("Subscription")]),
            ("Topic", closed([("uuid", text), ("name", text)])),
            ("Topics", ["type": "array", "items": reference("Topic")]),
            (
                "SentMessage",
                object(
                    [
                        ("message", text), ("subscription", text), ("topic", text), ("event", text),
                        (
                            "state",
                            ["type": "string", "enum": .strings(MessageRecord.State.allCases.map(\.rawValue))]
                        ),
                        ("attempts", ["type": "integer"]), ("last_error", text), ("last_status", ["type": "integer"]),
                        ("created_at", moment), ("next_attempt_at", moment), ("finished_at", moment),
                    ], required: ["message", "subscription", "topic", "state", "attempts", "created_at"])
            ),
            ("SentMessages", ["type": "array", "items": reference("SentMessage")]),
            ("Replayed", closed([("replayed", ["type": "integer", "minimum": 0])])),
            (
                "NotificationKeys",
                object([("keys", ["type": "array", "items": ["type": "object"]])], required: ["keys"])
            ),
        ]
    }
}
