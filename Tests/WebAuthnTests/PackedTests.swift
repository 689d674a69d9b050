import COSE
import Codecs
import Crypto
import Kernel
import SwiftASN1
import Testing
import X509

@testable import WebAuthn

/// A packed statement with certificates; every part can be changed.
struct ForgedPacked: Sendable {
    var registration: ForgedRegistration
    var attester: ForgedKey
    var leaf: ForgedCertificate
    var authority: ForgedAuthority
    /// The last change to the chain.
    var chain: @Sendable ([AttestationCertificate]) -> [AttestationCertificate] = { $0 }
    var algorithm: Int64?
    /// Signs instead of the attester.
    var signer: ForgedKey?
    var now = Times.now

    init(_ algorithm: COSEAlgorithm = .es256) throws {
        registration = try ForgedRegistration()
        registration.aaguid = [UInt8](repeating: 0x22, count: 16)
        registration.format = "packed"
        attester = try ForgedKey(algorithm)
        leaf = try ForgedCertificate.packedLeaf(attester)
        authority = try ForgedAuthority()
        registration.party.attestation.demand = .trustedIfPresent
        registration.party.attestation.roots["packed"] = [authority.root]
    }

    func verify() throws -> Registration {
        let certificates = chain(try authority.chain(leaf))
        var forged = registration
        let algorithm = algorithm ?? attester.algorithm.rawValue
        let key = signer ?? attester
        forged.statement = { _, data, hash in
            [
                "alg": .integer(algorithm), "sig": .bytes(try key.sign(data + hash)),
                "x5c": .array(certificates.map { .bytes($0.der) }),
            ]
        }
        return try forged.verify(at: now)
    }

    static func aaguidExtension(_ bytes: [UInt8], critical: Bool = false) -> Certificate.Extension {
        Certificate.Extension(
            oid: .fidoAAGUID, critical: critical, value: ([0x04, UInt8(bytes.count)] + bytes)[...])
    }
}

/// MC-Resp-5 and MC-Resp-6: packed attestation.
@Suite struct PackedTests {
    private static func x5c(_ value: CBORValue?) -> @Sendable (inout ForgedPacked) -> Void {
        { forged in
            forged.registration.object = { map in
                var statement = map["attStmt"]?.mapValue ?? [:]
                statement["x5c"] = value
                map["attStmt"] = .map(statement)
            }
        }
    }

    static let rows: [Row<ForgedPacked>] = [
        Row("P-1", nil) { _ in },
        Row("P-2 with the model in the certificate", nil) {
            $0.leaf.extensions = [ForgedPacked.aaguidExtension($0.registration.aaguid)]
        },
        Row("F-1 unknown fmt", .attestationFormat) { $0.registration.format = "unpacked" },
        Row("F-2 signature of another message", .attestationSignature) {
            $0.registration.object = { map in
                var statement = map["attStmt"]?.mapValue ?? [:]
                var signature = statement["sig"]?.bytesValue ?? []
                signature[12] ^= 0x40
                statement["sig"] = .bytes(signature)
                map["attStmt"] = .map(statement)
            }
        },
        Row("F-3 x5c missing", .attestationSignature, x5c(nil)),
        Row("F-4 x5c not an array", .attestation, x5c("x")),
        Row("F-5 x5c empty", .attestation, x5c([])),
        Row("x5c holds no bytes", .attestation, x5c(["x"])),
        Row("x5c holds no certificate", .attestationCertificate, x5c([.bytes([1, 2, 3])])),
        Row("x5c too long", .attestation, x5c(.array(Array(repeating: .bytes([1]), count: 9)))),
        Row("F-6 leaf expired", .attestationTrust) { $0.leaf.notAfter = Times.now.adding(seconds: -1) },
        Row("F-7 leaf not yet valid", .attestationTrust) { $0.leaf.notBefore = Times.now.adding(seconds: Times.day) },
        Row("F-8 alg of the leaf differs", .attestationAlgorithm) { $0.algorithm = -257 },
        Row("F-9 bad chain", .attestationTrust) {
            let other = try ForgedAuthority().intermediate
            $0.chain = { [$0[0], other] }
        },
        Row("F-9 chain incomplete", .attestationTrust) { $0.chain = { [$0[0]] } },
        Row("F-9 another root", .attestationTrust) {
            $0.registration.party.attestation.roots["packed"] = [try ForgedAuthority().root]
        },
        Row("F-9 no root", .attestationTrust) { $0.registration.party.attestation.roots = [:] },
        Row("F-10 root included", .attestationTrust) {
            let root = $0.authority.root
            $0.chain = { $0 + [root] }
        },
        Row("F-11 wrong order", .attestationSignature) { $0.chain = { $0.reversed() } },
        Row("F-11 wrong order behind the leaf", .attestationTrust) {
            let extra = try ForgedAuthority().intermediate
            $0.chain = { [$0[0], extra, $0[1]] }
        },
        Row("F-12 intermediate expired", .attestationTrust) {
            $0.authority = try ForgedAuthority { $0.notAfter = Times.now.adding(seconds: -1) }
            $0.registration.party.attestation.roots["packed"] = [$0.authority.root]
        },
        Row("F-13 signed by another key than the leaf's", .attestationSignature) { $0.signer = try ForgedKey(.es256) },
        Row("F-14 signed by the credential's key", .attestationSignature) { $0.signer = $0.registration.key },
        Row("intermediate is no authority", .attestationTrust) {
            $0.authority = try ForgedAuthority { $0.constraints = .notCertificateAuthority }
            $0.registration.party.attestation.roots["packed"] = [$0.authority.root]
        },
        Row("intermediate may not sign certificates", .attestationTrust) {
            $0.authority = try ForgedAuthority {
                $0.extensions = [try Certificate.Extension(KeyUsage(digitalSignature: true), critical: true)]
            }
            $0.registration.party.attestation.roots["packed"] = [$0.authority.root]
        },
        Row("a critical extension nobody understands", .attestationTrust) {
            $0.leaf.extensions = [Certificate.Extension(oid: [1, 2, 3, 4], critical: true, value: [5, 0])]
        },
        Row("another model in the certificate", .attestationCertificate) {
            $0.leaf.extensions = [ForgedPacked.aaguidExtension([UInt8](repeating: 1, count: 16))]
        },
        Row("the model's extension is critical", .attestationCertificate) {
            $0.leaf.extensions = [ForgedPacked.aaguidExtension($0.registration.aaguid, critical: true)]
        },
        Row("the model's extension is malformed", .attestationCertificate) {
            $0.leaf.extensions = [Certificate.Extension(oid: .fidoAAGUID, critical: false, value: [1])]
        },
        Row("leaf: unit", .attestationCertificate) { $0.leaf.subject = try ForgedCertificate.name(unit: "Other") },
        Row("leaf: country missing", .attestationCertificate) {
            $0.leaf.subject = try ForgedCertificate.name(country: "", unit: "Authenticator Attestation")
        },
        Row("leaf: organisation missing", .attestationCertificate) {
            $0.leaf.subject = try ForgedCertificate.name(organization: "", unit: "Authenticator Attestation")
        },
        Row("leaf: name missing", .attestationCertificate) {
            $0.leaf.subject = try ForgedCertificate.name(unit: "Authenticator Attestation", common: "")
        },
        Row("leaf: an authority", .attestationCertificate) {
            $0.leaf.constraints = .isCertificateAuthority(maxPathLength: nil)
        },
        Row("leaf is itself the anchor", nil) {
            $0.leaf.notAfter = Times.now.adding(seconds: 99 * Times.day)
            let leaf = try $0.leaf.signed(by: $0.authority.name, $0.authority.key)
            $0.chain = { _ in [leaf] }
            $0.registration.party.attestation.roots["packed"] = [leaf]
        },
    ]

    @Test("MC-Resp-5", arguments: rows) func full(row: Row<ForgedPacked>) throws {
        var forged = try ForgedPacked()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test(arguments: [COSEAlgorithm.es256, .es384, .es512, .edDSA, .rs256])
    func everyAttestationAlgorithm(algorithm: COSEAlgorithm) throws {
        let result = try ForgedPacked(algorithm).verify()
        #expect(result.attestation.isTrusted)
        #expect(result.attestation.type == .basic)
        #expect(result.attestation.trustPath.count == 2)
    }

    @Test func trustIsSaidWhereItIsNotDemanded() throws {
        var forged = try ForgedPacked()
        forged.registration.party.attestation = AttestationPolicy()
        let result = try forged.verify()
        #expect(!result.attestation.isTrusted)
        #expect(result.attestation.distrust != nil)
    }

    @Test func attestationMayBeNeeded() throws {
        var none = try ForgedRegistration()
        none.party.attestation.demand = .needed
        let subject = none
        #expect(code { _ = try subject.verify() } == "webauthn.attestation_needed")
        var packed = try ForgedPacked()
        packed.registration.party.attestation.demand = .needed
        #expect(try packed.verify().attestation.isTrusted)
    }

    private func selfAttested(_ change: (inout ForgedRegistration) throws -> Void = { _ in }) throws -> String? {
        var forged = try ForgedRegistration()
        forged.format = "packed"
        forged.aaguid = [UInt8](repeating: 0x33, count: 16)
        forged.party.attestation.demand = .trustedIfPresent
        forged.statement = { forged, data, hash in ["alg": -7, "sig": .bytes(try forged.key.sign(data + hash))] }
        try change(&forged)
        let subject = forged
        return code { _ = try subject.verify() }
    }

    @Test("MC-Resp-6 P-1") func selfPasses() throws {
        #expect(try selfAttested() == nil)
    }

    @Test("MC-Resp-6 F-1 bad signature") func selfBadSignature() throws {
        let other = try ForgedKey(.es256)
        let result = try selfAttested {
            $0.statement = { _, data, hash in ["alg": -7, "sig": .bytes(try other.sign(data + hash))] }
        }
        #expect(result == "webauthn.attestation_signature")
    }

    @Test("MC-Resp-6 F-2 full attestation of a model without") func selfWithCertificates() throws {
        var forged = try ForgedPacked()
        forged.registration.party.attestation.metadata = try ForgedMetadata.directory(
            aaguid: forged.registration.aaguid, roots: [forged.authority.root], types: ["basic_surrogate"])
        let subject = forged
        #expect(code { _ = try subject.verify() } == "webauthn.attestation_content")
    }

    @Test("MC-Resp-6 F-3 unknown fmt") func selfUnknownFormat() throws {
        #expect(try selfAttested { $0.format = "packed2" } == "webauthn.attestation_format")
        #expect(try selfAttested { $0.format = "android-safetynet" } == "webauthn.attestation_format")
    }

    /// Section 8.9: several statements about one credential.
    @Test func compounds() throws {
        func compound(_ change: (inout [CBORValue]) -> Void = { _ in }) throws -> ForgedRegistration {
            let packed = try ForgedPacked()
            let certificates = try packed.authority.chain(packed.leaf)
            var forged = packed.registration
            let (data, hash) = (forged.authData, forged.clientHash)
            let full: CBORValue = [
                "alg": -7, "sig": .bytes(try packed.attester.sign(data + hash)),
                "x5c": .array(certificates.map { .bytes($0.der) }),
            ]
            let own: CBORValue = ["alg": -7, "sig": .bytes(try forged.key.sign(data + hash))]
            var parts: [CBORValue] = [["fmt": "packed", "attStmt": own], ["fmt": "packed", "attStmt": full]]
            change(&parts)
            let list = parts
            forged.format = "compound"
            forged.statement = { _, _, _ in .array(list) }
            return forged
        }
        let result = try compound().verify().attestation
        #expect(result.isTrusted && result.type == .basic)
        for (name, wanted, change) in [
            ("one part", "webauthn.attestation", { $0.removeLast() }),
            ("a part that is not genuine", "webauthn.attestation", { $0[0] = ["fmt": "packed", "attStmt": [:]] }),
            ("a compound inside", "webauthn.attestation_format", { $0[0] = ["fmt": "compound", "attStmt": [:]] }),
            ("a part without format", "webauthn.attestation", { $0[0] = ["attStmt": [:]] }),
            ("an unknown part", "webauthn.attestation_format", { $0[0] = ["fmt": "new", "attStmt": [:]] }),
        ] as [(String, String, (inout [CBORValue]) -> Void)] {
            let subject = try compound(change)
            #expect(code { _ = try subject.verify() } == wanted, "\(name)")
        }
        var distrusted = try compound()
        distrusted.party.attestation.roots = [:]
        let subject = distrusted
        #expect(code { _ = try subject.verify() } == "webauthn.attestation_trust")
    }
}
