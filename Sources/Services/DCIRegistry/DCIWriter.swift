import Accountability
import Codecs
import Database
import JOSE
import Kernel
import KeyVault
import PopulationRegister
import ReferenceData

/// Signs what leaves, and writes people as the standard has them.
public struct DCIWriter: Sendable {
    /// The purpose of the key that signs envelopes.
    public static let signing = KeyPurpose(rawValue: "dci-registry")
    /// Where the public keys are (the standard's JWKs interface).
    public static let keysPath = "/.well-known/jwks.json"

    let vault: any KeyVault
    let reference: ReferenceData
    /// The base URL of this node: `sender_id` of what it sends.
    let issuer: String
    let ambient: Ambient

    public init(vault: any KeyVault, reference: ReferenceData, issuer: String, ambient: Ambient) {
        self.vault = vault
        self.reference = reference
        self.issuer = issuer
        self.ambient = ambient
    }

    /// An answer's header (`MsgCallbackHeader_V1.0.0`).
    func header(
        _ action: String, _ status: DCIStatus, to receiver: String, total: Int, completed: Int,
        meta: JSONObject? = nil
    ) -> JSONObject {
        var header: JSONObject = [
            "version": "1.0.0", "message_id": .string(ambient.newID()),
            "message_ts": .string(ambient.now().rfc3339), "action": .string(action),
            "status": .string(status.rawValue), "total_count": .integer(Int64(total)),
            "completed_count": .integer(Int64(completed)), "sender_id": .string(issuer),
            "receiver_id": .string(receiver), "is_msg_encrypted": false,
        ]
        if let meta { header["meta"] = .object(meta) }
        return header
    }

    /// An envelope with its signature: a compact JWS whose payload is the canonical JSON (RFC 8785) of header and
    /// message, so that whoever knows JWS alone can check it.
    func signed(_ header: JSONObject, _ message: JSONObject?) async throws -> JSONObject {
        var content: JSONObject = ["header": .object(header)]
        if let message { content["message"] = .object(message) }
        let key = try await vault.activeKey(Self.signing)
        let signature = try await JWSProducer(signer: vault.signer(key), type: "rumdul-dci+jws")
            .sign(try CanonicalJSON.encode(.object(content)))
        var envelope: JSONObject = ["signature": .string(signature)]
        for member in content.members { envelope[member.name] = member.value }
        return envelope
    }

    /// A person who was told of.
    func person(
        _ told: DisclosedAttributes, isKhmer: Bool, in connection: any SQLConnection
    ) async throws -> DCIPerson {
        var person = DCIPerson(told: told, isKhmer: isKhmer)
        if let code = told[.birthplace]?.stringValue.flatMap({ PlaceCode($0) }) {
            let path = try await reference.path(code, on: ambient.now().dayInCambodia, in: connection)
            let words = path.formattedAddress
            person.birthPlace = path.isEmpty ? code.text : isKhmer ? words.km : words.en
        }
        return person
    }
}
