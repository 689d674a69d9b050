import Foundation
import Kernel
import SwiftASN1
import X509

/// A certificate revocation list (RFC 5280 section 5). Delta and indirect lists are refused.
public struct RevocationList: Sendable {
    let issuer: DistinguishedName
    /// When it was made.
    public let thisUpdate: Instant
    /// When the next one comes.
    public let nextUpdate: Instant?
    private let serials: Set<[UInt8]>
    private let signedBytes: [UInt8]
    private let signature: [UInt8]
    private let algorithm: Certificate.SignatureAlgorithm

    /// The longest list, in bytes.
    public static let maximumSize = 1 << 23

    /// Reads a list in DER; its signature is checked when it is used.
    /// - Throws: `webauthn.revocation_list`.
    public init(der: [UInt8]) throws(RumdulError) {
        guard der.count <= Self.maximumSize else { throw .webAuthn(.revocationList, "too long") }
        self = try checking(.revocationList, "not a revocation list") { try Self(parsing: der) }
    }

    private init(parsing der: [UInt8]) throws {
        let parts = try DERNode(der: der, .revocationList).children(.sequence)
        guard parts.count == 3 else { throw RumdulError.webAuthn(.revocationList, "not three parts") }
        signedBytes = Array(parts[0].node.encodedBytes)
        guard let algorithm = Self.algorithms[try parts[1].children(.sequence).first.map { try $0.oid() } ?? []] else {
            throw RumdulError.webAuthn(.revocationList, "an unknown algorithm")
        }
        self.algorithm = algorithm
        signature = Array(try ASN1BitString(derEncoded: parts[2].node).bytes)
        var fields = try parts[0].children(.sequence)[...]
        if let first = fields.first, first.node.identifier == .integer { fields = fields.dropFirst() }
        guard fields.count >= 3 else { throw RumdulError.webAuthn(.revocationList, "fields are missing") }
        fields = fields.dropFirst()
        issuer = try DistinguishedName(derEncoded: fields.removeFirst().node)
        thisUpdate = try fields.removeFirst().instant()
        if let next = fields.first, next.isTime {
            nextUpdate = try next.instant()
            fields = fields.dropFirst()
        } else {
            nextUpdate = nil
        }
        var serials: Set<[UInt8]> = []
        if let list = fields.first, list.node.identifier == .sequence {
            for entry in try list.children(.sequence) {
                guard let serial = try entry.children(.sequence).first else { continue }
                serials.insert(Array(try serial.integerBytes().drop { $0 == 0 }))
            }
            fields = fields.dropFirst()
        }
        self.serials = serials
        try Self.checkExtensions(fields)
    }

    /// Critical extensions, such as those of delta and indirect lists, are not understood.
    private static func checkExtensions(_ fields: ArraySlice<DERNode>) throws {
        guard let tagged = fields.first else { return }
        for entry in try tagged.tagged(0).children(.sequence) {
            let parts = try entry.children(.sequence)
            guard parts.count < 3 else { throw RumdulError.webAuthn(.revocationList, "a critical extension") }
        }
    }

    private static let algorithms: [ASN1ObjectIdentifier: Certificate.SignatureAlgorithm] = [
        [1, 2, 840, 10045, 4, 3, 2]: .ecdsaWithSHA256, [1, 2, 840, 10045, 4, 3, 3]: .ecdsaWithSHA384,
        [1, 2, 840, 10045, 4, 3, 4]: .ecdsaWithSHA512, [1, 2, 840, 113549, 1, 1, 11]: .sha256WithRSAEncryption,
        [1, 2, 840, 113549, 1, 1, 12]: .sha384WithRSAEncryption,
        [1, 2, 840, 113549, 1, 1, 13]: .sha512WithRSAEncryption, [1, 3, 101, 112]: .ed25519,
    ]

    /// True when the list is in the name of this authority.
    func isOf(_ authority: AttestationCertificate) -> Bool { issuer == authority.certificate.subject }

    /// True when this authority signed the list and may do so.
    func isSigned(by authority: AttestationCertificate) -> Bool {
        if let usage = try? authority.certificate.extensions.keyUsage, !usage.cRLSign { return false }
        return authority.certificate.publicKey.isValidSignature(
            signature, for: signedBytes, signatureAlgorithm: algorithm)
    }

    /// True from its making until the next one comes.
    func isInDate(_ now: Instant) -> Bool { now >= thisUpdate && nextUpdate.map { now <= $0 } ?? true }

    /// True when the serial number is on the list.
    func contains(_ serial: [UInt8]) -> Bool { serials.contains(Array(serial.drop { $0 == 0 })) }
}
