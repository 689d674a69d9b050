import Codecs
import DCIRegistry

/// The façade of the DCI registry API 1.0.0 under `/registry`, with the standard's operation names and members.
extension OpenAPIOperation {
    private static let syncTag = "DCI registry API 1.0.0: at once"
    private static let asyncTag = "DCI registry API 1.0.0: through the callback"

    private static let dciRefusals: [OpenAPIAnswer] = [
        .json(400, "The envelope is not well-formed, or asks for what is not offered", "DCIErrors"),
        .json(401, "No access token, a dead one, or a signature that is missing or wrong", "DCIErrors"),
        .json(403, "The system lacks the scope, the grant, or the callback", "DCIErrors"),
        .json(413, "The body is too large", "DCIErrors"),
        .json(415, "The body is not application/json", "DCIErrors"),
        .json(429, "Too many requests; Retry-After says when to come back", "DCIErrors"),
        .json(500, "Unexpected error", "DCIErrors"),
        .json(503, "The database cannot be reached, or the system is busy", "DCIErrors"),
    ]

    private static func dci(
        _ path: String, _ id: String, _ tag: String, _ summary: String, _ scope: DCIScope, _ request: String,
        _ answers: [OpenAPIAnswer]
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: "post", path: "/registry/" + path, id: id, tag: tag, summary: summary, parameters: [proof],
            body: json(OpenAPISchema.reference(request)), security: [registerToken], scopes: [scope.rawValue],
            answers: answers + dciRefusals)
    }

    static var dciRegistry: [OpenAPIOperation] {
        let acknowledged = OpenAPIAnswer.json(200, "ACK, or ERR with the reason", "DCIAcknowledgement")
        let unknown = OpenAPIAnswer.json(404, "Nothing is known of the transaction", "DCIErrors")
        return [
            dci(
                "sync/search", "post_reg_sync_search", syncTag,
                "Find people by identifier or facts, also by what happened to them; each who is told of sees it",
                .search,
                "DCISearchRequest", [.json(200, "The signed answer", "DCISearchResponse")]),
            dci(
                "sync/txn/status", "post_reg_sync_txnstatus", syncTag,
                "What became of an earlier transaction of one's own, without data about people", .search,
                "DCIStatusRequest", [.json(200, "The signed answer", "DCIStatusResponse"), unknown]),
            dci(
                "search", "post_reg_search", asyncTag, "The same search; on-search comes to the callback", .search,
                "DCISearchRequest", [acknowledged]),
            dci(
                "subscribe", "post_reg_subscribe", asyncTag,
                "Be told of events of civil status; on-subscribe and then notify come to the callback", .subscribe,
                "DCISubscribeRequest", [acknowledged]),
            dci(
                "unsubscribe", "post_reg_unsubscribe", asyncTag,
                "End subscriptions; on-unsubscribe comes to the callback",
                .subscribe, "DCIUnsubscribeRequest", [acknowledged]),
            dci(
                "txn/status", "post_reg_txnstatus", asyncTag, "The same status; txn-on-status comes to the callback",
                .search, "DCIStatusRequest", [acknowledged, unknown]),
            OpenAPIOperation(
                method: "get", path: DCIWriter.keysPath, id: "get_jwks_json", tag: syncTag,
                summary: "The keys that sign envelopes (RFC 7517)", security: [""],
                answers: [.json(200, "A JWK Set", "JWKSet"), .unavailable]),
        ]
    }
}

extension OpenAPISchema {
    static var dciRegistry: [(String, JSONValue)] {
        let short: JSONValue = ["type": "string", "minLength": 1, "maxLength": 99]
        return [
            ("DCIErrors", object([("errors", ["type": "array", "items": dciError])], required: ["errors"])),
            (
                "DCIAcknowledgement",
                object(
                    [
                        (
                            "message",
                            object(
                                [
                                    ("ack_status", choice("ACK", "NACK", "ERR")), ("timestamp", moment),
                                    ("error", dciError), ("correlation_id", short),
                                ], required: ["ack_status", "timestamp", "correlation_id"])
                        )
                    ], required: ["message"])
            ),
            (
                "DCISearchRequest",
                dciEnvelope(
                    "search",
                    object(
                        [
                            ("transaction_id", short),
                            ("search_request", batch(item([("search_criteria", searchCriteria)], "search_criteria"))),
                        ], required: ["transaction_id", "search_request"]))
            ),
            (
                "DCISearchResponse",
                dciAnswer(
                    "on-search",
                    object(
                        [
                            ("transaction_id", short), ("correlation_id", short),
                            ("search_response", ["type": "array", "items": searchResponse]),
                        ], required: ["transaction_id", "correlation_id", "search_response"]))
            ),
            (
                "DCISubscribeRequest",
                dciEnvelope(
                    "subscribe",
                    object(
                        [
                            ("transaction_id", short),
                            (
                                "subscribe_request",
                                batch(item([("subscribe_criteria", subscribeCriteria)], "subscribe_criteria"))
                            ),
                        ], required: ["transaction_id", "subscribe_request"]))
            ),
            (
                "DCIUnsubscribeRequest",
                dciEnvelope(
                    "unsubscribe",
                    object(
                        [
                            ("transaction_id", short), ("timestamp", moment),
                            (
                                "subscription_codes",
                                ["type": "array", "minItems": 1, "maxItems": 100, "items": short]
                            ),
                        ], required: ["transaction_id", "timestamp", "subscription_codes"]))
            ),
            (
                "DCIStatusRequest",
                dciEnvelope(
                    "txn-status",
                    object(
                        [
                            ("transaction_id", short),
                            (
                                "txnstatus_request",
                                object(
                                    [
                                        ("reference_id", short),
                                        ("txn_type", choice("search", "subscribe", "unsubscribe")),
                                        (
                                            "attribute_type",
                                            choice(
                                                "transaction_id", "reference_id_list", "correlation_id",
                                                "subscription_code_list")
                                        ),
                                        (
                                            "attribute_value",
                                            [
                                                "anyOf": [
                                                    short,
                                                    ["type": "array", "items": short, "minItems": 1, "maxItems": 20],
                                                ]
                                            ]
                                        ), ("locale", text),
                                    ], required: ["reference_id", "txn_type", "attribute_type", "attribute_value"])
                            ),
                        ], required: ["transaction_id", "txnstatus_request"]))
            ),
            (
                "DCIStatusResponse",
                dciAnswer(
                    "txn-on-status",
                    object(
                        [
                            ("transaction_id", short), ("correlation_id", short),
                            (
                                "txnstatus_response",
                                object(
                                    [
                                        ("txn_type", choice("on-search", "on-subscribe", "on-unsubscribe")),
                                        ("txn_status", anyObject),
                                    ], required: ["txn_type", "txn_status"])
                            ),
                        ], required: ["transaction_id", "correlation_id", "txnstatus_response"]))
            ),
        ]
    }

    private static let dciError = object([("code", text), ("message", text)], required: ["code", "message"])
    private static let dciStatus = choice("rcvd", "pdng", "succ", "rjct")

    private static func batch(_ item: JSONValue) -> JSONValue {
        ["type": "array", "minItems": 1, "maxItems": 10, "items": item]
    }

    private static func item(_ members: [(String, JSONValue)], _ needed: String) -> JSONValue {
        object(
            [("reference_id", ["type": "string", "minLength": 1, "maxLength": 99]), ("timestamp", moment)] + members
                + [("locale", ["type": "string", "pattern": "^[a-z]{3}$", "examples": ["eng", "khm"]])],
            required: ["reference_id", "timestamp", needed])
    }

    /// The envelope of a request, by its action.
    private static func dciEnvelope(_ action: String, _ message: JSONValue) -> JSONValue {
        [
            "type": "object", "required": ["signature", "header", "message"], "additionalProperties": false,
            "properties": [
                "signature": [
                    "type": "string",
                    "description": "A compact JWS over {\"header\", \"message\"}, attached or detached (docs/dci.md)",
                ], "header": header(action), "message": message,
            ],
        ]
    }

    private static func header(_ action: String) -> JSONValue {
        object(
            [
                ("version", text), ("message_id", ["type": "string", "minLength": 1, "maxLength": 99]),
                ("message_ts", moment), ("action", ["type": "string", "enum": [.string(action)]]),
                ("sender_id", text), ("sender_uri", text), ("receiver_id", text),
                ("total_count", ["type": "integer", "minimum": 1, "maximum": 10]), ("is_msg_encrypted", truth),
                ("meta", anyObject),
            ], required: ["message_id", "message_ts", "action", "sender_id", "total_count"])
    }

    private static func dciAnswer(_ action: String, _ message: JSONValue) -> JSONValue {
        object(
            [
                ("signature", text),
                (
                    "header",
                    object(
                        [
                            ("version", text), ("message_id", text), ("message_ts", moment),
                            ("action", ["type": "string", "enum": [.string(action)]]), ("status", dciStatus),
                            ("status_reason_code", text), ("status_reason_message", text), ("total_count", seconds),
                            ("completed_count", seconds), ("sender_id", text), ("receiver_id", text),
                            ("is_msg_encrypted", truth), ("meta", anyObject),
                        ], required: ["message_id", "message_ts", "action", "status"])
                ), ("message", message),
            ], required: ["signature", "header"])
    }

    private static var searchCriteria: JSONValue {
        object(
            [
                ("version", text), ("reg_type", text), ("reg_event_type", text), ("reg_record_type", text),
                ("query_type", choice("idtype-value", "predicate", "expression")),
                ("query", ["type": ["object", "array"]]), ("sort", ["type": "array", "maxItems": 0]),
                (
                    "pagination",
                    object(
                        [
                            ("page_size", ["type": "integer", "minimum": 1, "maximum": 20]),
                            ("page_number", ["type": "integer", "minimum": 1, "maximum": 50]),
                        ], required: ["page_size"])
                ), ("consent", anyObject), ("authorize", anyObject),
            ], required: ["query_type", "query"])
    }

    private static var subscribeCriteria: JSONValue {
        object(
            [
                ("version", text), ("reg_type", text), ("reg_event_type", text), ("filter_type", text),
                ("filter", ["type": ["object", "array"]]), ("notify_record_type", text), ("authorize", anyObject),
            ], required: ["reg_event_type", "filter", "notify_record_type"])
    }

    private static var searchResponse: JSONValue {
        object(
            [
                ("reference_id", text), ("timestamp", moment), ("status", dciStatus), ("status_reason_code", text),
                ("status_reason_message", text),
                (
                    "data",
                    object(
                        [
                            ("version", text), ("reg_type", text), ("reg_event_type", text), ("reg_record_type", text),
                            ("reg_records", ["type": "array", "items": anyObject]),
                        ], required: ["reg_record_type", "reg_records"])
                ),
                (
                    "pagination",
                    object(
                        [("page_size", seconds), ("page_number", seconds), ("total_count", seconds)],
                        required: ["page_size", "page_number", "total_count"])
                ), ("locale", text),
            ], required: ["reference_id", "timestamp", "status"])
    }
}
