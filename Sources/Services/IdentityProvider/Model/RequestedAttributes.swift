import Accountability
import Codecs
import Kernel
import RelyingParties

/// From scopes and the `claims` parameter to the attributes that are really asked: only what the purpose registers, the rest dropped.
struct RequestedAttributes: Sendable, Equatable {
    /// Attributes to show, essential ones first, each once.
    var shown: [String]
    /// Names among `shown` that the purpose calls essential.
    var essential: Set<String>
    /// What was asked for but is not registered; goes to the log.
    var dropped: [String]

    /// Scope values and the attributes behind them (OpenID Connect Core 1.0, section 5.4, and the register's own names).
    static let scopes: [String: [String]] = [
        "profile": [
            "name", "name_km", "name_latin", "given_name", "family_name", "given_name_km", "family_name_km", "gender",
            "birthdate",
        ],
        "email": ["email"], "phone": ["phone_number"], "address": ["address", "address_province"],
        "kh_identity": ["kidc", "national_id", "nationality", "residency_status", "document_type"],
        "kh_age": ["age_over_15", "age_over_18"],
    ]

    /// Standard claims that this register cannot give; asking for them is no error (OpenID Connect Core 1.0, section 5.5.1).
    init(scope: [String], claimNames: [String], purpose: RegisteredPurpose) {
        var asked: [String] = []
        for value in scope { asked += Self.scopes[value] ?? [] }
        asked += claimNames
        let allowed = Set(purpose.essential + purpose.optional)
        let wanted = Set(asked).intersection(allowed)
        shown = purpose.essential.filter(wanted.contains) + purpose.optional.filter(wanted.contains)
        essential = wanted.intersection(purpose.essential)
        dropped = Set(claimNames).subtracting(allowed).sorted()
    }
}
