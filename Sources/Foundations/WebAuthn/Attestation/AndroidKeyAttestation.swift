import COSE
import Kernel

extension AttestationInput {
    /// The format `android-key` (WebAuthn section 8.4).
    func androidKey() throws(RumdulError) -> AttestationResult {
        let algorithm = try algorithm()
        let signature = try signature()
        let path = try certificates()
        try check(signature, by: path[0], algorithm, over: signedBytes)
        guard path[0].keyMaterial == key.material else { throw .webAuthn(.attestationKey, "another key") }
        guard let description = try KeyDescription(certificate: path[0]) else {
            throw .webAuthn(.attestationCertificate, "there is no key description")
        }
        guard constantTimeEquals(description.challenge, clientDataHash) else {
            throw .webAuthn(.attestationContent, "the key description is of another answer")
        }
        let (software, hardware) = (description.softwareEnforced, description.hardwareEnforced)
        guard !software.allApplications, !hardware.allApplications else {
            throw .webAuthn(.attestationContent, "the key is for all applications")
        }
        let lists = policy.androidNeedsHardware ? [hardware] : [hardware, software]
        guard lists.contains(where: { $0.origin == .generated }),
            !lists.contains(where: { $0.origin != nil && $0.origin != .generated })
        else { throw .webAuthn(.attestationContent, "the key was not generated in the key store") }
        let purposes = lists.flatMap(\.purposes)
        guard !purposes.isEmpty, purposes.allSatisfy({ $0 == .sign }) else {
            throw .webAuthn(.attestationContent, "the key is for other purposes than signing")
        }
        return result("android-key", .basic, path, keyDescription: description)
    }
}
