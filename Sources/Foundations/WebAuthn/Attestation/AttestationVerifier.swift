import COSE
import Codecs
import Crypto
import Kernel

/// What a statement is about, and what it is checked against (WebAuthn section 8).
struct AttestationInput {
    var statement: CBORValue
    let authenticatorData: AuthenticatorData
    let credential: AuthenticatorData.AttestedCredential
    let key: COSEKey
    let clientDataHash: [UInt8]
    let policy: AttestationPolicy

    /// The bytes that most formats sign: authenticator data and the hash of the client data.
    var signedBytes: [UInt8] { authenticatorData.bytes + clientDataHash }

    /// `sig`.
    func signature() throws(RumdulError) -> [UInt8] {
        guard let bytes = statement["sig"]?.bytesValue, !bytes.isEmpty else {
            throw .webAuthn(.attestation, "sig is missing, empty or no byte string")
        }
        return bytes
    }

    /// `alg`.
    func algorithm() throws(RumdulError) -> COSEAlgorithm {
        guard let number = statement["alg"]?.integerValue else {
            throw .webAuthn(.attestation, "alg is missing or no number")
        }
        guard let algorithm = COSEAlgorithm(rawValue: number), policy.algorithms.contains(algorithm) else {
            throw .webAuthn(.attestationAlgorithm, "alg \(number)")
        }
        return algorithm
    }

    /// `x5c`: one certificate or more, leaf first.
    func certificates() throws(RumdulError) -> [AttestationCertificate] {
        guard let list = statement["x5c"]?.arrayValue, !list.isEmpty else {
            throw .webAuthn(.attestation, "x5c is missing, empty or no array")
        }
        guard list.count <= CertificatePath.maximumLength else { throw .webAuthn(.attestation, "x5c is too long") }
        var certificates: [AttestationCertificate] = []
        for element in list {
            guard let der = element.bytesValue else { throw .webAuthn(.attestation, "x5c holds no byte strings") }
            certificates.append(try AttestationCertificate(der: der))
        }
        return certificates
    }

    /// Checks the signature of a certificate's key.
    func check(
        _ signature: [UInt8], by certificate: AttestationCertificate, _ algorithm: COSEAlgorithm, over message: [UInt8]
    ) throws(RumdulError) {
        let key = try certificate.key(algorithm, allowed: policy.algorithms)
        guard key.isValid(signature, for: message, form: .der) else {
            throw .webAuthn(.attestationSignature, "the certificate's key did not sign this")
        }
    }

    /// A certificate that names a model must name this one, and not as critical (section 8.2.1).
    func checkModel(of certificate: AttestationCertificate) throws(RumdulError) {
        guard let entry = certificate.extension(.fidoAAGUID) else { return }
        guard !entry.critical else { throw .webAuthn(.attestationCertificate, "the AAGUID is critical") }
        let bytes = try DERNode(der: entry.value, .attestationCertificate).octets()
        guard bytes == credential.aaguid.bytes else {
            throw .webAuthn(.attestationCertificate, "the certificate is of another model")
        }
    }

    func result(
        _ format: String, _ type: AttestationType, _ path: [AttestationCertificate] = [],
        keyDescription: KeyDescription? = nil
    ) -> AttestationResult {
        AttestationResult(
            format: format, type: type, aaguid: credential.aaguid, trustPath: path, keyDescription: keyDescription)
    }
}

extension AttestationInput {
    /// Checks the statement by its format (section 7.1 steps 21 and 22).
    /// - Throws: `webauthn.attestation*`, `webauthn.key_description`.
    func verify(format: String) throws(RumdulError) -> AttestationResult {
        switch format {
        case "none":
            guard statement.mapValue?.count == 0 else { throw .webAuthn(.attestation, "none has no members") }
            return result("none", .none)
        case "packed": return try packed()
        case "fido-u2f": return try fidoU2F()
        case "tpm": return try tpm()
        case "android-key": return try androidKey()
        case "apple": return try apple()
        case "android-safetynet": throw .webAuthn(.attestationFormat, "android-safetynet was shut down in 2025")
        default: throw .webAuthn(.attestationFormat, "an unknown format")
        }
    }

    /// The results of all statements: one, or with the format `compound` two or more, each of which must be genuine
    /// (section 8.9).
    func verifyAll(format: String) throws(RumdulError) -> [AttestationResult] {
        guard format == "compound" else { return [try verify(format: format)] }
        guard let parts = statement.arrayValue, (2...8).contains(parts.count) else {
            throw .webAuthn(.attestation, "a compound holds two statements or more")
        }
        var results: [AttestationResult] = []
        for part in parts {
            guard let format = part["fmt"]?.textValue, let inner = part["attStmt"], inner.mapValue != nil else {
                throw .webAuthn(.attestation, "a part of the compound is malformed")
            }
            var input = self
            input.statement = inner
            results.append(try input.verify(format: format))
        }
        return results
    }
}
