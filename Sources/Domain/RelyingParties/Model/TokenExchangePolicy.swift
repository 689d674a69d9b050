import Codecs
import Kernel

/// What a client may exchange the tokens for that people's clients send to it (RFC 8693): the operator's decision, member
/// `token_exchange` of the registration.
public struct TokenExchangePolicy: Sendable, Hashable {
    /// The client's own resources: a subject token must have one of them as an audience.
    public var resources: [String]
    /// The audiences that new tokens may have.
    public var audiences: [String]
    /// The scope values that new tokens may keep.
    public var scopes: [String]
}

extension TokenExchangePolicy {
    var json: JSONObject {
        ["resources": .strings(resources), "audiences": .strings(audiences), "scopes": .strings(scopes)]
    }
}

extension RelyingPartyDocument {
    static func readTokenExchange(_ reader: DocumentReader, into party: inout RelyingParty) throws {
        let name = "token_exchange"
        let isRegistered = party.grantTypes.contains(GrantType.tokenExchange.rawValue)
        guard isRegistered == reader.has(name) else {
            throw reader.invalid(
                name, km: "ត្រូវនឹង grant_types", "needed for the token-exchange grant type, and only for it")
        }
        guard isRegistered else { return }
        guard let object = reader.object.object(name) else {
            throw reader.invalid(name, km: "មិនត្រឹមត្រូវ", "{\"resources\", \"audiences\", \"scopes\"}")
        }
        let inner = DocumentReader(object: object)
        try inner.requireKnown(["resources", "audiences", "scopes"], in: "token_exchange.")
        let policy = TokenExchangePolicy(
            resources: try inner.webLinks("resources", limit: 20),
            audiences: try inner.webLinks("audiences", limit: 20),
            scopes: try inner.words("scopes", limit: 50))
        guard !policy.resources.isEmpty, !policy.audiences.isEmpty, !policy.scopes.isEmpty else {
            throw reader.invalid(name, km: "មិនត្រឹមត្រូវ", "resources, audiences and scopes name at least one each")
        }
        party.tokenExchange = policy
    }
}
