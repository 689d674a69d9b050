/// Whether user verification is wanted (WebAuthn section 5.8.6).
public enum UserVerificationRequirement: String, Sendable, CaseIterable {
    case required, preferred, discouraged
}

/// Whether a discoverable credential is wanted (section 5.4.6).
public enum ResidentKeyRequirement: String, Sendable, CaseIterable {
    case required, preferred, discouraged
}

/// Built into the client's device, or separate (section 5.4.5).
public enum AuthenticatorAttachment: String, Sendable, CaseIterable {
    case platform
    case crossPlatform = "cross-platform"
}

/// How much attestation is asked for (section 5.4.7).
public enum AttestationConveyance: String, Sendable, CaseIterable {
    case none, indirect, direct, enterprise
}

/// What kind of authenticator the person will probably use (section 5.8.7).
public enum PublicKeyCredentialHint: String, Sendable, CaseIterable {
    case securityKey = "security-key"
    case clientDevice = "client-device"
    case hybrid
}

/// Whether the browser asks by a dialogue or offers passkeys along the way, in autofill (Credential Management section
/// 2.3.2). It is not part of the options' JSON but of the call around it.
public enum CredentialMediation: String, Sendable, CaseIterable {
    case optional, required, conditional
}
