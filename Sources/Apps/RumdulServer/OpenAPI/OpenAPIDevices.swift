import Codecs

extension OpenAPIOperation {
    private static let deviceRefusals: [OpenAPIAnswer] = [
        .problem(400, "The request is not well-formed"), .problem(401, "The proof of the device is refused"),
        .problem(403, "The device is not active"),
    ]

    /// What waits for a device, and its decisions (device protocol, sections 3 and 4).
    static var transactions: [OpenAPIOperation] {
        let wait: JSONValue = ["type": "integer", "minimum": 0, "maximum": 25]
        let decisionRefusals: [OpenAPIAnswer] = [
            .problem(404, "No such transaction of this person"), .problem(409, "Decided before, or other details"),
            .problem(410, "Too late"),
        ]
        return [
            OpenAPIOperation(
                method: "get", path: "/device/v1/transactions", id: "transactions", tag: "Devices",
                summary: "What waits for this device", parameters: [parameter("wait", in: "query", wait)],
                security: ["deviceProof"],
                answers: [.json(200, "The requests, at most ten", "Transactions")] + deviceRefusals
                    + [.tooMany, .unavailable]),
            OpenAPIOperation(
                method: "post", path: "/device/v1/transactions/{transaction}/decision", id: "decide", tag: "Devices",
                summary: "The person's decision, signed by the device",
                parameters: [parameter("transaction", in: "path", OpenAPISchema.text, required: true)],
                body: json(OpenAPISchema.reference("DecisionRequest")), security: ["deviceProof"],
                answers: [.json(200, "It counts", "Decision")] + deviceRefusals + decisionRefusals
                    + OpenAPIAnswer.bodyRefusals),
        ]
    }

    /// A device's own affairs (device protocol, sections 1, 2, 5 and 6).
    static var activation: [OpenAPIOperation] {
        let path = "/device/v1/activations"
        return [
            OpenAPIOperation(
                method: "post", path: path, id: "activate", tag: "Devices",
                summary: "Binds a device to the person who got the code from an officer",
                body: json(OpenAPISchema.reference("ActivationRequest")),
                answers: [
                    .json(201, "The officer compares the digits next", "Activation"),
                    .problem(400, "The request is not well-formed, or its keys are refused"),
                    .problem(403, "The code is unknown, used or too old"),
                ] + OpenAPIAnswer.bodyRefusals),
            OpenAPIOperation(
                method: "get", path: path, id: "aboutActivation", tag: "Devices",
                summary: "A page for those who open the address of the code in a browser",
                answers: [
                    OpenAPIAnswer(status: 200, description: "The page", content: [("text/html", "Page")])
                ]),
            OpenAPIOperation(
                method: "get", path: "/device/v1/self", id: "device", tag: "Devices", summary: "The device itself",
                security: ["deviceProof"],
                answers: [.json(200, "The device", "Device")] + deviceRefusals + [.tooMany, .unavailable]),
            OpenAPIOperation(
                method: "post", path: "/device/v1/pin", id: "changePIN", tag: "Devices",
                summary: "A new PIN key in place of the old one",
                body: json(OpenAPISchema.reference("PINChangeRequest")), security: ["deviceProof"],
                answers: [.json(200, "The new PIN holds", "PINChange")] + deviceRefusals + OpenAPIAnswer.bodyRefusals),
            OpenAPIOperation(
                method: "post", path: "/device/v1/duress-pin", id: "changeDuressPIN", tag: "Devices",
                summary: "Sets or clears the key of the duress PIN, where the operator allows one",
                body: json(OpenAPISchema.reference("DuressPINRequest")), security: ["deviceProof"],
                answers: [.json(200, "It is set or cleared", "DuressPIN")] + deviceRefusals
                    + OpenAPIAnswer.bodyRefusals),
        ]
    }

    /// Keys with which anybody checks checkpoints of the ledger and consent receipts.
    static var ledgerKeys: OpenAPIOperation {
        OpenAPIOperation(
            method: "get", path: "/.well-known/ledger-keys", id: "ledgerKeys", tag: "Discovery",
            summary: "Keys of checkpoints and receipts; purpose says what each signs",
            answers: [
                OpenAPIAnswer(status: 200, description: "The keys", content: [("application/jwk-set+json", "JWKSet")]),
                .unavailable,
            ])
    }
}
