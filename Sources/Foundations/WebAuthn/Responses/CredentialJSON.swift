import Codecs
import Kernel

/// What both answers of a browser have in common: `id`, `type`, `clientDataJSON` and the extensions' outputs (WebAuthn
/// sections 5.1.8 and 5.1.9).
struct CredentialJSON {
    let id: [UInt8]
    let response: JSONObject
    let clientDataJSON: [UInt8]
    let clientExtensions: JSONObject
    let attachment: String?

    /// - Throws: `webauthn.response`, `webauthn.credential_id`, `webauthn.too_large`.
    init(_ json: JSONObject) throws(RumdulError) {
        id = try Self.bytes("id", of: json, limit: 2048)
        if json.has("rawId") {
            guard try Self.bytes("rawId", of: json, limit: 2048) == id else {
                throw .webAuthn(.credentialID, "id and rawId differ")
            }
        }
        guard json.string("type") == "public-key" else { throw .webAuthn(.response, "type is not public-key") }
        guard let response = json.object("response") else { throw .webAuthn(.response, "response is no object") }
        self.response = response
        clientDataJSON = try Self.bytes("clientDataJSON", of: response, limit: ClientData.maximumSize)
        clientExtensions = try Self.extensions(json)
        if let member = json["authenticatorAttachment"], !member.isNull {
            guard let text = member.stringValue else { throw .webAuthn(.response, "authenticatorAttachment") }
            attachment = text
        } else {
            attachment = nil
        }
    }

    /// FIDO's conformance interface calls the member after the method.
    private static func extensions(_ json: JSONObject) throws(RumdulError) -> JSONObject {
        guard let member = json["clientExtensionResults"] ?? json["getClientExtensionResults"], !member.isNull else {
            return [:]
        }
        guard let object = member.objectValue else { throw .webAuthn(.extensions, "clientExtensionResults") }
        return object
    }

    /// A member that is non-empty base64url.
    static func bytes(_ name: String, of object: JSONObject, limit: Int) throws(RumdulError) -> [UInt8] {
        guard let text = object.string(name), !text.isEmpty else {
            throw .webAuthn(.response, "\(name) is missing, empty or no string")
        }
        guard text.utf8.count <= (limit + 2) / 3 * 4 else { throw .webAuthn(.tooLarge, name) }
        guard let bytes = Base64URL.decode(text) else { throw .webAuthn(.response, "\(name) is not base64url") }
        return bytes
    }
}

/// The browser's answer to ``RegistrationOptions``: `RegistrationResponseJSON` (section 5.1.8).
public struct RegistrationResponse: Sendable {
    /// The credential's identifier as the browser names it.
    public var id: [UInt8]
    public var clientDataJSON: [UInt8]
    public var attestationObject: [UInt8]
    /// How the authenticator can be reached; for the descriptor of later options.
    public var transports: [String]
    /// The client's extension outputs.
    public var clientExtensions: JSONObject
    /// Built in or separate, as the browser says.
    public var attachment: AuthenticatorAttachment?

    public init(
        id: [UInt8], clientDataJSON: [UInt8], attestationObject: [UInt8], transports: [String] = [],
        clientExtensions: JSONObject = [:], attachment: AuthenticatorAttachment? = nil
    ) {
        self.id = id
        self.clientDataJSON = clientDataJSON
        self.attestationObject = attestationObject
        self.transports = transports
        self.clientExtensions = clientExtensions
        self.attachment = attachment
    }

    /// Reads the browser's JSON.
    /// - Throws: `webauthn.response`, `webauthn.credential_id`, `webauthn.extensions`, `webauthn.too_large`.
    public init(json: JSONObject) throws(RumdulError) {
        let common = try CredentialJSON(json)
        let object = try CredentialJSON.bytes(
            "attestationObject", of: common.response, limit: AttestationObject.maximumSize)
        var transports: [String] = []
        if let member = common.response["transports"] {
            guard let list = member.stringsValue, list.count <= 16, list.allSatisfy({ $0.utf8.count <= 64 }) else {
                throw .webAuthn(.response, "transports")
            }
            transports = list
        }
        self.init(
            id: common.id, clientDataJSON: common.clientDataJSON, attestationObject: object, transports: transports,
            clientExtensions: common.clientExtensions,
            attachment: common.attachment.flatMap(AuthenticatorAttachment.init(rawValue:)))
    }
}

/// The browser's answer to ``AuthenticationOptions``: `AuthenticationResponseJSON` (section 5.1.9).
public struct AuthenticationResponse: Sendable {
    /// The identifier of the credential that signed.
    public var id: [UInt8]
    public var clientDataJSON: [UInt8]
    public var authenticatorData: [UInt8]
    public var signature: [UInt8]
    /// The account's handle; always there with discoverable credentials.
    public var userHandle: [UInt8]?
    /// The client's extension outputs.
    public var clientExtensions: JSONObject

    public init(
        id: [UInt8], clientDataJSON: [UInt8], authenticatorData: [UInt8], signature: [UInt8],
        userHandle: [UInt8]? = nil, clientExtensions: JSONObject = [:]
    ) {
        self.id = id
        self.clientDataJSON = clientDataJSON
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
        self.clientExtensions = clientExtensions
    }

    /// Reads the browser's JSON.
    /// - Throws: `webauthn.response`, `webauthn.credential_id`, `webauthn.extensions`, `webauthn.too_large`.
    public init(json: JSONObject) throws(RumdulError) {
        let common = try CredentialJSON(json)
        var handle: [UInt8]?
        if let member = common.response["userHandle"], !member.isNull {
            // FIDO's conformance tool sends an empty string where there is none.
            guard let text = member.stringValue, text.utf8.count <= 88, let bytes = Base64URL.decode(text) else {
                throw .webAuthn(.response, "userHandle is not base64url")
            }
            handle = bytes.isEmpty ? nil : bytes
        }
        self.init(
            id: common.id, clientDataJSON: common.clientDataJSON,
            authenticatorData: try CredentialJSON.bytes(
                "authenticatorData", of: common.response, limit: AuthenticatorData.maximumSize),
            signature: try CredentialJSON.bytes("signature", of: common.response, limit: 1024), userHandle: handle,
            clientExtensions: common.clientExtensions)
    }
}
