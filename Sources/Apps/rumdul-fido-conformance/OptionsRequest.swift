import Codecs
import Kernel
import WebAuthn

/// What the tool asks options with: `ServerPublicKeyCredentialCreationOptionsRequest` and `ServerPublicKeyCredentialGetOptionsRequest`.
struct OptionsRequest {
    let username: String
    private let displayName: String?
    let attachment: AuthenticatorAttachment?
    let residentKey: ResidentKeyRequirement
    let userVerification: UserVerificationRequirement
    let attestation: AttestationConveyance
    let extensions: JSONObject

    /// - Throws: what is malformed.
    init(_ json: JSONObject) throws(ConformanceFailure) {
        guard let username = json.string("username"), (1...256).contains(username.utf8.count) else {
            throw .request("username")
        }
        self.username = username
        displayName = json.string("displayName")
        let selection = try Self.object("authenticatorSelection", of: json)
        attachment = try Self.value("authenticatorAttachment", of: selection)
        let wanted: ResidentKeyRequirement? = try Self.value("residentKey", of: selection)
        residentKey = wanted ?? (selection.bool("requireResidentKey") == true ? .required : .discouraged)
        let verification: UserVerificationRequirement? = try Self.value("userVerification", of: selection)
        let beside: UserVerificationRequirement? = try Self.value("userVerification", of: json)
        userVerification = verification ?? beside ?? .preferred
        let conveyance: AttestationConveyance? = try Self.value("attestation", of: json)
        attestation = conveyance ?? AttestationConveyance.none
        extensions = try Self.object("extensions", of: json)
    }

    /// - Throws: what is malformed.
    func requiredDisplayName() throws(ConformanceFailure) -> String {
        guard let displayName, !displayName.isEmpty else { throw .request("displayName") }
        return displayName
    }

    private static func object(_ name: String, of json: JSONObject) throws(ConformanceFailure) -> JSONObject {
        guard let member = json[name], !member.isNull else { return [:] }
        guard let object = member.objectValue else { throw .request(name) }
        return object
    }

    private static func value<Value: RawRepresentable<String>>(
        _ name: String, of json: JSONObject
    ) throws(ConformanceFailure) -> Value? {
        guard let member = json[name], !member.isNull else { return nil }
        guard let value = member.stringValue.flatMap(Value.init(rawValue:)) else { throw .request(name) }
        return value
    }
}
