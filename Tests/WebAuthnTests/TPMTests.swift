import COSE
import Codecs
import Crypto
import Kernel
import SwiftASN1
import Testing
import X509

@testable import WebAuthn

/// A `tpm` statement; every part can be changed.
struct ForgedTPM: Sendable {
    var registration: ForgedRegistration
    var attester: ForgedKey
    var authority: ForgedAuthority
    var leaf: ForgedCertificate
    var chain: @Sendable ([AttestationCertificate]) -> [AttestationCertificate] = { $0 }
    var version: CBORValue? = "2.0"
    var algorithm: Int64?
    var nameHash: TPMHash = .sha256
    var magic: [UInt8] = [0xFF, 0x54, 0x43, 0x47]
    var kind: [UInt8] = [0x80, 0x17]
    /// The key whose numbers stand in the public area; the credential's by default.
    var describedKey: ForgedKey?
    var exponent: [UInt8] = [0, 0, 0, 0]
    var extraData: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    var attestedName: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    /// The last changes to the two structures.
    var area: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    var info: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    var signature: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    init(_ algorithm: COSEAlgorithm = .es256, attester: COSEAlgorithm = .rs256) throws {
        registration = try ForgedRegistration(algorithm)
        registration.aaguid = [UInt8](repeating: 0x44, count: 16)
        registration.format = "tpm"
        self.attester = try ForgedKey(attester)
        authority = try ForgedAuthority()
        leaf = ForgedCertificate(subject: DistinguishedName(), key: self.attester)
        leaf.extensions = try Self.extensions()
        registration.party.attestation.demand = .trustedIfPresent
        registration.party.attestation.roots["tpm"] = [authority.root]
    }

    static func extensions(
        maker: String? = "id:494E5443", model: String? = "Model", version: String? = "id:0001",
        purpose: ASN1ObjectIdentifier? = .tpmAIK
    ) throws -> [Certificate.Extension] {
        var attributes: [RelativeDistinguishedName.Attribute] = []
        if let maker { attributes.append(.init(type: [2, 23, 133, 2, 1], utf8String: maker)) }
        if let model { attributes.append(.init(type: [2, 23, 133, 2, 2], utf8String: model)) }
        if let version { attributes.append(.init(type: [2, 23, 133, 2, 3], utf8String: version)) }
        let name = DistinguishedName(attributes.map { RelativeDistinguishedName($0) })
        var list = [try Certificate.Extension(SubjectAlternativeNames([.directoryName(name)]), critical: true)]
        if let purpose {
            list.append(try Certificate.Extension(ExtendedKeyUsage([.init(oid: purpose)]), critical: false))
        }
        return list
    }

    private func sized(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes }

    func publicArea() throws -> [UInt8] {
        let hash = [UInt8(nameHash.rawValue >> 8), UInt8(nameHash.rawValue & 0xFF)]
        let head = hash + [0, 6, 4, 0x72] + sized([1, 2, 3])
        let null: [UInt8] = [0, 0x10]
        switch try (describedKey ?? registration.key).material {
        case .rsa(let n, _): return [0, 1] + head + null + null + [8, 0] + exponent + sized(n)
        case .ec2(let curve, let x, let y):
            let number: UInt8 = curve == .p256 ? 3 : curve == .p384 ? 4 : 5
            // A scheme with its hash, as real TPMs have it.
            return [0, 0x23] + head + null + [0, 0x18, 0, 0x0B, 0, number] + null + sized(x) + sized(y)
        case .ed25519: return [0, 0x40] + head
        }
    }

    func verify() throws -> Registration {
        let certificates = chain(try authority.chain(leaf))
        var forged = registration
        let me = self
        forged.statement = { _, data, hash in
            let area = me.area(try me.publicArea())
            let number = me.algorithm ?? me.attester.algorithm.rawValue
            let hasher = COSEAlgorithm(rawValue: number).map { TPMHash($0) } ?? .sha256
            let nameHead = [UInt8(me.nameHash.rawValue >> 8), UInt8(me.nameHash.rawValue & 0xFF)]
            let name = me.attestedName(nameHead + me.nameHash.hash(area))
            var info = me.magic + me.kind + me.sized([9, 9]) + me.sized(me.extraData(hasher.hash(data + hash)))
            info += [UInt8](repeating: 7, count: 17) + [UInt8](repeating: 8, count: 8)
            info = me.info(info + me.sized(name) + me.sized([1, 1]))
            var map: CBORMap = [
                "alg": .integer(number), "sig": .bytes(me.signature(try me.attester.sign(info))),
                "certInfo": .bytes(info), "pubArea": .bytes(area),
                "x5c": .array(certificates.map { .bytes($0.der) }),
            ]
            map["ver"] = me.version
            return .map(map)
        }
        return try forged.verify()
    }
}

/// MC-Resp-9.
@Suite struct TPMTests {
    static let rows: [Row<ForgedTPM>] = [
        Row("P-1 SHA-256", nil) { _ in },
        Row("P-3 nameAlg differs", nil) { $0.nameHash = .sha384 },
        Row("P-3 nameAlg SHA-1", nil) { $0.nameHash = .sha1 },
        Row("P-3 nameAlg SHA-512", nil) { $0.nameHash = .sha512 },
        Row("F-1 wrong order", .attestationAlgorithm) { $0.chain = { $0.reversed() } },
        Row("F-1 wrong order behind the leaf", .attestationTrust) {
            let extra = try ForgedAuthority().intermediate
            $0.chain = { [$0[0], extra, $0[1]] }
        },
        Row("F-2 extraData", .attestationContent) { $0.extraData = { $0.map { $0 ^ 1 } } },
        Row("F-2 extraData empty", .attestationContent) { $0.extraData = { _ in [] } },
        Row("F-3 magic", .attestation) { $0.magic = [0xFF, 0x54, 0x43, 0x48] },
        Row("F-4 unique is of another key", .attestationKey) { $0.describedKey = try ForgedKey(.es256) },
        Row("unique is of another kind of key", .attestationKey) { $0.describedKey = try ForgedKey(.rs256) },
        Row("unique is of a key TPMs do not have", .attestationKey) { $0.describedKey = try ForgedKey(.edDSA) },
        Row("type is not certify", .attestation) { $0.kind = [0x80, 0x18] },
        Row("attested name", .attestationContent) { $0.attestedName = { $0.dropLast() + [$0.last ?? 0 ^ 1] + [0] } },
        Row("attested name of another hash", .attestationContent) { $0.attestedName = { [0, 4] + $0.dropFirst(2) } },
        Row("ver missing", .attestation) { $0.version = nil },
        Row("ver 1.2", .attestation) { $0.version = "1.2" },
        Row("certInfo longer", .attestation) { $0.info = { $0 + [0] } },
        Row("certInfo cut", .attestation) { $0.info = { Array($0.dropLast(3)) } },
        Row("pubArea longer", .attestation) { $0.area = { $0 + [0] } },
        Row("pubArea cut", .attestation) { $0.area = { Array($0.dropLast(3)) } },
        Row("pubArea with an unknown hash", .attestation) { $0.area = { [$0[0], $0[1], 0, 0x12] + $0.dropFirst(4) } },
        Row("signature", .attestationSignature) { $0.signature = { $0.map { $0 ^ 0x10 } } },
        Row("alg of another key", .attestationAlgorithm) { $0.algorithm = -7 },
        Row("alg RS1 is not for login", .attestationAlgorithm) { $0.algorithm = -65535 },
        Row("AIK: subject not empty", .attestationCertificate) {
            $0.leaf.subject = try ForgedCertificate.name(common: "TPM")
        },
        Row("AIK: purpose missing", .attestationCertificate) {
            $0.leaf.extensions = try ForgedTPM.extensions(purpose: nil)
        },
        Row("AIK: another purpose", .attestationCertificate) {
            $0.leaf.extensions = try ForgedTPM.extensions(purpose: [2, 23, 133, 8, 1])
        },
        Row("AIK: alternative name missing", .attestationCertificate) {
            $0.leaf.extensions.removeFirst()
        },
        Row("AIK: maker missing", .attestationCertificate) {
            $0.leaf.extensions = try ForgedTPM.extensions(maker: nil)
        },
        Row("AIK: maker malformed", .attestationCertificate) {
            $0.leaf.extensions = try ForgedTPM.extensions(maker: "Intel")
        },
        Row("AIK: maker unknown", .attestationCertificate) {
            $0.leaf.extensions = try ForgedTPM.extensions(maker: "id:00000000")
        },
        Row("AIK: FIDO's maker", nil) {
            $0.leaf.extensions = try ForgedTPM.extensions(maker: "id:fffff1d0")
            $0.registration.party.attestation.tpmManufacturers = [TPMManufacturers.conformance]
        },
        Row("AIK: model missing", .attestationCertificate) {
            $0.leaf.extensions = try ForgedTPM.extensions(model: nil)
        },
        Row("AIK: version missing", .attestationCertificate) {
            $0.leaf.extensions = try ForgedTPM.extensions(version: nil)
        },
        Row("AIK: an authority", .attestationCertificate) {
            $0.leaf.constraints = .isCertificateAuthority(maxPathLength: nil)
        },
        Row("AIK: another model", .attestationCertificate) {
            $0.leaf.extensions.append(ForgedPacked.aaguidExtension([UInt8](repeating: 1, count: 16)))
        },
        Row("AIK: this model", nil) {
            $0.leaf.extensions.append(ForgedPacked.aaguidExtension($0.registration.aaguid))
        },
        Row("root included", .attestationTrust) {
            let root = $0.authority.root
            $0.chain = { $0 + [root] }
        },
    ]

    @Test("MC-Resp-9", arguments: rows) func row(_ row: Row<ForgedTPM>) throws {
        var forged = try ForgedTPM()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test("MC-Resp-9 P-2 SHA-1") func sha1() throws {
        var forged = try ForgedTPM(.rs1, attester: .rs1)
        forged.nameHash = .sha1
        let closed = forged
        #expect(code { _ = try closed.verify() } == "webauthn.algorithm")
        forged.registration.expectation.algorithms = .conformance
        let half = forged
        #expect(code { _ = try half.verify() } == "webauthn.attestation_algorithm")
        forged.registration.party.attestation.algorithms = .conformance
        #expect(try forged.verify().attestation.isTrusted)
    }

    @Test(arguments: [COSEAlgorithm.es256, .es384, .es512, .rs256])
    func everyKey(algorithm: COSEAlgorithm) throws {
        let result = try ForgedTPM(algorithm, attester: .es384).verify()
        #expect(result.attestation.type == .attestationCA)
        #expect(PasskeyKind(result) == .attestedHardware)
    }

    @Test func exponentOfTheRSAKey() throws {
        var forged = try ForgedTPM(.rs256)
        forged.exponent = [0, 1, 0, 1]
        #expect(try forged.verify().attestation.isTrusted)
        forged.exponent = [0, 0, 0, 3]
        let subject = forged
        #expect(code { _ = try subject.verify() } == "webauthn.attestation_key")
    }
}
