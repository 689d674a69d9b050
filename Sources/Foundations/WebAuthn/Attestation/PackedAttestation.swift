import COSE
import Kernel
import X509

extension AttestationInput {
    /// The format `packed` (WebAuthn section 8.2).
    func packed() throws(RumdulError) -> AttestationResult {
        let algorithm = try algorithm()
        let signature = try signature()
        guard statement["ecdaaKeyId"] == nil else { throw .webAuthn(.attestation, "ECDAA is not supported") }
        guard statement["x5c"] != nil else {
            guard algorithm == key.algorithm else {
                throw .webAuthn(.attestationAlgorithm, "self attestation with another algorithm than the key's")
            }
            guard key.isValid(signature, for: signedBytes, form: .der) else {
                throw .webAuthn(.attestationSignature, "the credential's key did not sign this")
            }
            return result("packed", .selfAttested)
        }
        let path = try certificates()
        try check(signature, by: path[0], algorithm, over: signedBytes)
        try Self.checkPackedLeaf(path[0])
        try checkModel(of: path[0])
        return result("packed", .basic, path)
    }

    /// The rules for the leaf (section 8.2.1).
    private static func checkPackedLeaf(_ leaf: AttestationCertificate) throws(RumdulError) {
        guard leaf.certificate.version == .v3 else { throw .webAuthn(.attestationCertificate, "not version 3") }
        typealias Attribute = ASN1ObjectIdentifierNames
        let country = leaf.subject(Attribute.country)
        guard country.count == 1, country[0].utf8.count == 2,
            country[0].utf8.allSatisfy({ (65...90).contains($0) || (97...122).contains($0) })
        else { throw .webAuthn(.attestationCertificate, "the subject's country") }
        guard leaf.subject(Attribute.organization).contains(where: { !$0.isEmpty }) else {
            throw .webAuthn(.attestationCertificate, "the subject's organisation")
        }
        guard leaf.subject(Attribute.unit) == ["Authenticator Attestation"] else {
            throw .webAuthn(.attestationCertificate, "the subject's unit")
        }
        guard leaf.subject(Attribute.name).contains(where: { !$0.isEmpty }) else {
            throw .webAuthn(.attestationCertificate, "the subject's name")
        }
        try leaf.requireNoAuthority()
    }
}
