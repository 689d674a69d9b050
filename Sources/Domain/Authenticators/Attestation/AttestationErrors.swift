import Kernel
import WebAuthn

extension RumdulError {
    /// The attestation is not what the protocol describes.
    public static let attestationMalformed = RumdulError(
        "attestation.malformed", .invalid, km: "ភស្តុតាងរបស់កូនសោមិនមានទម្រង់ត្រឹមត្រូវ។",
        en: "The attestation of the device key is malformed.")

    /// The format is unknown, or this server has no roots for it.
    public static let attestationUnsupported = RumdulError(
        "attestation.unsupported", .invalid, km: "ប្រភេទភស្តុតាងនេះមិនត្រូវបានទទួលយកនៅទីនេះទេ។",
        en: "This kind of attestation is not accepted here.")

    /// More bytes than any real statement has.
    public static let attestationTooLarge = RumdulError(
        "attestation.too_large", .tooLarge, km: "ភស្តុតាងរបស់កូនសោធំពេក។", en: "The attestation is too large.")

    /// No path leads to a pinned root.
    public static let attestationUntrusted = RumdulError(
        "attestation.untrusted", .forbidden, km: "ភស្តុតាងរបស់កូនសោមិនមកពីអ្នកផលិតដែលទុកចិត្តទេ។",
        en: "The attestation does not come from a trusted maker.")

    /// A certificate of the path is on the maker's list.
    public static let attestationRevoked = RumdulError(
        "attestation.revoked", .forbidden, km: "វិញ្ញាបនបត្ររបស់ឧបករណ៍នេះត្រូវបានដកហូត។",
        en: "The maker has revoked the certificate of this device.")

    /// The statement was made for another code, server or PIN key.
    public static let attestationChallenge = RumdulError(
        "attestation.challenge", .invalid, km: "ភស្តុតាងរបស់កូនសោសម្រាប់ការចុះឈ្មោះផ្សេង។",
        en: "The attestation was made for another activation.")

    /// The statement is about another key, or its key vouched before.
    public static let attestationKey = RumdulError(
        "attestation.key", .invalid, km: "ភស្តុតាងនេះសម្រាប់កូនសោផ្សេង។", en: "The attestation is about another key.")

    /// Another package, signer or app.
    public static let attestationApplication = RumdulError(
        "attestation.application", .forbidden, km: "កម្មវិធីនេះមិនមែនជាកម្មវិធីផ្លូវការទេ។",
        en: "The attestation names another application.")

    /// Below the level that the operator wants.
    public static let attestationProtection = RumdulError(
        "attestation.protection", .forbidden, km: "កូនសោមិនត្រូវបានការពារដោយផ្នែករឹងគ្រប់គ្រាន់ទេ។",
        en: "The key is not protected well enough by hardware.")

    /// An unlocked or altered system.
    public static let attestationBootState = RumdulError(
        "attestation.boot_state", .forbidden, km: "ប្រព័ន្ធរបស់ឧបករណ៍ត្រូវបានកែប្រែ។",
        en: "The system of the device is unlocked or was modified.")

    /// The operator accepts attested devices only.
    public static let attestationNeeded = RumdulError(
        "attestation.needed", .forbidden, km: "ត្រូវការឧបករណ៍ដែលមានផ្នែករឹងសុវត្ថិភាព។",
        en: "Only devices whose hardware vouches for the key are accepted here.")

    /// The device protocol's error for a check that failed.
    static func attestation(_ error: RumdulError) -> RumdulError {
        let errors: [WebAuthnCheck: RumdulError] = [
            .tooLarge: .attestationTooLarge, .attestationTrust: .attestationUntrusted,
            .certificateRevoked: .attestationRevoked, .keyChallenge: .attestationChallenge,
            .attestationKey: .attestationKey, .keyApplication: .attestationApplication,
            .keyProtection: .attestationProtection, .keyBootState: .attestationBootState,
        ]
        let check = WebAuthnCheck.allCases.first { $0.code == error.code }
        return (check.flatMap { errors[$0] } ?? .attestationMalformed).because(error.cause ?? error.code)
    }
}

extension ErrorRoom {
    /// Errors of statements about device keys.
    static let attestation = [
        ErrorEntry(
            .attestationMalformed, cause: "A member is missing or wrong, or a certificate or CBOR cannot be read.",
            remedy: "Send what docs/device-protocol.md describes.", km: "សូមធ្វើបច្ចុប្បន្នភាពកម្មវិធី។"),
        ErrorEntry(
            .attestationUnsupported, cause: "The format is unknown, or no roots are configured for it.",
            remedy: "Operators: set `android_roots` or `apple_roots`; devices: attest otherwise.",
            km: "សូមទាក់ទងមន្ត្រី។"),
        ErrorEntry(
            .attestationTooLarge, cause: "More than 32 KiB, or more than 8 certificates.",
            remedy: "Send the statement of the system unchanged.", km: "សូមធ្វើបច្ចុប្បន្នភាពកម្មវិធី។"),
        ErrorEntry(
            .attestationUntrusted, cause: "The chain is broken, expired, or leads to no pinned root.",
            remedy: "Use a genuine device; operators: check the roots.", km: "សូមប្រើឧបករណ៍ផ្សេង។"),
        ErrorEntry(
            .attestationRevoked, cause: "A certificate is on the status list of `android_status_list`.",
            remedy: "Use another device.", km: "សូមប្រើឧបករណ៍ផ្សេង។"),
        ErrorEntry(
            .attestationChallenge, cause: "Challenge or nonce are not those of this code and these keys.",
            remedy: "Make a new key for this code.", km: "សូមសុំលេខកូដថ្មី ហើយព្យាយាមម្តងទៀត។"),
        ErrorEntry(
            .attestationKey, cause: "The attested key is not the device key, or its App Attest key vouched before.",
            remedy: "Make new keys and begin again.", km: "សូមដំឡើងកម្មវិធីម្តងទៀត ហើយសុំលេខកូដថ្មី។"),
        ErrorEntry(
            .attestationApplication, cause: "Package, signing certificate, app or environment are not on the list.",
            remedy: "Install the official app.", km: "សូមដំឡើងកម្មវិធីផ្លូវការ។"),
        ErrorEntry(
            .attestationProtection, cause: "Security level, patch level, origin or purpose of the key do not suffice.",
            remedy: "Use a device with secure hardware and a current system.", km: "សូមប្រើឧបករណ៍ផ្សេង។"),
        ErrorEntry(
            .attestationBootState, cause: "The boot loader is unlocked, or the system is not the maker's.",
            remedy: "Restore the maker's system and lock the boot loader.", km: "សូមប្រើឧបករណ៍ដែលមិនបានកែប្រែ។"),
        ErrorEntry(
            .attestationNeeded, cause: "`key_attestation` is `needed` and the device is software.",
            remedy: "Use a phone with secure hardware.", km: "សូមប្រើទូរស័ព្ទដែលមានផ្នែករឹងសុវត្ថិភាព។"),
    ]
}
