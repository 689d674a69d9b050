import COSE
import Codecs
import JOSE
import Kernel
import WebAuthn

/// Whose word on device keys is believed, and what follows without any: the operator's configuration.
public struct AttestationRules: Sendable {
    /// What Android keys must fulfil; `nil` when no statement of Android is accepted.
    public var android: AndroidKeyRequirements?
    /// The apps of Apple's devices; empty when no statement of Apple is accepted.
    public var apps: [AppAttest]
    /// Whether a device without trusted attestation may be bound at all.
    public var acceptsSoftware: Bool
    /// Whether software devices count as if hardware vouched for them: a demonstration, never production.
    public var trustsSoftware: Bool

    public init(
        android: AndroidKeyRequirements? = nil, apps: [AppAttest] = [], acceptsSoftware: Bool = true,
        trustsSoftware: Bool = false
    ) {
        self.android = android
        self.apps = apps
        self.acceptsSoftware = acceptsSoftware
        self.trustsSoftware = trustsSoftware
    }

    /// No roots, and software devices that reach no high level.
    public static let standard = AttestationRules()

    /// What an attestation proves about a device key.
    /// - Throws: `attestation.*`.
    func judge(
        _ attestation: KeyAttestation, _ binding: AttestationBinding, at now: Instant
    ) throws(RumdulError) -> KeyProof {
        switch attestation {
        case .software(let unlock):
            guard acceptsSoftware else { throw .attestationNeeded }
            return KeyProof(.software, unlock: unlock)
        case .android(let chain): return try judgeAndroid(chain, binding, at: now)
        case .appAttest(let statement, let keyID, let unlock):
            return try judgeApple(statement, keyID: keyID, unlock: unlock, binding, at: now)
        }
    }

    private func judgeAndroid(
        _ chain: [[UInt8]], _ binding: AttestationBinding, at now: Instant
    ) throws(RumdulError) -> KeyProof {
        guard let android else { throw .attestationUnsupported.because("no roots for Android") }
        let description: KeyDescription
        do throws(RumdulError) {
            var certificates: [AttestationCertificate] = []
            for der in chain { certificates.append(try AttestationCertificate(der: der)) }
            guard case .ec(_, let x, let y, _) = binding.deviceKey.jwk.material,
                certificates.first?.keyMaterial == .ec2(curve: .p256, x: x, y: y)
            else { throw RumdulError.webAuthn(.attestationKey, "the leaf is about another key") }
            description = try android.verify(certificates, challenge: binding.androidChallenge, at: now)
        } catch { throw .attestation(error) }
        let level = min(description.attestationSecurityLevel, description.keyMintSecurityLevel)
        let protection: KeyProtection =
            switch level {
            case .software: .software
            case .trustedEnvironment: .trustedEnvironment
            case .strongBox: .strongBox
            }
        let needsBiometric =
            description.hardwareEnforced.needsBiometric(within: KeyUnlock.longest)
            && !description.softwareEnforced.noAuthRequired
        return KeyProof(protection, unlock: needsBiometric ? .biometric : .none)
    }

    private func judgeApple(
        _ statement: [UInt8], keyID: [UInt8], unlock: KeyUnlock, _ binding: AttestationBinding, at now: Instant
    ) throws(RumdulError) -> KeyProof {
        var refusal = RumdulError.attestationUnsupported.because("no apps of Apple's devices")
        for app in apps {
            do {
                let key = try app.verify(
                    attestation: statement, keyID: keyID, clientDataHash: binding.appleClientDataHash(unlock), at: now)
                var proof = KeyProof(.secureEnclave, unlock: unlock)
                proof.voucher = "app-attest:" + Base64URL.encode(key.id)
                return proof
            } catch {
                refusal = .attestation(error)
                // Only another application may be the next one's.
                guard error.code == WebAuthnCheck.keyApplication.code else { throw refusal }
            }
        }
        throw refusal
    }
}
