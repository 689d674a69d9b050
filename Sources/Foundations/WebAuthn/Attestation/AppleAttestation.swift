import COSE
import Crypto
import Kernel

extension AttestationInput {
    /// The format `apple` (WebAuthn section 8.8).
    func apple() throws(RumdulError) -> AttestationResult {
        let path = try certificates()
        guard let entry = path[0].extension(.appleNonce) else {
            throw .webAuthn(.attestationCertificate, "there is no nonce")
        }
        let nonce = try AppleNonce.read(entry.value, .attestationCertificate)
        guard constantTimeEquals(nonce, Array(SHA256.hash(data: signedBytes))) else {
            throw .webAuthn(.attestationContent, "the nonce is of another answer")
        }
        guard path[0].keyMaterial == key.material else { throw .webAuthn(.attestationKey, "another key") }
        return result("apple", .anonymizationCA, path)
    }
}

/// The extension with the nonce, in WebAuthn and App Attest: a sequence with the octet string inside tag 1.
enum AppleNonce {
    static func read(_ value: [UInt8], _ check: WebAuthnCheck) throws(RumdulError) -> [UInt8] {
        let parts = try DERNode(der: value, check).children(.sequence)
        guard parts.count == 1 else { throw .webAuthn(check, "the nonce's extension has other parts") }
        return try parts[0].tagged(1).octets()
    }
}
