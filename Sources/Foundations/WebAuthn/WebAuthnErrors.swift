import Kernel

/// Each check of this room, with its own stable code `webauthn.<name>`.
public enum WebAuthnCheck: String, Sendable, CaseIterable {
    // What arrives.
    case options, response
    case tooLarge = "too_large"
    case clientData = "client_data"
    case authenticatorData = "authenticator_data"
    case attestationObject = "attestation_object"
    // Both ceremonies.
    case type, challenge, origin
    case crossOrigin = "cross_origin"
    case topOrigin = "top_origin"
    case tokenBinding = "token_binding"
    case rpID = "rp_id"
    case userPresence = "user_presence"
    case userVerification = "user_verification"
    case backupState = "backup_state"
    case backupEligibility = "backup_eligibility"
    case credentialID = "credential_id"
    case extensions, signature
    // Registration.
    case algorithm
    case publicKey = "public_key"
    case credentialRegistered = "credential_registered"
    // Authentication.
    case credentialNotAllowed = "credential_not_allowed"
    case userHandle = "user_handle"
    case counter
    // Attestation.
    case attestation
    case attestationFormat = "attestation_format"
    case attestationAlgorithm = "attestation_algorithm"
    case attestationSignature = "attestation_signature"
    case attestationCertificate = "attestation_certificate"
    case attestationContent = "attestation_content"
    case attestationKey = "attestation_key"
    case attestationTrust = "attestation_trust"
    case attestationNeeded = "attestation_needed"
    case certificateRevoked = "certificate_revoked"
    // Authenticator models.
    case authenticatorUnknown = "authenticator_unknown"
    case authenticatorBlocked = "authenticator_blocked"
    case authenticatorStatus = "authenticator_status"
    case authenticatorLevel = "authenticator_level"
    // Metadata.
    case metadata
    case metadataSignature = "metadata_signature"
    case metadataChain = "metadata_chain"
    case metadataNumber = "metadata_number"
    case metadataExpired = "metadata_expired"
    case revocationList = "revocation_list"
    // Native devices.
    case keyDescription = "key_description"
    case androidKey = "android_key"
    case appAttest = "app_attest"
    case keyChallenge = "key_challenge"
    case keyApplication = "key_application"
    case keyProtection = "key_protection"
    case keyBootState = "key_boot_state"

    /// `webauthn.<name>`.
    public var code: String { "webauthn.\(rawValue)" }

    /// The kind of failure.
    public var kind: ErrorKind {
        switch self {
        case .tooLarge: .tooLarge
        case .signature, .counter, .userHandle, .credentialNotAllowed: .unauthenticated
        case .attestationNeeded, .authenticatorUnknown, .authenticatorBlocked, .authenticatorStatus,
            .authenticatorLevel, .certificateRevoked:
            .forbidden
        case .credentialRegistered, .metadataNumber: .conflict
        default: .invalid
        }
    }
}

extension RumdulError {
    /// The error of one check; the cause is for the log.
    public static func webAuthn(_ check: WebAuthnCheck, _ cause: String) -> RumdulError {
        let text = check.text
        return RumdulError(check.code, check.kind, km: text.km, en: text.en, cause: cause)
    }
}

/// Runs code of a library that throws anything, and throws a check's error instead.
func checking<Result>(
    _ check: WebAuthnCheck, _ cause: String, _ body: () throws -> Result
) throws(RumdulError) -> Result {
    do {
        return try body()
    } catch let error as RumdulError {
        throw error.code == check.code ? error : .webAuthn(check, "\(cause): \(error.cause ?? error.code)")
    } catch {
        throw .webAuthn(check, cause)
    }
}
