import COSE
import Kernel
import SwiftASN1
import X509

extension AttestationInput {
    /// The format `tpm` (WebAuthn section 8.3).
    func tpm() throws(RumdulError) -> AttestationResult {
        guard statement["ver"]?.textValue == "2.0" else { throw .webAuthn(.attestation, "ver is not 2.0") }
        let algorithm = try algorithm()
        let signature = try signature()
        guard let info = statement["certInfo"]?.bytesValue, let area = statement["pubArea"]?.bytesValue else {
            throw .webAuthn(.attestation, "certInfo or pubArea is missing or no byte string")
        }
        let path = try certificates()
        let publicArea = try TPMPublicArea(area)
        guard publicArea.key == key.material else { throw .webAuthn(.attestationKey, "the TPM speaks of another key") }
        let attestation = try TPMAttestation(info)
        guard constantTimeEquals(attestation.extraData, TPMHash(algorithm).hash(signedBytes)) else {
            throw .webAuthn(.attestationContent, "extraData is of another answer")
        }
        guard constantTimeEquals(attestation.attestedName, publicArea.name) else {
            throw .webAuthn(.attestationContent, "the attested name is of another key")
        }
        try check(signature, by: path[0], algorithm, over: info)
        try checkAIK(path[0])
        try checkModel(of: path[0])
        return result("tpm", .attestationCA, path)
    }

    /// The rules for the attestation identity key's certificate (section 8.3.1).
    private func checkAIK(_ leaf: AttestationCertificate) throws(RumdulError) {
        guard leaf.certificate.version == .v3 else { throw .webAuthn(.attestationCertificate, "not version 3") }
        guard leaf.certificate.subject.isEmpty else {
            throw .webAuthn(.attestationCertificate, "the subject is not empty")
        }
        try leaf.requireNoAuthority()
        let purposes = try checking(.attestationCertificate, "the purposes") {
            try leaf.certificate.extensions.extendedKeyUsage
        }
        guard let purposes, purposes.contains(ExtendedKeyUsage.Usage(oid: .tpmAIK)) else {
            throw .webAuthn(.attestationCertificate, "not for attestation identity keys")
        }
        let names = try checking(.attestationCertificate, "the alternative names") {
            try leaf.certificate.extensions.subjectAlternativeNames
        }
        try checkTPMNames(names)
    }

    /// Maker, model and version stand in a directory name (TCG EK Credential Profile section 3.2.9).
    private func checkTPMNames(_ names: SubjectAlternativeNames?) throws(RumdulError) {
        var found: [ASN1ObjectIdentifier: String] = [:]
        for case .directoryName(let name) in names.map({ Array($0) }) ?? [] {
            for attribute in name.flatMap({ $0 }) { found[attribute.type] = String(attribute.value) }
        }
        guard let maker = found[ASN1ObjectIdentifierNames.tpmManufacturer],
            found[ASN1ObjectIdentifierNames.tpmModel]?.isEmpty == false,
            found[ASN1ObjectIdentifierNames.tpmVersion]?.isEmpty == false
        else { throw .webAuthn(.attestationCertificate, "maker, model or version of the TPM is missing") }
        guard TPMManufacturers.isWellFormed(maker) else {
            throw .webAuthn(.attestationCertificate, "the TPM's maker is malformed")
        }
        if let known = policy.tpmManufacturers, !known.contains(TPMManufacturers.normal(maker)) {
            throw .webAuthn(.attestationCertificate, "an unknown maker of TPMs")
        }
    }
}

/// Makers of TPMs (TCG TPM Vendor ID Registry): `id:` and four bytes in hexadecimal.
public enum TPMManufacturers {
    /// The registered makers.
    public static let known: Set<String> = Set(
        [
            "414D4400", "414E5400", "41544D4C", "4252434D", "4353434F", "464C5953", "524F4343", "474F4F47", "48504900",
            "48504500", "48495349", "49424D00", "49465800", "494E5443", "4C454E00", "4D534654", "4E534D20", "4E545A00",
            "4E544300", "51434F4D", "534D534E", "53454345", "534E5300", "534D5343", "53544D20", "54584E00", "57454300",
        ].map { "id:\($0)" })

    /// The maker that FIDO's conformance tool uses.
    public static let conformance = "id:FFFFF1D0"

    static func normal(_ text: String) -> String { "id:" + text.dropFirst(3).uppercased() }

    static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count == 11 && text.hasPrefix("id:") && text.dropFirst(3).allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}
