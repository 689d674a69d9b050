import Crypto
import Foundation
import Kernel
import SwiftASN1
import X509

@testable import WebAuthn

/// What goes into a certificate; every field can be changed.
struct ForgedCertificate: Sendable {
    var subject: DistinguishedName
    var key: ForgedKey
    var serial: Int64 = 7
    var notBefore = Times.now.adding(seconds: -30 * Times.day)
    var notAfter = Times.now.adding(seconds: 365 * Times.day)
    var constraints: BasicConstraints? = .notCertificateAuthority
    var extensions: [Certificate.Extension] = []
    var version: Certificate.Version = .v3

    /// The leaf of a packed statement (WebAuthn section 8.2.1).
    static func packedLeaf(_ key: ForgedKey) throws -> ForgedCertificate {
        ForgedCertificate(subject: try name(country: "KH", unit: "Authenticator Attestation"), key: key)
    }

    static func name(
        country: String = "KH", organization: String = "Forger", unit: String = "Authority", common: String = "Forged"
    ) throws -> DistinguishedName {
        try DistinguishedName {
            if !country.isEmpty { CountryName(country) }
            if !organization.isEmpty { OrganizationName(organization) }
            if !unit.isEmpty { OrganizationalUnitName(unit) }
            if !common.isEmpty { CommonName(common) }
        }
    }

    func signed(by issuer: DistinguishedName, _ signer: ForgedKey) throws -> AttestationCertificate {
        var list: [Certificate.Extension] = []
        if let constraints { list.append(try Certificate.Extension(constraints, critical: true)) }
        list += extensions
        let certificate = try Certificate(
            version: version, serialNumber: Certificate.SerialNumber(serial),
            publicKey: key.certificateKey.publicKey, notValidBefore: date(notBefore), notValidAfter: date(notAfter),
            issuer: issuer, subject: subject, signatureAlgorithm: signatureAlgorithm(signer),
            extensions: try Certificate.Extensions(list), issuerPrivateKey: signer.certificateKey)
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return try AttestationCertificate(der: serializer.serializedBytes)
    }

    private func date(_ instant: Instant) -> Date { Date(timeIntervalSince1970: Double(instant.seconds)) }

    private func signatureAlgorithm(_ signer: ForgedKey) -> Certificate.SignatureAlgorithm {
        switch signer {
        case .p256: .ecdsaWithSHA256
        case .p384: .ecdsaWithSHA384
        case .p521: .ecdsaWithSHA512
        case .ed25519: .ed25519
        case .rsa: .sha256WithRSAEncryption
        }
    }
}

/// A root and an intermediate authority.
struct ForgedAuthority: Sendable {
    let rootKey: ForgedKey
    let rootName: DistinguishedName
    let root: AttestationCertificate
    let key: ForgedKey
    let name: DistinguishedName
    let intermediate: AttestationCertificate

    init(_ rootAlgorithmKey: ForgedKey? = nil, change: (inout ForgedCertificate) throws -> Void = { _ in }) throws {
        rootKey = try rootAlgorithmKey ?? ForgedKey(.es256)
        rootName = try ForgedCertificate.name(common: "Root")
        var top = ForgedCertificate(subject: rootName, key: rootKey)
        top.serial = 1
        top.constraints = .isCertificateAuthority(maxPathLength: nil)
        top.extensions = [try Certificate.Extension(KeyUsage(keyCertSign: true, cRLSign: true), critical: true)]
        root = try top.signed(by: rootName, rootKey)
        key = try ForgedKey(.es256)
        name = try ForgedCertificate.name(common: "Intermediate")
        var middle = ForgedCertificate(subject: name, key: key)
        middle.serial = 2
        middle.constraints = .isCertificateAuthority(maxPathLength: 0)
        middle.extensions = [try Certificate.Extension(KeyUsage(keyCertSign: true, cRLSign: true), critical: true)]
        try change(&middle)
        intermediate = try middle.signed(by: rootName, rootKey)
    }

    /// A leaf and the intermediate.
    func chain(_ leaf: ForgedCertificate) throws -> [AttestationCertificate] {
        [try leaf.signed(by: name, key), intermediate]
    }
}
