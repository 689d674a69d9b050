import Codecs

/// What a page hands to the browser so that authenticators forget or rename passkeys (WebAuthn section 5.1.10).
public enum PasskeySignal: Sendable {
    /// `signalUnknownCredential`: this passkey is not registered here.
    case unknownCredential(id: [UInt8])
    /// `signalAllAcceptedCredentials`: these are all passkeys of the account. Only for a person who is logged in.
    case allAccepted(handle: [UInt8], ids: [[UInt8]])
    /// `signalCurrentUserDetails`: what the account is called now.
    case currentDetails(PasskeyUser)

    /// The options of the call.
    public func json(relyingPartyID: String) -> JSONObject {
        switch self {
        case .unknownCredential(let id):
            ["rpId": .string(relyingPartyID), "credentialId": .string(Base64URL.encode(id))]
        case .allAccepted(let handle, let ids):
            [
                "rpId": .string(relyingPartyID), "userId": .string(Base64URL.encode(handle)),
                "allAcceptedCredentialIds": .strings(ids.map { Base64URL.encode($0) }),
            ]
        case .currentDetails(let user):
            [
                "rpId": .string(relyingPartyID), "userId": .string(Base64URL.encode(user.handle)),
                "name": .string(user.name), "displayName": .string(user.displayName),
            ]
        }
    }
}
