import COSE
import Crypto
import Kernel

extension AttestationInput {
    /// The format `fido-u2f` (WebAuthn section 8.6).
    func fidoU2F() throws(RumdulError) -> AttestationResult {
        let signature = try signature()
        let path = try certificates()
        guard path.count == 1 else { throw .webAuthn(.attestation, "x5c holds exactly one certificate") }
        guard case .ec2(.p256, _, _)? = path[0].keyMaterial else {
            throw .webAuthn(.attestationCertificate, "the certificate's key is not on P-256")
        }
        guard case .ec2(.p256, let x, let y) = key.material else {
            throw .webAuthn(.attestationKey, "the credential's key is not on P-256")
        }
        guard credential.aaguid == .zero || !policy.u2fNeedsZeroAAGUID else {
            throw .webAuthn(.attestationContent, "the AAGUID is not zero")
        }
        let message =
            [0] + authenticatorData.rpIDHash + clientDataHash + credential.credentialID + [4] + x + y
        try check(signature, by: path[0], .es256, over: message)
        return result("fido-u2f", .basic, path)
    }
}
