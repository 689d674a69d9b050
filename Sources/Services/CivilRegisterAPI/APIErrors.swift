import Kernel

extension RumdulError {
    private static let realm = "realm=\"registers\""

    /// The request came without an access token.
    public static let apiTokenMissing = RumdulError(
        "api.token_missing", .unauthenticated, km: "ត្រូវការសញ្ញាសម្គាល់ចូលប្រើ (access token)។",
        en: "An access token is needed."
    ).challenging("Bearer \(realm)")

    /// The access token is unknown, ended, or bound to a key that was not shown.
    /// - Parameter words: ASCII without quotes and backslashes.
    public static func apiToken(_ words: String, isProof: Bool = false, error: String = "invalid_token") -> RumdulError
    {
        RumdulError(
            "api.token", .unauthenticated, km: "សញ្ញាសម្គាល់ចូលប្រើ (access token) មិនត្រឹមត្រូវ ឬផុតកំណត់។",
            en: "The access token is not valid, or its time is over."
        ).because(words).challenging(
            "\(isProof ? "DPoP" : "Bearer") \(realm), error=\"\(error)\", error_description=\"\(words)\"")
    }

    /// The token lacks the scope. An operator grants scopes of the registers.
    public static func apiScope(_ scope: String) -> RumdulError {
        RumdulError(
            "api.scope", .forbidden, km: "ប្រព័ន្ធនេះមិនត្រូវបានអនុញ្ញាតឱ្យធ្វើការនេះទេ។",
            en: "This system is not allowed to do this."
        ).challenging("Bearer \(realm), error=\"insufficient_scope\", scope=\"\(scope)\"")
    }

    /// The client has a token but no grant at the registers, or is one of the sandbox.
    public static let apiNotGranted = RumdulError(
        "api.not_granted", .forbidden, km: "អ្នកប្រតិបត្តិមិនបានអនុញ្ញាតប្រព័ន្ធនេះឱ្យប្រើបញ្ជីទេ។",
        en: "No operator has let this system use the registers.")

    /// The place lies outside what the system deals with.
    public static let apiArea = RumdulError(
        "api.area", .forbidden, km: "ទីកន្លែងនេះនៅក្រៅដែនដែលប្រព័ន្ធនេះទទួលបន្ទុក។",
        en: "This place lies outside the area that the system deals with.")

    /// The purpose is not registered for the client.
    public static let apiPurpose = RumdulError(
        "api.purpose", .invalid, km: "គោលបំណងនេះមិនបានចុះឈ្មោះសម្រាប់ប្រព័ន្ធនេះទេ។",
        en: "This purpose is not registered for the system.")

    /// A write without an `Idempotency-Key`.
    public static let apiKeyMissing = RumdulError(
        "api.idempotency_key_missing", .invalid, km: "ត្រូវផ្ញើ Idempotency-Key ជាមួយសំណើនេះ។",
        en: "Send an Idempotency-Key with this request.")

    /// A person was to be created.
    public static let osiaPersonEntered = RumdulError(
        "osia.person_entered", .forbidden,
        km: "មនុស្សចូលក្នុងបញ្ជីដោយការចុះអត្រានុកូលដ្ឋាន ឬការចុះឈ្មោះនៅចំពោះមុខមន្ត្រីតែប៉ុណ្ណោះ។",
        en: "People enter the register by civil registration or before an officer only.")

    /// A person or identity was to be changed.
    public static let osiaPersonChanged = RumdulError(
        "osia.person_changed", .forbidden, km: "ទិន្នន័យរបស់មនុស្សប្តូរបានដោយហេតុការណ៍ដែលបានចុះបញ្ជី ឬការកែតម្រូវតែប៉ុណ្ណោះ។",
        en: "What the register says of a person changes by registered events and corrections only.")

    /// A person or identity was to be deleted.
    public static let osiaPersonKept = RumdulError(
        "osia.person_kept", .forbidden, km: "គ្មានអ្វីក្នុងបញ្ជីត្រូវបានលុបទេ។", en: "Nothing in the register is deleted.")

    /// Two persons were to be merged, or an identity moved.
    public static let osiaPersonMerged = RumdulError(
        "osia.person_merged", .forbidden, km: "មានតែមន្ត្រីពីរនាក់ដែលសម្រេចថាកំណត់ត្រាពីរជារបស់មនុស្សតែមួយ។",
        en: "Only two officers, each without knowing of the other, decide that two records are of one person.")

    /// Another identity than the register's.
    public static let osiaIdentityUnknown = RumdulError(
        "osia.identity_unknown", .notFound, km: "គ្មានអត្តសញ្ញាណនេះទេ។", en: "There is no such identity.")

    /// The register has no galleries.
    public static let osiaGalleryUnknown = RumdulError(
        "osia.gallery_unknown", .notFound, km: "គ្មានបណ្តុំនេះទេ។", en: "There is no such gallery.")

    /// A member of the JSON body is missing, unknown or of the wrong kind.
    public static func apiBody(_ field: String, km: String, en: String) -> RumdulError {
        RumdulError("api.body", .invalid, km: "ខ្លឹមសារនៃសំណើមិនត្រឹមត្រូវ។", en: "The content of the request is not valid.")
            .with(fields: [FieldError(field, LocalizedText(km: km, en: en))])
    }
}

extension ErrorRoom {
    /// Errors of the interfaces of the registers.
    public static let civilRegisterAPI = ErrorRoom(
        "CivilRegisterAPI",
        [
            ErrorEntry(
                .apiTokenMissing, cause: "The field `Authorization` is missing.",
                remedy: "Send an access token of the client credentials grant."),
            ErrorEntry(
                .apiToken("..."), cause: "Unknown, ended, of a person, or bound to a key that was not shown.",
                remedy: "Fetch a new token; with a bound one, send the DPoP proof or use the certificate."),
            ErrorEntry(
                .apiScope("..."), cause: "The token has not got the scope that `WWW-Authenticate` names.",
                remedy: "Ask for a token with it; an operator must have granted it (`register_access`)."),
            ErrorEntry(
                .apiNotGranted, cause: "The registration has no `register_access`, or is one of the sandbox.",
                remedy: "Ask the operator."),
            ErrorEntry(
                .apiArea, cause: "The commune is not within the areas of `register_access`.",
                remedy: "Send it to the system of that place."),
            ErrorEntry(
                .apiPurpose, cause: "The field `Rumdul-Purpose` names a purpose that is not registered.",
                remedy: "Use the code of a registered purpose."),
            ErrorEntry(
                .apiKeyMissing, cause: "Writes must be repeatable without doing anything twice.",
                remedy: "Send a fresh random key with each new request, and the same one when repeating it."),
            ErrorEntry(
                .osiaPersonEntered, cause: "OSIA's `createPerson`.",
                remedy: "Give notice of the birth, or send the person to an office; `generateUIN` reserves a code."),
            ErrorEntry(
                .osiaPersonChanged,
                cause:
                    "OSIA's `updatePerson`, `createIdentity`, `updateIdentity`, `setIdentityStatus`, `defineReference`.",
                remedy: "Have the event registered, or the person ask for a correction."),
            ErrorEntry(
                .osiaPersonKept, cause: "OSIA's `deletePerson` or `deleteIdentity`.",
                remedy: "A wrong registration is revoked by two officers."),
            ErrorEntry(
                .osiaPersonMerged, cause: "OSIA's `mergePerson` or `moveIdentity`.",
                remedy: "Tell the office; its officers open a case."),
            ErrorEntry(
                .osiaIdentityUnknown, cause: "A person has one identity here, `register`.",
                remedy: "Read the identities."),
            ErrorEntry(.osiaGalleryUnknown, cause: "There are no galleries.", remedy: "Do not ask by gallery."),
            ErrorEntry(
                .apiBody("...", km: "…", en: "…"), cause: "A member is missing, unknown, or of another kind.",
                remedy: "Correct the members that `errors` names."),
        ])
}
