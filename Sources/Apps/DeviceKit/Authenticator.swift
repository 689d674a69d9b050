import Codecs
import Crypto
import Kernel

/// The core of the authenticator app: enrols a device, sees what waits, decides. It signs only what it has read itself.
///
/// One authenticator serves one enrolment of one person; several enrolments are several authenticators with stores of
/// their own.
public struct Authenticator: Sendable {
    /// Where key and secret live.
    let keys: any DeviceKeyStore
    /// Where the record of the enrolment lives.
    let records: any EnrolmentStore
    /// Carries the requests.
    let transport: any DeviceTransport
    /// Says where the device key lives.
    let attester: any DeviceAttester
    /// Time and randomness.
    let ambient: Ambient

    /// - Parameter attester: says where the device key lives; by default that it is software.
    public init(
        keys: any DeviceKeyStore, records: any EnrolmentStore, transport: any DeviceTransport,
        attester: any DeviceAttester = SoftwareAttester(), ambient: Ambient = .system
    ) {
        self.attester = attester
        self.keys = keys
        self.records = records
        self.transport = transport
        self.ambient = ambient
    }

    /// An authenticator with a software key store, everything in one folder.
    /// - Parameters:
    ///   - folder: the folder of this enrolment, made when needed.
    ///   - passphrase: seals the key file when given.
    public init(
        folder: String, passphrase: String? = nil, transport: any DeviceTransport,
        attester: any DeviceAttester = SoftwareAttester(), ambient: Ambient = .system
    ) {
        self.init(
            keys: SoftwareKeyStore(folder: folder, passphrase: passphrase, ambient: ambient),
            records: FileEnrolmentStore(folder: folder, ambient: ambient), transport: transport, attester: attester,
            ambient: ambient)
    }

    /// The record of the enrolment.
    /// - Throws: `device.not_enrolled`.
    public func enrolment() async throws -> EnrolmentRecord {
        guard let record = try await records.load() else { throw RumdulError.notEnrolled }
        return record
    }

    /// Forgets the enrolment and destroys the keys on this device. The server is not told: an officer revokes a lost
    /// device.
    public func forget() async throws {
        try await keys.delete()
        try await records.delete()
    }

    /// What the server says about this device.
    /// - Throws: `device.not_enrolled`, `device.server_unreachable`, `device.answer_malformed`, `device.proof_invalid`.
    public func status() async throws -> DeviceStatus {
        let record = try await enrolment()
        let answer = try await call(record, "GET", "/device/v1/self")
        let status = try DeviceStatus(answer)
        guard status.deviceID == record.deviceID else {
            throw RumdulError.answerMalformed("device_id of another device")
        }
        return status
    }

    /// What waits for a decision, oldest first as the server orders it.
    /// - Parameter wait: seconds to wait until something is there, 0 to 25; 0 answers at once.
    /// - Throws: as ``status()``, and `device.not_active`.
    public func pendingTransactions(wait: Int = 0) async throws -> [PendingTransaction] {
        let record = try await enrolment()
        let seconds = min(max(wait, 0), 25)
        let answer = try await call(
            record, "GET", "/device/v1/transactions", query: seconds > 0 ? "?wait=\(seconds)" : "", wait: seconds)
        guard let list = answer.array("transactions"), list.count <= 1000 else {
            throw RumdulError.answerMalformed("transactions")
        }
        return try list.map { try PendingTransaction($0) }
    }

    /// Reads a frame of a login page's QR code: the request becomes this person's, and waits for the decision.
    /// - Parameter text: what the camera read, an address of the issuer with the frame behind `#f=`.
    /// - Throws: `device.code_foreign` for any other text, `transaction.frame_stale`, and as ``pendingTransactions(wait:)``.
    public func claim(_ text: String) async throws -> PendingTransaction {
        let record = try await enrolment()
        let prefix = record.issuer.text + "/device/v1/claims#f="
        guard text.hasPrefix(prefix), (40...64).contains(text.utf8.count - prefix.utf8.count) else {
            throw RumdulError.codeForeign
        }
        let content: JSONObject = ["frame": .string(String(text.dropFirst(prefix.count)))]
        let body = JSON.bytes(.object(content))
        return try PendingTransaction(.object(try await call(record, "POST", "/device/v1/claims", body: body)))
    }

    /// One waiting transaction.
    /// - Throws: `transaction.not_found`, and as ``pendingTransactions(wait:)``.
    public func transaction(_ id: String) async throws -> PendingTransaction {
        guard let found = try await pendingTransactions().first(where: { sameCodePoints($0.id, id) }) else {
            throw RumdulError.transactionNotFound
        }
        return found
    }
}

extension Authenticator {
    /// Sends an authenticated request and reads the object in the answer (device protocol, section 2).
    func call(
        _ record: EnrolmentRecord, _ method: String, _ path: String, query: String = "", body: [UInt8] = [],
        wait: Int = 0
    ) async throws -> JSONObject {
        let fullPath = record.server.path + path
        var claims: JSONObject = [
            "aud": .string(record.issuer.text), "htm": .string(method), "htu": .string(fullPath),
            "iat": .integer(ambient.now().seconds), "jti": .string(ambient.newSecret(bytes: 16)),
        ]
        if !body.isEmpty { claims["bh"] = .string(Base64URL.encode(Array(SHA256.hash(data: body)))) }
        let proof = try await DeviceSigner(keyID: record.deviceID, keys.sign).token(claims, type: "rumdul-device+jwt")
        return try await exchange(
            record.server, method, path, query: query, body: body, authorization: "DeviceProof " + proof, wait: wait)
    }

    /// Sends a request and reads the object in the answer.
    func exchange(
        _ server: ServerURL, _ method: String, _ path: String, query: String = "", body: [UInt8],
        authorization: String? = nil,
        wait: Int = 0
    ) async throws -> JSONObject {
        var headers: [(name: String, value: String)] = [("accept", "application/json, application/problem+json")]
        if let authorization { headers.append(("authorization", authorization)) }
        if !body.isEmpty { headers.append(("content-type", "application/json")) }
        let response = try await transport.send(
            DeviceRequest(
                method: method, url: server.text + path + query, target: server.path + path + query, headers: headers,
                body: body, timeout: wait + 15))
        guard response.body.count <= 1 << 20 else { throw RumdulError.answerMalformed("longer than 1 MiB") }
        guard (200...299).contains(response.status) else { throw ServerProblem.error(response) }
        guard let object = try? JSON.parseObject(response.body) else {
            throw RumdulError.answerMalformed("no JSON object")
        }
        return object
    }
}
