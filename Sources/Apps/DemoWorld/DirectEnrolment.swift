import Accountability
import Authenticators
import Codecs
import Crypto
import Enrolment
import JOSE
import Kernel
import RumdulServer

/// Enrols people without a browser, through the same use cases that the officer's pages and the device's requests call:
/// for tests and for figures that need thousands of people with a device.
public struct DirectEnrolment: Sendable {
    private let node: Node
    private let service: EnrolmentService
    private let officer: Officer

    /// - Throws: `demo.file` when the officers of the demonstration are not there.
    public init(node: Node) async throws {
        self.node = node
        service = node.enrolment
        officer = try await DirectEnrolment.nationalOfficer(node)
    }

    /// Opens an enrolment, uses its code with new keys, and confirms the comparison.
    /// - Throws: `enrolment.*`, `device.*`, `activation.invalid`.
    public func enrol(_ person: PersonID) async throws -> DemoDevice {
        let opened = try await service.openEnrolment(
            person: person, evidence: try Evidence([EvidenceItem(.khmerIDCard)]), requestKey: node.ambient.newSecret(),
            by: officer)
        let issued = try await service.issueActivationCode(opened.id, afterSerial: opened.codeSerial, by: officer)
        guard let code = try await service.currentCode(issued.id, by: officer) else {
            throw RumdulError.enrolmentExpired
        }
        let deviceKey = P256.Signing.PrivateKey()
        let pinKey = P256.Signing.PrivateKey()
        let proofs = try await DemoDevice.proofs(
            code: code.display, deviceKey: deviceKey, pinKey: pinKey, issuer: node.baseURL, now: node.ambient.now())
        let receipt = try await service.activate(
            ActivationRequest(proofs: proofs, deviceName: "Direct device", platform: "rumdul-demo/1"))
        _ = try await service.confirm(opened.id, device: receipt.deviceID, same: true, by: officer)
        return DemoDevice(
            id: receipt.deviceID, personID: person, deviceKey: deviceKey, pinKey: pinKey, issuer: node.baseURL,
            ambient: node.ambient)
    }

    static func nationalOfficer(_ node: Node) async throws -> Officer {
        let officers = try await node.officers.officers(limit: 200)
        guard let officer = officers.first(where: { $0.username == DemoOfficer.national.username }) else {
            throw RumdulError.demoFile("officer missing")
        }
        return officer
    }
}

/// A device in memory: both keys, and what it signs. The PIN key is random here, not derived from a PIN, so that
/// thousands of devices cost no scrypt; the server cannot tell.
public struct DemoDevice: Sendable {
    /// The server's name for the device.
    public let id: String
    public let personID: PersonID
    public let deviceKey: P256.Signing.PrivateKey
    public let pinKey: P256.Signing.PrivateKey
    let issuer: String
    let ambient: Ambient

    /// The value of `Authorization` for one request (device protocol, section 2).
    /// - Parameter path: without the query.
    public func authorization(_ method: String, _ path: String, body: [UInt8] = []) async throws -> String {
        var claims: JSONObject = [
            "aud": .string(issuer), "htm": .string(method), "htu": .string(path),
            "iat": .integer(ambient.now().seconds),
            "jti": .string(ambient.newSecret(bytes: 16)),
        ]
        if !body.isEmpty { claims["bh"] = .string(Base64URL.encode(Array(SHA256.hash(data: body)))) }
        return "DeviceProof " + (try await sign(claims, type: "rumdul-device+jwt"))
    }

    /// The body of an approval (device protocol, section 4).
    /// - Parameters:
    ///   - transaction: its identifier.
    ///   - details: the `details` object as the server sent it.
    ///   - attributes: what to give; all that is asked when left out.
    ///   - number: the number the browser shows.
    public func approval(
        of transaction: String, details: JSONObject, attributes: [String]? = nil, number: Int
    ) async throws -> [UInt8] {
        let asked = (details.array("attributes") ?? []).compactMap { $0["name"]?.stringValue }
        let canonical = try CanonicalJSON.encode(.object(details))
        let claims: JSONObject = [
            "iss": .string(id), "aud": .string(issuer), "txn": .string(transaction), "action": "approve",
            "client_id": .string(details.string("client_id") ?? ""), "attributes": .strings(attributes ?? asked),
            "number": .integer(Int64(number)),
            "details_hash": .string(Base64URL.encode(Array(SHA256.hash(data: canonical)))),
            "iat": .integer(ambient.now().seconds), "jti": .string(ambient.newSecret(bytes: 16)),
        ]
        let decision = try await sign(claims, type: "rumdul-decision+jwt")
        let signature = Array(try pinKey.signature(for: Array(decision.utf8)).rawRepresentation)
        return JSON.bytes(
            ["decision": .string(decision), "pin_signature": .string(Base64URL.encode(signature))] as JSONObject)
    }

    private func sign(_ claims: JSONObject, type: String) async throws -> String {
        try await JWSProducer(signer: KeySigner(key: deviceKey, keyID: id), type: type).sign(claims)
    }

    static func proofs(
        code: String, deviceKey: P256.Signing.PrivateKey, pinKey: P256.Signing.PrivateKey, issuer: String, now: Instant
    ) async throws -> ActivationProofs {
        let device = try JWK(.p256(deviceKey.publicKey))
        let pin = try JWK(.p256(pinKey.publicKey))
        let hash = SHA256.hash(data: ActivationCode.canonical(code))
        let claims: JSONObject = [
            "aud": .string(issuer), "code_hash": .string(Base64URL.encode(Array(hash))),
            "device_key": .string(device.thumbprintText), "pin_key": .string(pin.thumbprintText),
            "iat": .integer(now.seconds),
        ]
        func proof(_ key: P256.Signing.PrivateKey) async throws -> String {
            try await JWSProducer(signer: KeySigner(key: key, keyID: ""), type: "rumdul-activation+jwt").sign(claims)
        }
        return ActivationProofs(
            code: code, deviceKey: device, pinKey: pin, proof: try await proof(deviceKey),
            pinProof: try await proof(pinKey))
    }
}

/// Signs with a P-256 key in memory.
private struct KeySigner: JWSSigner {
    let key: P256.Signing.PrivateKey
    let keyID: String
    let algorithm = JWSAlgorithm.es256

    func sign(_ input: [UInt8]) async throws -> [UInt8] { Array(try key.signature(for: input).rawRepresentation) }
}
