import Codecs
import Kernel

/// Extension outputs of client and authenticator (WebAuthn section 9). Outputs that nobody asked for are tolerated unless
/// the caller lists what it asked for; the ones this product knows must be well-formed.
struct ExtensionOutputs {
    /// `credProps.rk` (section 10.1.3).
    let isDiscoverable: Bool?
    /// `appid`: the hash is the one of the old identifier (section 10.1.1).
    let usedAppID: Bool

    /// - Throws: `webauthn.extensions`.
    init(client: JSONObject, authenticator: CBORMap?, requested: Set<String>?) throws(RumdulError) {
        if let requested {
            let named = client.names + (authenticator?.keys.compactMap(\.textValue) ?? [])
            guard named.allSatisfy(requested.contains) else { throw .webAuthn(.extensions, "not asked for") }
        }
        guard authenticator?.keys.allSatisfy({ $0.textValue != nil }) ?? true else {
            throw .webAuthn(.extensions, "an identifier is no text")
        }
        if let member = client["credProps"] {
            guard let properties = member.objectValue, !properties.has("rk") || properties.bool("rk") != nil else {
                throw .webAuthn(.extensions, "credProps")
            }
            isDiscoverable = properties.bool("rk")
        } else {
            isDiscoverable = nil
        }
        if let member = client["appid"] {
            guard let used = member.boolValue else { throw .webAuthn(.extensions, "appid") }
            usedAppID = used
        } else {
            usedAppID = false
        }
    }
}
