import Kernel

extension ErrorRoom {
    /// Errors of passkeys and of attested devices.
    public static let webAuthn = ErrorRoom(
        "WebAuthn",
        WebAuthnCheck.allCases.map { check in
            let (cause, remedy) = check.explanation
            return ErrorEntry(.webAuthn(check, ""), cause: cause, remedy: remedy, km: check.khmerRemedy)
        })
}

extension WebAuthnCheck {
    /// What the person can do, where a person meets the error.
    fileprivate var khmerRemedy: String? {
        switch self {
        case .challenge, .signature, .origin, .response: "សូមបើកទំព័រម្តងទៀត ហើយព្យាយាមម្តងទៀត។"
        case .userVerification, .userPresence: "សូមបញ្ជាក់ដោយលេខកូដ ឬជីវមាត្រនៅលើឧបករណ៍។"
        case .credentialRegistered: "សូមប្រើ passkey ដែលមានស្រាប់។"
        case .credentialNotAllowed, .userHandle: "សូមជ្រើស passkey ផ្សេង។"
        case .counter: "សូមទាក់ទងមន្ត្រី ដើម្បីពិនិត្យ passkey នេះ។"
        case .attestationNeeded, .attestationTrust, .authenticatorUnknown, .authenticatorBlocked, .authenticatorStatus,
            .authenticatorLevel, .certificateRevoked:
            "សូមប្រើឧបករណ៍ផ្សេង។"
        default: nil
        }
    }

    /// How it comes about, and what to do.
    fileprivate var explanation: (cause: String, remedy: String) {
        switch self {
        case .options:
            ("An option breaks a limit of WebAuthn section 5.4 or 5.5.", "Operators: correct the configuration.")
        case .response:
            ("A member of the credential is missing or of the wrong type.", "Send `credential.toJSON()` unchanged.")
        case .tooLarge: ("A member is longer than the limit.", "Send the authenticator's answer unchanged.")
        case .clientData: ("`clientDataJSON` is no JSON object with type, challenge and origin.", "Send it unchanged.")
        case .authenticatorData: ("Lengths, flags and content do not fit (section 6.1).", "Send it unchanged.")
        case .attestationObject: ("It is no CBOR map with fmt, attStmt and authData.", "Send it unchanged.")
        case .type:
            ("`type` is neither `webauthn.create` nor `webauthn.get` as needed.", "Use the answer of the right call.")
        case .challenge: ("The challenge is another one than was given out.", "Ask for new options and try again.")
        case .origin: ("The origin is not on the list.", "Operators: check the allowed and related origins.")
        case .crossOrigin: ("The ceremony ran in a frame of another origin.", "Open the page itself.")
        case .topOrigin: ("The outer page is not on the list.", "Operators: check the allowed outer origins.")
        case .tokenBinding: ("`tokenBinding` is malformed.", "Leave it out.")
        case .rpID: ("The hash of the relying party's identifier is another one.", "Use a passkey of this service.")
        case .userPresence: ("The flag UP is not set.", "Touch the authenticator when asked.")
        case .userVerification:
            ("User verification is required and the flag UV is not set.", "Set up a PIN or biometrics.")
        case .backupState: ("BS is set without BE.", "The authenticator is faulty; use another one.")
        case .backupEligibility: ("BE changed since registration.", "The authenticator is faulty; use another one.")
        case .credentialID:
            ("The identifier is empty, too long, or not the same everywhere.", "Send the answer unchanged.")
        case .extensions: ("An extension output is malformed or was not asked for.", "Send the answer unchanged.")
        case .signature: ("Another key signed, or the data was changed.", "Try again with the registered passkey.")
        case .algorithm: ("The key's algorithm was not offered.", "Use an authenticator with an offered algorithm.")
        case .publicKey: ("The COSE key is malformed, weak or off its curve.", "Use another authenticator.")
        case .credentialRegistered: ("The identifier is registered already.", "Use the passkey that is there.")
        case .credentialNotAllowed: ("The passkey is not one of those that were asked for.", "Choose another passkey.")
        case .userHandle: ("The user handle is missing or another account's.", "Choose another passkey.")
        case .counter: ("The signature counter did not rise.", "Operators: block the passkey and look into it.")
        default: attestationExplanation
        }
    }

    private var attestationExplanation: (cause: String, remedy: String) {
        switch self {
        case .attestationFormat: ("`fmt` is none of the supported formats.", "Use another authenticator, or none.")
        case .attestationAlgorithm: ("`alg` does not fit the key or the metadata.", "Use another authenticator.")
        case .attestationSignature: ("The statement's signature does not verify.", "Use a genuine authenticator.")
        case .attestationCertificate:
            ("The certificate breaks the rules of its format.", "Use a genuine authenticator.")
        case .attestationContent: ("Hash, nonce or name are of another answer.", "Use a genuine authenticator.")
        case .attestationKey: ("The attested key is not the credential's.", "Use a genuine authenticator.")
        case .attestationTrust: ("No path leads to a trusted root.", "Operators: check roots and metadata.")
        case .attestationNeeded:
            ("The policy wants attestation and there is none.", "Use an authenticator that attests.")
        case .certificateRevoked: ("A certificate of the path is revoked.", "Use another authenticator.")
        case .authenticatorUnknown: ("The AAGUID has no metadata.", "Use a listed model.")
        case .authenticatorBlocked: ("The policy blocks the AAGUID, or does not list it.", "Use a listed model.")
        case .authenticatorStatus: ("A status report says the model is compromised.", "Use another model.")
        case .authenticatorLevel: ("The certification level is lower than the policy's.", "Use a certified model.")
        case .metadata: ("The BLOB is no JWT with the payload of MDS3.", "Operators: fetch it again.")
        case .metadataSignature:
            ("The BLOB was changed, or its algorithm is not allowed.", "Operators: fetch it again.")
        case .metadataChain: ("The BLOB's certificates lead to no pinned root.", "Operators: check the pinned root.")
        case .metadataNumber: ("`no` is smaller than the known one.", "Operators: fetch the newest BLOB.")
        case .metadataExpired: ("`nextUpdate` has passed.", "Operators: fetch the newest BLOB.")
        case .revocationList: ("The CRL is malformed, expired, or not of the issuer.", "Operators: fetch it again.")
        case .keyDescription: ("The extension 1.3.6.1.4.1.11129.2.1.17 is malformed.", "Use another device.")
        case .androidKey: ("The chain has no key description, or one in the wrong place.", "Use an unmodified device.")
        case .appAttest:
            ("The statement's members or its counter are wrong.", "Use the genuine app on a genuine device.")
        case .keyChallenge: ("Challenge or nonce are of another request.", "Make the key for this request.")
        case .keyApplication:
            ("Package, signer, app or environment are not on the list.", "Use the genuine app of this service.")
        case .keyProtection:
            ("Security level, patch level, origin or purpose do not suffice.", "Use a device with secure hardware.")
        case .keyBootState:
            ("The boot loader is unlocked, or the system is not the maker's.", "Use an unmodified device.")
        default: ("A member of the statement is missing or of the wrong type.", "Use another authenticator, or none.")
        }
    }
}
