import COSE
import Codecs
import Kernel

/// One report on a model (MDS3 section 3.1.3).
public struct StatusReport: Sendable, Hashable {
    public let status: AuthenticatorStatus
    /// From when the report holds, as a day.
    public let effectiveDate: CalendarDate?

    init(_ json: JSONObject) throws(RumdulError) {
        guard let name = json.string("status") else { throw .webAuthn(.metadata, "a report without status") }
        status = AuthenticatorStatus(rawValue: name)
        effectiveDate = json.string("effectiveDate").flatMap { CalendarDate(iso: $0) }
    }
}

/// What FIDO's metadata say of a model (MDS3 section 3.1.1).
public struct MetadataEntry: Sendable {
    /// The model, for FIDO2 authenticators.
    public let aaguid: AAGUID?
    /// SHA-1 key identifiers of the attestation certificates, for U2F authenticators.
    public let keyIdentifiers: [[UInt8]]
    public let statement: MetadataStatement?
    /// The reports, oldest first as they stand in the BLOB.
    public let reports: [StatusReport]

    init(_ json: JSONObject) throws(RumdulError) {
        if json.has("aaguid") {
            guard let id = json.string("aaguid").flatMap({ AAGUID($0) }) else { throw .webAuthn(.metadata, "aaguid") }
            aaguid = id
        } else {
            aaguid = nil
        }
        var identifiers: [[UInt8]] = []
        for text in json.strings("attestationCertificateKeyIdentifiers") ?? [] {
            guard let bytes = Hex.decode(text), bytes.count == 20 else { throw .webAuthn(.metadata, "key identifier") }
            identifiers.append(bytes)
        }
        keyIdentifiers = identifiers
        statement = try json.object("metadataStatement").map { (object) throws(RumdulError) in
            try MetadataStatement(object)
        }
        guard let list = json.array("statusReports") else { throw .webAuthn(.metadata, "statusReports") }
        var reports: [StatusReport] = []
        for element in list {
            guard let object = element.objectValue else { throw .webAuthn(.metadata, "a status report") }
            reports.append(try StatusReport(object))
        }
        self.reports = reports
    }

    /// The level of the newest report that states one.
    public var certificationLevel: CertificationLevel? { reports.compactMap(\.status.level).last }
}

/// The description of a model (FIDO Metadata Statement 3), as far as a relying party uses it.
public struct MetadataStatement: Sendable {
    public let description: String
    /// The trust anchors of the model.
    public let roots: [AttestationCertificate]
    /// `secp256r1_ecdsa_sha256_raw` and others.
    public let algorithms: [String]
    /// `basic_full`, `basic_surrogate`, `attca`, `anonca`, `none`, `ecdaa`.
    public let attestationTypes: [String]
    /// `hardware`, `secure_element`, `tee`, `software`, `remote_handle`.
    public let keyProtection: [String]

    /// Reads a statement.
    /// - Throws: `webauthn.metadata`.
    public init(_ json: JSONObject) throws(RumdulError) {
        description = json.string("description") ?? ""
        algorithms = json.strings("authenticationAlgorithms") ?? []
        attestationTypes = json.strings("attestationTypes") ?? []
        keyProtection = json.strings("keyProtection") ?? []
        var roots: [AttestationCertificate] = []
        for text in json.strings("attestationRootCertificates") ?? [] {
            // Some makers break lines.
            guard let der = Base64.decode(String(text.filter { !$0.isWhitespace })) else {
                throw .webAuthn(.metadata, "a root is not base64")
            }
            // A root of a kind that is not understood can anchor nothing; the rest of the BLOB stays useful.
            if let root = try? AttestationCertificate(der: der) { roots.append(root) }
        }
        self.roots = roots
    }

    /// True when keys cannot leave their hardware.
    public var isHardwareProtected: Bool {
        keyProtection.contains { ["hardware", "secure_element", "tee"].contains($0) }
            && !keyProtection.contains("software")
    }

    /// Checks that a model really has the attestation and the algorithm it used.
    /// - Throws: `webauthn.attestation_content`, `webauthn.attestation_algorithm`.
    func check(type: AttestationType, algorithm: COSEAlgorithm?) throws(RumdulError) {
        let names: [String] =
            switch type {
            case .none: []
            case .selfAttested: ["basic_surrogate"]
            case .basic: ["basic_full", "attca"]
            case .attestationCA: ["attca", "basic_full"]
            case .anonymizationCA: ["anonca"]
            }
        if !attestationTypes.isEmpty, !names.isEmpty, !names.contains(where: attestationTypes.contains) {
            throw .webAuthn(.attestationContent, "the model does not attest in this way")
        }
        guard !algorithms.isEmpty, let algorithm else { return }
        guard Self.names(algorithm).contains(where: algorithms.contains) else {
            throw .webAuthn(.attestationAlgorithm, "the model does not have this algorithm")
        }
    }

    /// FIDO Registry of Predefined Values section 3.6.1.
    private static func names(_ algorithm: COSEAlgorithm) -> [String] {
        switch algorithm {
        case .es256: ["secp256r1_ecdsa_sha256_raw", "secp256r1_ecdsa_sha256_der"]
        case .es384: ["secp384r1_ecdsa_sha384_raw"]
        case .es512: ["secp521r1_ecdsa_sha512_raw"]
        case .edDSA: ["ed25519_eddsa_sha512_raw"]
        case .ps256: ["rsassa_pss_sha256_raw", "rsassa_pss_sha256_der"]
        case .rs256: ["rsassa_pkcsv15_sha256_raw", "rsa_emsa_pkcs1_sha256_raw", "rsa_emsa_pkcs1_sha256_der"]
        case .rs1: ["rsassa_pkcsv15_sha1_raw"]
        }
    }
}
