import Codecs
import Crypto
import Kernel

/// A passkey in memory that can lie: for tests of what is stored, not of the ceremonies (WebAuthnTests have those).
struct SoftPasskey: Sendable {
    let key = P256.Signing.PrivateKey()
    var id: [UInt8]
    var host = "id.example"
    var origin = "https://id.example"
    var handle: [UInt8] = []
    var count: UInt32 = 0
    var isSynced = false

    private static let present: UInt8 = 0x01 | 0x04

    private func data(attested: [UInt8] = []) -> [UInt8] {
        var flags = Self.present | (attested.isEmpty ? 0 : 0x40)
        if isSynced { flags |= 0x18 }
        return Array(SHA256.hash(data: Array(host.utf8))) + [flags]
            + (0..<4).map { UInt8(count >> (24 - 8 * $0) & 255) }
            + attested
    }

    private func clientData(_ type: String, _ challenge: [UInt8]) -> [UInt8] {
        let object: JSONObject = [
            "type": .string(type), "challenge": .string(Base64URL.encode(challenge)), "origin": .string(origin),
            "crossOrigin": false,
        ]
        return JSON.bytes(object)
    }

    private func answer(_ response: JSONObject) -> JSONObject {
        [
            "id": .string(Base64URL.encode(id)), "rawId": .string(Base64URL.encode(id)), "type": "public-key",
            "response": .object(response), "clientExtensionResults": [:],
        ]
    }

    func create(_ challenge: [UInt8]) -> JSONObject {
        let point = Array(key.publicKey.rawRepresentation)
        let cose: CBORValue = [
            1: 2, 3: -7, -1: 1, -2: .bytes(Array(point[..<32])), -3: .bytes(Array(point[32...])),
        ]
        let attested =
            [UInt8](repeating: 0, count: 16) + [UInt8(id.count >> 8), UInt8(id.count & 255)] + id
            + CBOR.encode(cose)
        let object: CBORValue = ["fmt": "none", "attStmt": [:], "authData": .bytes(data(attested: attested))]
        return answer([
            "clientDataJSON": .string(Base64URL.encode(clientData("webauthn.create", challenge))),
            "attestationObject": .string(Base64URL.encode(CBOR.encode(object))),
        ])
    }

    func get(_ challenge: [UInt8]) throws -> JSONObject {
        let (client, data) = (clientData("webauthn.get", challenge), data())
        let signature = try key.signature(for: data + Array(SHA256.hash(data: client)))
        return answer([
            "clientDataJSON": .string(Base64URL.encode(client)), "authenticatorData": .string(Base64URL.encode(data)),
            "signature": .string(Base64URL.encode(Array(signature.derRepresentation))),
            "userHandle": .string(Base64URL.encode(handle)),
        ])
    }
}
