import Kernel

extension RumdulError {
    /// A registration file is refused; `fields` say why.
    static func relyingPartyInvalid(_ field: String, km: String, en: String) -> RumdulError {
        RumdulError(
            "relying_party.invalid", .invalid, km: "ឯកសារចុះឈ្មោះសេវាកម្មមិនត្រឹមត្រូវ។",
            en: "The registration file is not valid: \(field): \(en)",
            fields: [FieldError(field, LocalizedText(km: km, en: en))])
    }

    /// No registration has this identifier.
    static let relyingPartyNotFound = RumdulError(
        "relying_party.not_found", .notFound, km: "សេវាកម្មនេះមិនបានចុះឈ្មោះទេ។",
        en: "No relying party is registered under this identifier.")

    /// The keys behind a client's `jwks_uri` cannot be had, and none are known from before.
    static let relyingPartyKeysUnavailable = RumdulError(
        "relying_party.keys_unavailable", .unavailable, km: "មិនអាចទាញយកកូនសោសាធារណៈរបស់សេវាកម្មបានទេ។",
        en: "The public keys of the relying party cannot be fetched.")

    /// There is no such initial access token, or it is used up.
    static let initialAccessTokenNotFound = RumdulError(
        "relying_party.token_not_found", .notFound, km: "រកមិនឃើញសញ្ញាសម្ងាត់សម្រាប់ចុះឈ្មោះនេះទេ។",
        en: "There is no such initial access token.")
}
