import COSE
import Codecs
import Crypto
import Foundation
import Kernel

@testable import WebAuthn

/// An authenticator and a browser that make registrations, right ones and, with any field changed, wrong ones.
struct ForgedRegistration: Sendable {
    typealias Statement =
        @Sendable (_ forged: ForgedRegistration, _ authData: [UInt8], _ hash: [UInt8]) throws ->
        CBORValue

    static let challenge: [UInt8] = Array(0..<32)
    static let zeroAAGUID = [UInt8](repeating: 0, count: 16)

    var key: ForgedKey
    var relyingPartyID = "id.example"
    var client: JSONObject = [
        "type": "webauthn.create", "challenge": .string(Base64URL.encode(Self.challenge)),
        "origin": "https://id.example", "crossOrigin": false,
    ]
    /// The bytes of the client data instead of those of ``client``.
    var clientBytes: [UInt8]?
    var flags: AuthenticatorData.Flags = [.userPresent, .userVerified, .attestedCredential]
    var signCount: UInt32 = 0
    var aaguid = Self.zeroAAGUID
    var credentialID: [UInt8] = Array(repeating: 0xC1, count: 32)
    /// The members of the public key.
    var keyMap: CBORMap
    /// Writes the credential's data whatever the flag says.
    var writesCredential = true
    var extensionData: CBORValue?
    var trailing: [UInt8] = []
    var format: CBORValue? = "none"
    var statement: Statement = { _, _, _ in [:] }
    /// The last change to the attestation object.
    var object: @Sendable (inout CBORMap) -> Void = { _ in }
    var clientExtensions: JSONObject = [:]
    var expectation = RegistrationExpectation(challenge: Self.challenge)
    var party = RelyingParty(id: "id.example", name: "Rumdul", origins: OriginPolicy(origins: ["https://id.example"]))

    init(_ algorithm: COSEAlgorithm = .es256) throws {
        key = try ForgedKey(algorithm)
        keyMap = try key.cose
    }

    var clientData: [UInt8] { clientBytes ?? JSON.bytes(client) }
    var clientHash: [UInt8] { Array(SHA256.hash(data: clientData)) }

    var authData: [UInt8] {
        var bytes = Array(SHA256.hash(data: Array(relyingPartyID.utf8))) + [flags.rawValue]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: signCount >> (24 - 8 * UInt32($0))) }
        if writesCredential {
            bytes += aaguid + [UInt8(credentialID.count >> 8), UInt8(credentialID.count & 0xFF)] + credentialID
            bytes += CBOR.encode(.map(keyMap))
        }
        if let extensionData { bytes += CBOR.encode(extensionData) }
        return bytes + trailing
    }

    func attestationObject() throws -> [UInt8] {
        let data = authData
        var map: CBORMap = ["authData": .bytes(data)]
        map["fmt"] = format
        map["attStmt"] = try statement(self, data, clientHash)
        object(&map)
        return CBOR.encode(.map(map))
    }

    func response() throws -> RegistrationResponse {
        RegistrationResponse(
            id: credentialID, clientDataJSON: clientData, attestationObject: try attestationObject(),
            transports: ["internal"], clientExtensions: clientExtensions)
    }

    /// The browser's JSON.
    func json() throws -> JSONObject {
        [
            "id": .string(Base64URL.encode(credentialID)), "rawId": .string(Base64URL.encode(credentialID)),
            "type": "public-key",
            "response": [
                "clientDataJSON": .string(Base64URL.encode(clientData)),
                "attestationObject": .string(Base64URL.encode(try attestationObject())), "transports": ["internal"],
            ],
            "clientExtensionResults": .object(clientExtensions), "authenticatorAttachment": "platform",
        ]
    }

    func verify(at now: Instant = Times.now) throws -> Registration {
        try party.verify(try response(), expectation, at: now)
    }
}

/// The same authenticator in an authentication.
struct ForgedAuthentication: Sendable {
    static let handle = [UInt8](repeating: 0xAB, count: 64)

    var key: ForgedKey
    var record: CredentialRecord
    var client: JSONObject = [
        "type": "webauthn.get", "challenge": .string(Base64URL.encode(ForgedRegistration.challenge)),
        "origin": "https://id.example", "crossOrigin": false,
    ]
    var clientBytes: [UInt8]?
    var relyingPartyID = "id.example"
    var flags: AuthenticatorData.Flags = [.userPresent, .userVerified]
    var signCount: UInt32 = 0
    var extensionData: CBORValue?
    var trailing: [UInt8] = []
    var userHandle: [UInt8]? = Self.handle
    var id: [UInt8]
    /// The last change to the signature.
    var signature: @Sendable (inout [UInt8]) -> Void = { _ in }
    /// Signs over another hash than that of the client data.
    var signedHash: [UInt8]?
    var clientExtensions: JSONObject = [:]
    var expectation = AuthenticationExpectation(challenge: ForgedRegistration.challenge)
    var party = RelyingParty(id: "id.example", name: "Rumdul", origins: OriginPolicy(origins: ["https://id.example"]))

    init(_ algorithm: COSEAlgorithm = .es256) throws {
        let forged = try ForgedRegistration(algorithm)
        key = forged.key
        record = try forged.verify().credential
        id = record.id
    }

    var clientData: [UInt8] { clientBytes ?? JSON.bytes(client) }

    var authData: [UInt8] {
        var bytes = Array(SHA256.hash(data: Array(relyingPartyID.utf8))) + [flags.rawValue]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: signCount >> (24 - 8 * UInt32($0))) }
        if let extensionData { bytes += CBOR.encode(extensionData) }
        return bytes + trailing
    }

    func response() throws -> AuthenticationResponse {
        let data = authData
        var signed = try key.sign(data + (signedHash ?? Array(SHA256.hash(data: clientData))))
        signature(&signed)
        return AuthenticationResponse(
            id: id, clientDataJSON: clientData, authenticatorData: data, signature: signed, userHandle: userHandle,
            clientExtensions: clientExtensions)
    }

    func json() throws -> JSONObject {
        let response = try response()
        return [
            "id": .string(Base64URL.encode(id)), "rawId": .string(Base64URL.encode(id)), "type": "public-key",
            "response": [
                "clientDataJSON": .string(Base64URL.encode(response.clientDataJSON)),
                "authenticatorData": .string(Base64URL.encode(response.authenticatorData)),
                "signature": .string(Base64URL.encode(response.signature)),
                "userHandle": .string(Base64URL.encode(Self.handle)),
            ],
            "clientExtensionResults": [:],
        ]
    }

    func verify() throws -> Authentication {
        try party.verify(try response(), expectation, credential: record, userHandle: Self.handle)
    }
}
