/// The name of one piece of personal data, as it stands in OpenID Connect claims (Core 1.0 section 5.1) and on a
/// consent page.
public struct AttributeName: RawRepresentable, Hashable, Sendable, Codable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// The full name for display: Khmer, family name first.
    public static let name = AttributeName(rawValue: "name")
    /// The full name in Khmer script, family name first.
    public static let nameKhmer = AttributeName(rawValue: "name_km")
    /// The full name in Latin script, family name first, as on the passport.
    public static let nameLatin = AttributeName(rawValue: "name_latin")
    /// The given name in Latin script.
    public static let givenName = AttributeName(rawValue: "given_name")
    /// The family name in Latin script.
    public static let familyName = AttributeName(rawValue: "family_name")
    /// The given name in Khmer script.
    public static let givenNameKhmer = AttributeName(rawValue: "given_name_km")
    /// The family name in Khmer script.
    public static let familyNameKhmer = AttributeName(rawValue: "family_name_km")
    /// `male`, `female` or `unspecified`.
    public static let gender = AttributeName(rawValue: "gender")
    /// ISO 8601 `YYYY-MM-DD`, or `YYYY` when only the year is known (OIDC Core section 5.1).
    public static let birthdate = AttributeName(rawValue: "birthdate")
    /// The same value as `birthdate` under the name that CamDigiKey clients use.
    public static let dateOfBirth = AttributeName(rawValue: "date_of_birth")
    /// Whether the person is at least 15 years old today.
    public static let ageOver15 = AttributeName(rawValue: "age_over_15")
    /// Whether the person is at least 18 years old today.
    public static let ageOver18 = AttributeName(rawValue: "age_over_18")
    /// The ISO 3166-2 code of the province of residence.
    public static let addressProvince = AttributeName(rawValue: "address_province")
    /// The address of residence (OIDC Core section 5.1.1).
    public static let address = AttributeName(rawValue: "address")
    /// ISO 3166-1 alpha-3 code, or `stateless`, `refugee`, `undetermined`.
    public static let nationality = AttributeName(rawValue: "nationality")
    /// How the person lives in the country: `permanent`, `temporary` or `unrecorded`.
    public static let residencyStatus = AttributeName(rawValue: "residency_status")
    /// E.164.
    public static let phoneNumber = AttributeName(rawValue: "phone_number")
    /// An address of RFC 5322 section 3.4.1.
    public static let email = AttributeName(rawValue: "email")
    /// The lifelong identification code.
    public static let kidc = AttributeName(rawValue: "kidc")
    /// The number of the Khmer identity card.
    public static let nationalID = AttributeName(rawValue: "national_id")
    /// What kind of document the identity was proven with.
    public static let documentType = AttributeName(rawValue: "document_type")
    /// The place of birth, as a code; compared for systems of agencies, never shown to a relying party.
    public static let birthplace = AttributeName(rawValue: "birthplace")
    /// Whether the person lives; compared for systems of agencies, never shown to a relying party.
    public static let alive = AttributeName(rawValue: "alive")
    /// A record of the civil register; for officers and systems of agencies.
    public static let civilRecord = AttributeName(rawValue: "civil_record")
    /// The underlying cause of a death; for officers with `medical.read` and systems with `cr.medical.read` only.
    public static let causeOfDeath = AttributeName(rawValue: "cause_of_death")
    /// The household in which the person lives: its number and place, the person's relation to its head, since when; for
    /// the person, officers and systems of agencies.
    public static let household = AttributeName(rawValue: "household")
    /// On what ground a foreigner, stateless person or refugee may stay, until when, and by which document; for the person,
    /// officers and systems of agencies.
    public static let legalStay = AttributeName(rawValue: "legal_stay")
}
