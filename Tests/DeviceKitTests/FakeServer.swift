import Codecs
import Crypto
import DeviceKit
import Foundation
import JOSE
import Kernel

/// A server of the device protocol in memory, written from the protocol's text and on the JOSE module, not on
/// DeviceKit.
actor FakeServer: DeviceTransport {
    struct Device {
        var key: VerificationKey
        var pinKey: VerificationKey
        var state = "pending"
        var triesLeft = 5
    }
    struct Waiting {
        var details: JSONObject
        var number: Int
        var numbers: [Int]
        var status = "pending"
        var givenAttributes: [String] = []
    }

    let issuer: String
    let now: Instant
    let codes: Set<String>
    var usedCodes: Set<String> = []
    var devices: [String: Device] = [:]
    var transactions: [String: Waiting] = [:]
    var seen: Set<String> = []
    var notices: [JSONValue] = []
    var comparisonCode = ""
    var requests: [DeviceRequest] = []
    /// Replaces the answer, to play a broken or hostile server.
    var tamper: (@Sendable (DeviceRequest, DeviceResponse) throws -> DeviceResponse)?

    init(issuer: String, now: Instant, codes: Set<String>) {
        self.issuer = issuer
        self.now = now
        self.codes = codes
    }

    func set(tamper: (@Sendable (DeviceRequest, DeviceResponse) throws -> DeviceResponse)?) { self.tamper = tamper }
    func set(state: String) { for id in devices.keys { devices[id]?.state = state } }
    func add(_ id: String, _ details: JSONObject, number: Int, numbers: [Int]) {
        transactions[id] = Waiting(details: details, number: number, numbers: numbers)
    }
    func change(_ id: String, member: String, _ value: JSONValue) { transactions[id]?.details[member] = value }

    nonisolated func send(_ request: DeviceRequest) async throws -> DeviceResponse { try await receive(request) }

    private func receive(_ request: DeviceRequest) throws -> DeviceResponse {
        requests.append(request)
        let answer: DeviceResponse
        do throws(Refusal) { answer = try respond(request) } catch { answer = error.response }
        return try tamper?(request, answer) ?? answer
    }

    struct Refusal: Error {
        var status: Int
        var code: String
        var extra: JSONObject = [:]
        var response: DeviceResponse {
            var object: JSONObject = ["type": "about:blank", "status": .integer(Int64(status)), "code": .string(code)]
            for member in extra.members { object[member.name] = member.value }
            return DeviceResponse(status: status, body: JSON.bytes(object))
        }
    }

    private func respond(_ request: DeviceRequest) throws(Refusal) -> DeviceResponse {
        let path = String(request.target.prefix { $0 != "?" })
        if request.method == "POST", path == "/device/v1/activations" { return try activate(request) }
        let id = try authenticate(request, path: path)
        guard let device = devices[id] else { throw Refusal(status: 401, code: "device.proof_invalid") }
        if path == "/device/v1/self" {
            return json([
                "device_id": .string(id), "name": "test", "state": .string(device.state),
                "pin_locked": .bool(device.triesLeft == 0), "pin_tries_left": .integer(Int64(device.triesLeft)),
                "ial": 2, "notices": .array(notices), "held_until": .integer(now.seconds + 60),
            ])
        }
        guard device.state == "active" else { throw Refusal(status: 403, code: "device.not_active") }
        if path == "/device/v1/transactions" {
            let waiting = transactions.filter { $0.value.status == "pending" }.sorted { $0.key < $1.key }
            return json([
                "transactions": .array(
                    waiting.map { id, transaction in
                        [
                            "id": .string(id), "details": .object(transaction.details),
                            "numbers": .array(transaction.numbers.map { .integer(Int64($0)) }),
                        ]
                    })
            ])
        }
        if path == "/device/v1/claims" {
            let frame = (try? JSON.parseObject(request.body))?.string("frame") ?? ""
            guard let (id, found) = transactions.first(where: { frame.hasSuffix($0.key) }) else {
                throw Refusal(status: 410, code: "transaction.frame_stale")
            }
            return json([
                "id": .string(id), "details": .object(found.details),
                "numbers": .array(found.numbers.map { .integer(Int64($0)) }),
            ])
        }
        if request.method == "POST", path == "/device/v1/pin" {
            return try changePIN(request, deviceID: id, device: device)
        }
        let pieces = path.split(separator: "/").map(String.init)
        guard request.method == "POST", pieces.count == 5, pieces[4] == "decision" else {
            throw Refusal(status: 404, code: "not_found")
        }
        return try decide(request, transactionID: pieces[3], deviceID: id, device: device)
    }

    private func activate(_ request: DeviceRequest) throws(Refusal) -> DeviceResponse {
        guard let body = try? JSON.parseObject(request.body),
            let deviceKey = body.object("device_key").flatMap({ try? JWK($0) }),
            let pinKey = body.object("pin_key").flatMap({ try? JWK($0) }), !deviceKey.isSecret, !pinKey.isSecret,
            let verifier = try? VerificationKey(deviceKey), let pinVerifier = try? VerificationKey(pinKey)
        else { throw Refusal(status: 400, code: "request.malformed") }
        let code = (body.string("code") ?? "").replacingOccurrences(of: "-", with: "")
        guard codes.contains(code), !usedCodes.contains(code) else {
            throw Refusal(status: 403, code: "activation.invalid")
        }
        for (proof, key) in [("proof", verifier), ("pin_proof", pinVerifier)] {
            guard let claims = claims(body.string(proof), type: "rumdul-activation+jwt", key: key),
                claims.string("aud") == issuer, claims.integer("iat") == now.seconds,
                claims.string("code_hash") == Base64URL.encode(Array(SHA256.hash(data: Array(code.utf8)))),
                claims.string("device_key") == deviceKey.thumbprintText,
                claims.string("pin_key") == pinKey.thumbprintText
            else { throw Refusal(status: 401, code: "device.proof_invalid") }
        }
        usedCodes.insert(code)
        let id = "device-\(devices.count + 1)"
        devices[id] = Device(key: verifier, pinKey: pinVerifier)
        let nonce = Base64URL.encode([UInt8](repeating: UInt8(devices.count), count: 16))
        let text = "rumdul-comparison" + deviceKey.thumbprintText + pinKey.thumbprintText + nonce
        var number: UInt64 = 0
        for byte in Array(SHA256.hash(data: Array(text.utf8)))[..<8] { number = number * 256 + UInt64(byte) }
        comparisonCode = String(String(1_000_000 + number % 1_000_000).dropFirst())
        return json(
            [
                "device_id": .string(id), "server_nonce": .string(nonce), "state": "pending",
                "expires_at": .integer(now.seconds + 600),
            ], status: 201)
    }

    private func authenticate(_ request: DeviceRequest, path: String) throws(Refusal) -> String {
        let refusal = Refusal(status: 401, code: "device.proof_invalid")
        let header = request.headers.first { $0.name == "authorization" }?.value ?? ""
        guard header.hasPrefix("DeviceProof ") else { throw refusal }
        let proof = String(header.dropFirst(12))
        guard let id = (try? UnverifiedJWS.parse(proof))?.header.keyID, let device = devices[id],
            let claims = claims(proof, type: "rumdul-device+jwt", key: device.key), claims.string("aud") == issuer,
            claims.string("htm") == request.method, claims.string("htu") == path,
            let issued = claims.integer("iat"), abs(issued - now.seconds) <= 60,
            let identifier = claims.string("jti"), !seen.contains(identifier)
        else { throw refusal }
        let hash = request.body.isEmpty ? nil : Base64URL.encode(Array(SHA256.hash(data: request.body)))
        guard claims.string("bh") == hash else { throw refusal }
        seen.insert(identifier)
        return id
    }

    func set(notices: [JSONValue]) { self.notices = notices }

    private func changePIN(
        _ request: DeviceRequest, deviceID: String, device: Device
    ) throws(Refusal) -> DeviceResponse {
        guard let body = try? JSON.parseObject(request.body), let change = body.string("change"),
            let key = body.object("pin_key").flatMap({ try? JWK($0) }), !key.isSecret,
            let verifier = try? VerificationKey(key),
            let claims = claims(change, type: "rumdul-pin-change+jwt", key: device.key),
            claims.string("iss") == deviceID, claims.string("aud") == issuer,
            claims.string("pin_key") == key.thumbprintText, claims.integer("iat") == now.seconds,
            let new = body.string("new_pin_signature").flatMap({ Base64URL.decode($0) }),
            verifier.isValid(new, for: Array(change.utf8), algorithm: .es256)
        else { throw Refusal(status: 401, code: "device.proof_invalid") }
        guard let old = body.string("pin_signature").flatMap({ Base64URL.decode($0) }),
            device.pinKey.isValid(old, for: Array(change.utf8), algorithm: .es256)
        else {
            devices[deviceID]?.triesLeft -= 1
            let left: JSONObject = ["tries_left": .integer(Int64(device.triesLeft - 1))]
            throw Refusal(status: 403, code: "device.pin_wrong", extra: left)
        }
        devices[deviceID]?.pinKey = verifier
        return json(["status": "changed"])
    }

    private func decide(
        _ request: DeviceRequest, transactionID: String, deviceID: String, device: Device
    ) throws(Refusal) -> DeviceResponse {
        guard let transaction = transactions[transactionID] else {
            throw Refusal(status: 404, code: "transaction.not_found")
        }
        guard let body = try? JSON.parseObject(request.body), let decision = body.string("decision"),
            let claims = claims(decision, type: "rumdul-decision+jwt", key: device.key),
            claims.string("iss") == deviceID, claims.string("aud") == issuer, claims.string("txn") == transactionID,
            claims.string("client_id") == transaction.details.string("client_id"),
            let attributes = claims.strings("attributes"), let number = claims.integer("number"),
            let identifier = claims.string("jti"), seen.insert(identifier).inserted,
            claims.integer("iat") == now.seconds
        else { throw Refusal(status: 401, code: "device.proof_invalid") }
        guard transaction.status == "pending" else { throw Refusal(status: 409, code: "transaction.decided") }
        switch claims.string("action") {
        case "deny", "report":
            guard attributes.isEmpty, number == 0, !body.has("pin_signature") else {
                throw Refusal(status: 400, code: "request.malformed")
            }
            let status = claims.string("action") == "deny" ? "denied" : "reported"
            transactions[transactionID]?.status = status
            return json(["status": .string(status)])
        case "approve": break
        default: throw Refusal(status: 401, code: "device.proof_invalid")
        }
        guard device.triesLeft > 0 else { throw Refusal(status: 403, code: "device.pin_locked") }
        guard let signature = body.string("pin_signature").flatMap({ Base64URL.decode($0) }),
            device.pinKey.isValid(signature, for: Array(decision.utf8), algorithm: .es256)
        else {
            devices[deviceID]?.triesLeft -= 1
            let left = device.triesLeft - 1
            if left == 0 { throw Refusal(status: 403, code: "device.pin_locked") }
            throw Refusal(status: 403, code: "device.pin_wrong", extra: ["tries_left": .integer(Int64(left))])
        }
        guard number == transaction.number else {
            transactions[transactionID]?.status = "over"
            throw Refusal(status: 403, code: "transaction.number_mismatch")
        }
        let canonical = (try? CanonicalJSON.encode(.object(transaction.details))) ?? []
        guard claims.string("details_hash") == Base64URL.encode(Array(SHA256.hash(data: canonical))) else {
            throw Refusal(status: 409, code: "transaction.details_mismatch")
        }
        let offered = Set(transaction.details.array("attributes")?.compactMap { $0["name"]?.stringValue } ?? [])
        guard Set(attributes).isSubset(of: offered) else {
            throw Refusal(status: 400, code: "transaction.attribute_not_requested")
        }
        transactions[transactionID]?.status = "approved"
        transactions[transactionID]?.givenAttributes = attributes
        return json(["status": "approved"])
    }

    private func claims(_ token: String?, type: String, key: VerificationKey) -> JSONObject? {
        guard let token, let jws = try? JWS.verify(token, algorithms: [.es256], key: key), jws.header.type == type
        else {
            return nil
        }
        return try? JSON.parseObject(jws.payload)
    }

    private func json(_ object: JSONObject, status: Int = 200) -> DeviceResponse {
        DeviceResponse(status: status, body: JSON.bytes(object))
    }
}
