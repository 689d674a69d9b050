import Codecs
import Kernel

/// What a person decides with a passkey: the same members as a device's decision (device protocol, section 4). The SHA-256 of
/// its canonical form (RFC 8785) is the challenge that the authenticator signs.
struct PasskeyDecision: Sendable, Equatable {
    var transactionID: String
    var clientID: String
    var attributes: [String]
    /// The number picked, when the request came from another browser and waits for the person; `nil` when the browser that asks signs.
    var number: Int?
    /// Base64url SHA-256 of the details that the person saw, in canonical form.
    var detailsHash: String
    var issuer: String
    /// Seconds since 1970.
    var issuedAt: Int64

    var json: JSONObject {
        var object: JSONObject = [
            "aud": .string(issuer), "txn": .string(transactionID), "action": "approve", "client_id": .string(clientID),
            "attributes": .strings(attributes), "details_hash": .string(detailsHash), "iat": .integer(issuedAt),
        ]
        if let number { object["number"] = .integer(Int64(number)) }
        return object
    }

    init(
        transactionID: String, clientID: String, attributes: [String], number: Int? = nil, detailsHash: String,
        issuer: String, issuedAt: Int64
    ) {
        self.transactionID = transactionID
        self.clientID = clientID
        self.attributes = attributes
        self.number = number
        self.detailsHash = detailsHash
        self.issuer = issuer
        self.issuedAt = issuedAt
    }

    init?(json object: JSONObject) {
        guard let issuer = object.string("aud"), let transaction = object.string("txn"),
            let client = object.string("client_id"), let attributes = object.strings("attributes"),
            let hash = object.string("details_hash"), let time = object.integer("iat")
        else { return nil }
        self.init(
            transactionID: transaction, clientID: client, attributes: attributes,
            number: object.integer("number").map { Int($0) }, detailsHash: hash, issuer: issuer, issuedAt: time)
    }

    /// 32 bytes.
    func challenge() throws -> [UInt8] { sha256(try CanonicalJSON.encode(.object(json))) }
}

/// What the consent keeps: the decision and the assertion over it. Whoever has the passkey's public key can check it:
/// `clientDataJSON` names the challenge, the challenge is the decision's hash.
struct PasskeyEvidence: Sendable {
    let decision: PasskeyDecision
    let credential: JSONObject
    /// The officer's terminal at which it was signed; the decision's details hash covers it.
    var assisted: AssistedMark?

    var text: String {
        let response = credential.object("response") ?? [:]
        var assertion = JSONObject([("id", JSONValue.string(credential.string("id") ?? ""))])
        for name in ["clientDataJSON", "authenticatorData", "signature"] {
            assertion[name] = response.string(name).map(JSONValue.string)
        }
        var whole: JSONObject = [
            "type": "webauthn", "decision": .object(decision.json), "assertion": .object(assertion),
        ]
        whole["assisted"] = assisted.map { .object($0.json) }
        return JSON.text(whole)
    }
}
