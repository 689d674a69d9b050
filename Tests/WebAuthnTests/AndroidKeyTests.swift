import COSE
import Codecs
import Crypto
import Kernel
import SwiftASN1
import Testing
import X509

@testable import WebAuthn

/// Android's key description; every field can be changed.
struct ForgedKeyDescription: Sendable {
    var version = 300
    var attestationLevel: ForgedDER = .enumerated(1)
    var keyLevel: ForgedDER = .enumerated(1)
    var challenge: [UInt8] = [1, 2, 3]
    var software: [ForgedDER] = [
        .tagged(701, .integer(1_780_000_000_000)),
        .tagged(
            709,
            .octets(
                ForgedDER.sequence([
                    .set([.sequence([.octets(Array("kh.gov.camdigikey".utf8)), .integer(42)])]),
                    .set([.octets([UInt8](repeating: 0x77, count: 32))]),
                ]).bytes)),
    ]
    var purposes: ForgedDER? = .tagged(1, .set([.integer(2)]))
    var allApplications = false
    var origin: ForgedDER? = .tagged(702, .integer(0))
    var root: ForgedDER? = .tagged(704, Self.rootOfTrust())
    var patchLevel = 202_603
    /// How the key is unlocked: without the person, when nothing else is said.
    var unlocking: [ForgedDER] = [.tagged(503, .null)]

    static func rootOfTrust(locked: Bool = true, state: UInt8 = 0) -> ForgedDER {
        .sequence([
            .octets([UInt8](repeating: 1, count: 32)), .boolean(locked), .enumerated(state),
            .octets([UInt8](repeating: 2, count: 32)),
        ])
    }

    var hardware: [ForgedDER] {
        var list: [ForgedDER] = []
        if let purposes { list.append(purposes) }
        list += [.tagged(2, .integer(3)), .tagged(3, .integer(256))] + unlocking
        if allApplications { list.append(.tagged(600, .null)) }
        if let origin { list.append(origin) }
        if let root { list.append(root) }
        return list + [.tagged(705, .integer(160_000)), .tagged(706, .integer(patchLevel))]
    }

    var der: [UInt8] {
        ForgedDER.sequence([
            .integer(version), attestationLevel, .integer(300), keyLevel, .octets(challenge), .octets([]),
            .sequence(software), .sequence(hardware),
        ]).bytes
    }

    func certificateExtension() -> Certificate.Extension {
        Certificate.Extension(oid: .androidKeyDescription, critical: false, value: der[...])
    }
}

/// An `android-key` statement; every part can be changed.
struct ForgedAndroid: Sendable {
    var registration: ForgedRegistration
    var description = ForgedKeyDescription()
    var authority: ForgedAuthority
    var certificateKey: ForgedKey
    var signer: ForgedKey?
    var hasDescription = true
    var challenge: @Sendable ([UInt8]) -> [UInt8] = { $0 }
    var chain: @Sendable ([AttestationCertificate]) -> [AttestationCertificate] = { $0 }

    init() throws {
        registration = try ForgedRegistration()
        registration.aaguid = [UInt8](repeating: 0x55, count: 16)
        registration.format = "android-key"
        certificateKey = registration.key
        authority = try ForgedAuthority()
        registration.party.attestation.demand = .trustedIfPresent
        registration.party.attestation.roots["android-key"] = [authority.root]
    }

    func verify() throws -> Registration {
        var forged = registration
        var described = description
        described.challenge = challenge(forged.clientHash)
        var leaf = ForgedCertificate(subject: try ForgedCertificate.name(common: "Android"), key: certificateKey)
        leaf.constraints = nil
        if hasDescription { leaf.extensions = [described.certificateExtension()] }
        let certificates = chain(try authority.chain(leaf))
        let key = signer ?? certificateKey
        forged.statement = { _, data, hash in
            [
                "alg": .integer(key.algorithm.rawValue), "sig": .bytes(try key.sign(data + hash)),
                "x5c": .array(certificates.map { .bytes($0.der) }),
            ]
        }
        return try forged.verify()
    }
}

/// MC-Resp-A.
@Suite struct AndroidKeyTests {
    static let rows: [Row<ForgedAndroid>] = [
        Row("P-1", nil) { _ in },
        Row("P-1 with the root, as Android sends it", nil) {
            let root = $0.authority.root
            $0.chain = { $0 + [root] }
        },
        Row("F-1 clientDataHash wrong in the certificate", .attestationContent) {
            $0.challenge = { $0.map { $0 ^ 1 } }
        },
        Row("F-2 public key differs", .attestationKey) { $0.certificateKey = try ForgedKey(.es256) },
        Row("F-3 wrong order", .attestationSignature) { $0.chain = { $0.reversed() } },
        Row("a root that is not trusted", .attestationTrust) {
            let other = try ForgedAuthority().root
            $0.chain = { $0 + [other] }
        },
        Row("signature by another key", .attestationSignature) { $0.signer = try ForgedKey(.es256) },
        Row("no description", .attestationCertificate) { $0.hasDescription = false },
        Row("all applications", .attestationContent) { $0.description.allApplications = true },
        Row("all applications in software", .attestationContent) {
            $0.description.software.insert(.tagged(600, .null), at: 0)
        },
        Row("imported", .attestationContent) { $0.description.origin = .tagged(702, .integer(2)) },
        Row("origin missing", .attestationContent) { $0.description.origin = nil },
        Row("origin unknown", .keyDescription) { $0.description.origin = .tagged(702, .integer(99)) },
        Row("for encryption as well", .attestationContent) {
            $0.description.purposes = .tagged(1, .set([.integer(1), .integer(2)]))
        },
        Row("purpose missing", .attestationContent) { $0.description.purposes = nil },
        Row("purpose unknown", .keyDescription) { $0.description.purposes = .tagged(1, .set([.integer(77)])) },
        Row("purpose no set", .keyDescription) { $0.description.purposes = .tagged(1, .integer(2)) },
        Row("software list alone, hardware wanted", .attestationContent) {
            $0.description.software.insert(.tagged(1, .set([.integer(2)])), at: 0)
            $0.description.purposes = nil
        },
        Row("software list, both accepted", nil) {
            $0.registration.party.attestation.androidNeedsHardware = false
            $0.description.software.insert(.tagged(1, .set([.integer(2)])), at: 0)
            $0.description.purposes = nil
        },
        Row("a member twice", .keyDescription) {
            $0.description.software = [.tagged(701, .integer(1)), .tagged(701, .integer(1))]
        },
        Row("a member without tag", .keyDescription) { $0.description.software = [.integer(1)] },
        Row("security level unknown", .keyDescription) { $0.description.keyLevel = .enumerated(9) },
        Row("security level as an integer", nil) { $0.description.keyLevel = .integer(1) },
    ]

    @Test("MC-Resp-A", arguments: rows) func row(_ row: Row<ForgedAndroid>) throws {
        var forged = try ForgedAndroid()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test("MC-Resp-B android-safetynet") func safetyNetIsRefused() throws {
        var forged = try ForgedRegistration()
        forged.format = "android-safetynet"
        forged.statement = { _, _, _ in ["ver": "1", "response": .bytes([1])] }
        let subject = forged
        #expect(code { _ = try subject.verify() } == "webauthn.attestation_format")
    }

    @Test func descriptionIsReadInFull() throws {
        let forged = ForgedKeyDescription()
        let description = try KeyDescription(der: forged.der)
        #expect(description.version == 300)
        #expect(description.attestationSecurityLevel == .trustedEnvironment)
        #expect(description.challenge == [1, 2, 3])
        #expect(description.softwareEnforced.creationMilliseconds == 1_780_000_000_000)
        #expect(description.softwareEnforced.application?.packages == ["kh.gov.camdigikey"])
        #expect(description.softwareEnforced.application?.signatureDigests == [[UInt8](repeating: 0x77, count: 32)])
        let hardware = description.hardwareEnforced
        #expect(hardware.purposes == [.sign])
        #expect(hardware.origin == .generated)
        #expect(hardware.noAuthRequired)
        #expect(hardware.osVersion == 160_000)
        #expect(hardware.osPatchLevel == 202_603)
        #expect(hardware.rootOfTrust?.isLocked == true)
        #expect(hardware.rootOfTrust?.bootState == .verified)
        #expect(hardware.rootOfTrust?.verifiedBootHash?.count == 32)
    }

    @Test func malformedDescriptionsAreRefused() throws {
        let good = ForgedKeyDescription().der
        #expect(code { _ = try KeyDescription(der: []) } == "webauthn.key_description")
        #expect(code { _ = try KeyDescription(der: good + [0]) } == "webauthn.key_description")
        #expect(code { _ = try KeyDescription(der: Array(good.dropLast())) } == "webauthn.key_description")
        #expect(code { _ = try KeyDescription(der: [0x30, 0]) } == "webauthn.key_description")
    }

    @Test(arguments: [
        ("no unlocking", [ForgedDER.tagged(503, .null)], false),
        ("nothing said", [], false),
        ("each use", [.tagged(504, .integer(2))], true),
        ("a minute", [.tagged(504, .integer(2)), .tagged(505, .integer(60))], true),
        ("an hour", [.tagged(504, .integer(2)), .tagged(505, .integer(3600))], false),
        ("pattern or finger", [.tagged(504, .integer(3))], false),
        ("pattern", [.tagged(504, .integer(1))], false),
        ("both said", [.tagged(503, .null), .tagged(504, .integer(2))], false),
    ]) func unlockingIsRead(_ name: String, _ unlocking: [ForgedDER], _ needsBiometric: Bool) throws {
        var forged = ForgedKeyDescription()
        forged.unlocking = unlocking
        let description = try KeyDescription(der: forged.der)
        #expect(description.hardwareEnforced.needsBiometric(within: 60) == needsBiometric, "\(name)")
    }

    /// The description of WebAuthn's own test vector (Level 3, 2026).
    @Test func descriptionOfTheSpecification() throws {
        let hash = String(repeating: "b4", count: 32)
        let text = "30430202012c0a01000201000a01000420\(hash)04003000300ea1053103020102bf853e03020100"
        let description = try KeyDescription(der: try #require(Hex.decode(text)))
        #expect(description.hardwareEnforced.purposes == [.sign])
        #expect(description.hardwareEnforced.origin == .generated)
        #expect(description.keyMintSecurityLevel == .software)
    }
}

/// Keys of the native device protocol, without WebAuthn around them.
@Suite struct AndroidDeviceKeyTests {
    struct Subject: Sendable {
        var description = ForgedKeyDescription()
        var authority: ForgedAuthority
        var requirements: AndroidKeyRequirements
        var challenge: [UInt8] = [1, 2, 3]
        var issuerHasDescription = false

        init() throws {
            authority = try ForgedAuthority()
            requirements = AndroidKeyRequirements(
                roots: [authority.root], leastPatchLevel: 202_601, packages: ["kh.gov.camdigikey"],
                signers: [[UInt8](repeating: 0x77, count: 32)])
        }

        func verify() throws -> KeyDescription {
            var authority = authority
            var requirements = requirements
            if issuerHasDescription {
                let entry = description.certificateExtension()
                authority = try ForgedAuthority { $0.extensions.append(entry) }
                requirements.roots = [authority.root]
            }
            var leaf = ForgedCertificate(
                subject: try ForgedCertificate.name(common: "Android"), key: try ForgedKey(.es256), serial: 0xBEEF)
            leaf.extensions = [description.certificateExtension()]
            return try requirements.verify(
                authority.chain(leaf) + [authority.root], challenge: challenge, at: Times.now)
        }
    }

    static let rows: [Row<Subject>] = [
        Row("a good key", nil) { _ in },
        Row("strong box", nil) {
            $0.description.attestationLevel = .enumerated(2)
            $0.description.keyLevel = .enumerated(2)
            $0.requirements.leastLevel = .strongBox
        },
        Row("strong box wanted", .keyProtection) { $0.requirements.leastLevel = .strongBox },
        Row("software", .keyProtection) { $0.description.keyLevel = .enumerated(0) },
        Row("attested in software", .keyProtection) { $0.description.attestationLevel = .enumerated(0) },
        Row("challenge", .keyChallenge) { $0.challenge = [3] },
        Row("unlocked", .keyBootState) {
            $0.description.root = .tagged(704, ForgedKeyDescription.rootOfTrust(locked: false))
        },
        Row("self-signed boot", .keyBootState) {
            $0.description.root = .tagged(704, ForgedKeyDescription.rootOfTrust(state: 1))
        },
        Row("no root of trust", .keyBootState) { $0.description.root = nil },
        Row("boot state unknown", .keyDescription) {
            $0.description.root = .tagged(704, ForgedKeyDescription.rootOfTrust(state: 7))
        },
        Row("boot not wanted", nil) {
            $0.description.root = nil
            $0.requirements.needsVerifiedBoot = false
        },
        Row("patch level", .keyProtection) { $0.description.patchLevel = 202_512 },
        Row("package", .keyApplication) { $0.requirements.packages = ["other"] },
        Row("signer", .keyApplication) { $0.requirements.signers = [[1]] },
        Row("application missing", .keyApplication) { $0.description.software = [] },
        Row("imported", .keyProtection) { $0.description.origin = .tagged(702, .integer(2)) },
        Row("purposes", .keyProtection) { $0.description.purposes = .tagged(1, .set([.integer(2), .integer(3)])) },
        Row("all applications", .keyProtection) { $0.description.allApplications = true },
        Row("another root", .attestationTrust) { $0.requirements.roots = [try ForgedAuthority().root] },
        Row("revoked leaf", .certificateRevoked) { $0.requirements.revokedSerials = ["beef"] },
        Row("revoked intermediate", .certificateRevoked) { $0.requirements.revokedSerials = ["02"] },
        Row("an issuer with a description", .androidKey) { $0.issuerHasDescription = true },
    ]

    @Test(arguments: rows) func row(_ row: Row<Subject>) throws {
        var forged = try Subject()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }
}
