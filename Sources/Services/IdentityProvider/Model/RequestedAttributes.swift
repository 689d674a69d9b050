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
        // Lists of a few names: looking through them costs less than hashing them.
        let essentials = purpose.essential.filter(asked.contains)
        shown = essentials + purpose.optional.filter { asked.contains($0) && !essentials.contains($0) }
        essential = Set(essentials)
        let unknown = claimNames.filter { !purpose.essential.contains($0) && !purpose.optional.contains($0) }
        dropped = unknown.isEmpty ? [] : Set(unknown).sorted()
    }
}
