import COSE
import Codecs
import Crypto
import Kernel

/// Apple's App Attest: proof that a key lives in an Apple device and belongs to one application (Apple, "Validating Apps
/// That Connect to Your Server").
public struct AppAttest: Sendable {
    /// Where keys are made: for the App Store, or for development.
    public enum Environment: Sendable, CaseIterable {
        case production
        case development

        /// The AAGUID of the environment.
        public var aaguid: [UInt8] {
            switch self {
            case .production: Array("appattest".utf8) + [UInt8](repeating: 0, count: 7)
            case .development: Array("appattestdevelop".utf8)
            }
        }
    }

    /// A key that was attested.
    public struct Key: Sendable {
        /// SHA-256 of the public key: the key's identifier.
        public let id: [UInt8]
        public let publicKey: COSEKey
        public let environment: Environment
        /// Apple's receipt, for a later risk assessment.
        public let receipt: [UInt8]
        public let trustPath: [AttestationCertificate]
    }

    /// The application: ten characters of the team, a dot, the bundle's identifier.
    public var applicationID: String
    public var roots: [AttestationCertificate]
    public var environments: Set<Environment>

    /// The longest statement, in bytes.
    public static let maximumSize = 1 << 15

    public init(applicationID: String, roots: [AttestationCertificate], environments: Set<Environment> = [.production])
    {
        self.applicationID = applicationID
        self.roots = roots
        self.environments = environments
    }

    private var applicationHash: [UInt8] { Array(SHA256.hash(data: Array(applicationID.utf8))) }

    /// Checks the statement for a new key.
    /// - Parameters:
    ///   - keyID: the identifier that the app names.
    ///   - clientDataHash: SHA-256 of the challenge, or of whatever both sides agree on.
    /// - Throws: `webauthn.app_attest`, `webauthn.attestation_trust`, `webauthn.attestation_certificate`,
    ///   `webauthn.attestation_key`, `webauthn.key_challenge`, `webauthn.key_application`, `webauthn.too_large`.
    public func verify(
        attestation bytes: [UInt8], keyID: [UInt8], clientDataHash: [UInt8], at now: Instant
    ) throws(RumdulError) -> Key {
        guard bytes.count <= Self.maximumSize else { throw .webAuthn(.tooLarge, "App Attest statement") }
        let value = try Self.decode(bytes)
        guard value["fmt"]?.textValue == "apple-appattest", let statement = value["attStmt"],
            let list = statement["x5c"]?.arrayValue, let receipt = statement["receipt"]?.bytesValue,
            let dataBytes = value["authData"]?.bytesValue
        else { throw .webAuthn(.appAttest, "a member is missing or of the wrong type") }
        let path = try Self.path(list)
        try CertificatePath(roots: roots).validate(path, at: now)
        let data = try Self.authenticatorData(dataBytes)
        guard let entry = path[0].extension(.appleNonce) else { throw .webAuthn(.appAttest, "there is no nonce") }
        let nonce = try AppleNonce.read(entry.value, .appAttest)
        guard constantTimeEquals(nonce, Array(SHA256.hash(data: dataBytes + clientDataHash))) else {
            throw .webAuthn(.keyChallenge, "the nonce is of another request")
        }
        guard case .ec2(.p256, let x, let y)? = path[0].keyMaterial else {
            throw .webAuthn(.appAttest, "the key is not on P-256")
        }
        guard constantTimeEquals(keyID, Array(SHA256.hash(data: [4] + x + y))) else {
            throw .webAuthn(.attestationKey, "the identifier is of another key")
        }
        guard constantTimeEquals(data.rpIDHash, applicationHash) else {
            throw .webAuthn(.keyApplication, "another application")
        }
        guard data.signCount == 0 else { throw .webAuthn(.appAttest, "the counter is not zero") }
        guard let credential = data.credential, credential.credentialID == keyID else {
            throw .webAuthn(.attestationKey, "the credential is of another key")
        }
        guard let environment = environments.first(where: { $0.aaguid == credential.aaguid.bytes }) else {
            throw .webAuthn(.keyApplication, "another environment")
        }
        let key = try COSEKey(.ec2(curve: .p256, x: x, y: y), algorithm: .es256)
        return Key(id: keyID, publicKey: key, environment: environment, receipt: receipt, trustPath: path)
    }

    /// Checks a signed request of an attested key.
    /// - Parameters:
    ///   - key: the attested public key.
    ///   - counter: the counter of the last assertion; zero before the first.
    /// - Returns: the new counter.
    /// - Throws: `webauthn.app_attest`, `webauthn.key_application`, `webauthn.signature`, `webauthn.counter`,
    ///   `webauthn.too_large`.
    public func verify(
        assertion bytes: [UInt8], key: COSEKey, clientDataHash: [UInt8], counter: UInt32
    ) throws(RumdulError) -> UInt32 {
        guard bytes.count <= Self.maximumSize else { throw .webAuthn(.tooLarge, "App Attest assertion") }
        let value = try Self.decode(bytes)
        guard let signature = value["signature"]?.bytesValue, let dataBytes = value["authenticatorData"]?.bytesValue
        else { throw .webAuthn(.appAttest, "a member is missing or of the wrong type") }
        // Assertions carry the head alone, whatever the flags say; all bytes are signed.
        var reader = ByteReader(dataBytes, .appAttest)
        let rpIDHash = try reader.take(32, "rpIdHash")
        _ = try reader.byte("flags")
        let signCount = try reader.number32("signCount")
        let nonce = Array(SHA256.hash(data: dataBytes + clientDataHash))
        guard key.isValid(signature, for: nonce, form: .der) else {
            throw .webAuthn(.signature, "the attested key did not sign this")
        }
        guard constantTimeEquals(rpIDHash, applicationHash) else {
            throw .webAuthn(.keyApplication, "another application")
        }
        guard signCount > counter else { throw .webAuthn(.counter, "the counter did not rise") }
        return signCount
    }

    private static func decode(_ bytes: [UInt8]) throws(RumdulError) -> CBORValue {
        try checking(.appAttest, "not CBOR") {
            try CBOR.decode(bytes, options: CBORDecodingOptions(maximumDepth: 8, maximumItems: 1024))
        }
    }

    private static func authenticatorData(_ bytes: [UInt8]) throws(RumdulError) -> AuthenticatorData {
        try checking(.appAttest, "authenticator data") { try AuthenticatorData(bytes) }
    }

    private static func path(_ list: [CBORValue]) throws(RumdulError) -> [AttestationCertificate] {
        guard (1...CertificatePath.maximumLength).contains(list.count) else { throw .webAuthn(.appAttest, "x5c") }
        var path: [AttestationCertificate] = []
        for element in list {
            guard let der = element.bytesValue else { throw .webAuthn(.appAttest, "x5c") }
            path.append(try AttestationCertificate(der: der))
        }
        return path
    }
}
