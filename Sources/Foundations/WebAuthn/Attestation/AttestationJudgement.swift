import COSE
import Kernel

extension AttestationPolicy {
    /// Looks for trust in a genuine statement and applies the policy (section 7.1 steps 23 and 24).
    /// - Throws: `webauthn.attestation_trust`, `webauthn.attestation_needed`, `webauthn.attestation_algorithm`,
    ///   `webauthn.certificate_revoked`, `webauthn.authenticator_*`.
    func judge(_ statement: AttestationResult, key: COSEKey, at now: Instant) throws(RumdulError) -> AttestationResult {
        var result = statement
        result.metadata = metadata?.entry(aaguid: result.aaguid, leaf: result.trustPath.first)
        if let described = result.metadata?.statement {
            try described.check(type: result.type, algorithm: key.algorithm)
        }
        switch result.type {
        case .none: result.distrust = "no attestation"
        case .selfAttested: result.distrust = "self attestation"
        case .basic, .attestationCA, .anonymizationCA:
            do {
                try path(for: result).validate(result.trustPath, at: now)
                result.isTrusted = true
            } catch {
                guard demand == .optional, error.code != WebAuthnCheck.certificateRevoked.code else { throw error }
                result.distrust = error.cause
            }
        }
        guard result.isTrusted || demand != .needed else {
            throw .webAuthn(.attestationNeeded, result.distrust ?? "not trusted")
        }
        try authenticators.check(result)
        return result
    }

    /// Judges one statement, or the parts of a compound, of which the first that is accepted and trusted counts, else the
    /// first that is accepted.
    func judge(
        _ statements: [AttestationResult], key: COSEKey, at now: Instant
    ) throws(RumdulError) -> AttestationResult {
        var accepted: AttestationResult?
        var refusal: RumdulError?
        for statement in statements {
            do {
                let result = try judge(statement, key: key, at: now)
                if result.isTrusted { return result }
                accepted = accepted ?? result
            } catch {
                guard error.code != WebAuthnCheck.certificateRevoked.code else { throw error }
                refusal = refusal ?? error
            }
        }
        guard let accepted, refusal == nil else {
            throw refusal ?? .webAuthn(.attestation, "there is no statement")
        }
        return accepted
    }

    /// The check for a statement's certificates: the anchors of its model, else those of its format.
    private func path(for result: AttestationResult) -> CertificatePath {
        var anchors = roots[result.format] ?? []
        if let statement = result.metadata?.statement { anchors += statement.roots }
        return CertificatePath(
            roots: anchors, rootInPath: formatsWithRoot.contains(result.format) ? .accepted : .refused,
            revocationLists: revocationLists)
    }
}
