import Codecs
import Kernel

/// What an initial access token allows (RFC 7591, section 3): the operator's decisions for every client that is registered with it.
public struct RegistrationGrants: Sendable, Equatable {
    /// For whom it was made; shown to operators.
    public var label: String
    /// The purposes of every client.
    public var purposes: [RegisteredPurpose]
    /// Profiles that a client may choose; the first is the default.
    public var profiles: [ClientProfile]
    /// Grant types that a client may choose.
    public var grantTypes: [String]
    /// Scope values that a client may choose.
    public var scope: [String]
    /// For response types that put tokens into URLs.
    public var riskAcceptance: RiskAcceptance?
    /// Makes public subjects possible.
    public var publicSubjectReason: String?
    /// Whether confidential clients of `oidc-legacy` go without PKCE.
    public var proofKeyRelaxed: Bool
    public var organisation: ClientOrganisation?
    public var environment: ClientEnvironment

    private static let members: Set<String> = [
        "label", "purposes", "profiles", "grant_types", "scope", "risk_acceptance", "public_subject_reason",
        "require_pkce", "organisation", "environment",
    ]

    /// Reads the operator's file. Throws `relying_party.invalid` with the member that is wrong; unknown members are errors.
    public init(_ object: JSONObject) throws {
        let reader = DocumentReader(object: object)
        try reader.requireKnown(Self.members)
        label = try reader.optionalShownText("label", limit: 120) ?? ""
        guard !label.isEmpty else { throw reader.invalid("label", km: "ត្រូវការ", "says for whom the token is") }
        purposes = try RelyingPartyDocument.purposes(reader, encrypted: true)
        profiles = try reader.words("profiles", limit: 4).map { text in
            guard let profile = ClientProfile(rawValue: text) else {
                throw reader.invalid("profiles", km: "មិនស្គាល់", "unknown profile")
            }
            return profile
        }
        if profiles.isEmpty { profiles = [.oidcSecure] }
        grantTypes = try reader.words("grant_types", limit: 7)
        guard grantTypes.allSatisfy({ GrantType(rawValue: $0) != nil }) else {
            throw reader.invalid("grant_types", km: "មិនស្គាល់", "unknown grant type")
        }
        if grantTypes.isEmpty { grantTypes = ["authorization_code", "implicit", "refresh_token"] }
        scope = try reader.words("scope", limit: 50)
        riskAcceptance = try RelyingPartyDocument.riskAcceptance(reader)
        publicSubjectReason = try reader.optionalShownText("public_subject_reason", limit: 1000)
        proofKeyRelaxed = try reader.has("require_pkce") && !reader.truth("require_pkce")
        organisation = try RelyingPartyDocument.organisation(reader)
        environment = try reader.choice("environment", ClientEnvironment.self) ?? .sandbox
    }

    /// The same as a document.
    public var json: JSONObject {
        var object: JSONObject = [
            "label": .string(label), "purposes": .array(purposes.map(RelyingPartyDocument.json)),
            "profiles": .strings(profiles.map(\.rawValue)), "grant_types": .strings(grantTypes),
            "scope": .strings(scope), "environment": .string(environment.rawValue),
        ]
        if let riskAcceptance { object["risk_acceptance"] = RelyingPartyDocument.json(riskAcceptance) }
        if let publicSubjectReason { object["public_subject_reason"] = .string(publicSubjectReason) }
        if proofKeyRelaxed { object["require_pkce"] = false }
        if let organisation { object["organisation"] = RelyingPartyDocument.json(organisation) }
        return object
    }
}

/// An initial access token as it is stored; the token itself is known to its holder only.
public struct InitialAccessToken: Sendable {
    public var id: String
    public var grants: RegistrationGrants
    /// Registrations that it is still good for.
    public var usesLeft: Int64
    public var expiresAt: Instant
    public var createdAt: Instant
    public var revokedAt: Instant?

    func isGood(at now: Instant) -> Bool { revokedAt == nil && usesLeft > 0 && now < expiresAt }
}
