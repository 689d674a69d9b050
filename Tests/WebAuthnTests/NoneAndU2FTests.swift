import COSE
import Codecs
import Kernel
import Testing

@testable import WebAuthn

/// A `fido-u2f` statement; every part can be changed.
struct ForgedU2F: Sendable {
    var registration: ForgedRegistration
    var attester: ForgedKey
    var authority: ForgedAuthority
    var chain: @Sendable ([AttestationCertificate]) -> [AttestationCertificate] = { [$0[0]] }
    /// The last change to the signed bytes.
    var message: @Sendable (inout [UInt8]) -> Void = { _ in }

    init(_ algorithm: COSEAlgorithm = .es256, attester: COSEAlgorithm = .es256) throws {
        registration = try ForgedRegistration(algorithm)
        registration.format = "fido-u2f"
        registration.flags = [.userPresent, .attestedCredential]
        registration.expectation.userVerification = .discouraged
        self.attester = try ForgedKey(attester)
        authority = try ForgedAuthority()
        registration.party.attestation.demand = .trustedIfPresent
        registration.party.attestation.roots["fido-u2f"] = [authority.intermediate]
    }

    func leaf() throws -> ForgedCertificate {
        ForgedCertificate(subject: try ForgedCertificate.name(common: "U2F"), key: attester)
    }

    func verify() throws -> Registration {
        let certificates = chain(try authority.chain(leaf()))
        var forged = registration
        let (key, change) = (attester, message)
        forged.statement = { forged, data, hash in
            var bytes = [0] + data.prefix(32) + hash + forged.credentialID
            if case .ec2(_, let x, let y) = try forged.key.material { bytes += [4] + x + y }
            change(&bytes)
            return ["sig": .bytes(try key.sign(bytes)), "x5c": .array(certificates.map { .bytes($0.der) })]
        }
        return try forged.verify()
    }
}

/// MC-Resp-7 and MC-Resp-8.
@Suite struct NoneAndU2FTests {
    @Test("MC-Resp-7 P-1") func none() throws {
        #expect(try ForgedRegistration().verify().attestation.type == .none)
    }

    @Test("MC-Resp-7 P-2 with a model") func noneWithModel() throws {
        var forged = try ForgedRegistration()
        forged.aaguid = [UInt8](repeating: 5, count: 16)
        #expect(try forged.verify().aaguid.bytes == forged.aaguid)
    }

    @Test("MC-Resp-7 F-1 none with a statement") func noneWithStatement() throws {
        var forged = try ForgedRegistration()
        forged.statement = { _, _, _ in ["sig": .bytes([1])] }
        let subject = forged
        #expect(code { _ = try subject.verify() } == "webauthn.attestation")
    }

    static let rows: [Row<ForgedU2F>] = [
        Row("P-1", nil) { _ in },
        Row("F-1 AAGUID not zero", .attestationContent) {
            $0.registration.aaguid = [UInt8](repeating: 1, count: 16)
        },
        Row("F-2 bad signature", .attestationSignature) { $0.message = { $0[0] = 1 } },
        Row("more than one certificate", .attestation) { $0.chain = { $0 } },
        Row("no certificate", .attestation) { $0.chain = { _ in [] } },
        Row("another certificate", .attestationSignature) {
            let other = try ForgedAuthority().intermediate
            $0.chain = { _ in [other] }
        },
        Row("signed without the credential's key", .attestationSignature) { $0.message = { $0.removeLast(64) } },
    ]

    @Test("MC-Resp-8", arguments: rows) func u2f(row: Row<ForgedU2F>) throws {
        var forged = try ForgedU2F()
        try row.change(&forged)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test func curvesMustBeP256() throws {
        let credential = try ForgedU2F(.es384)
        #expect(code { _ = try credential.verify() } == "webauthn.attestation_key")
        let attester = try ForgedU2F(attester: .es384)
        #expect(code { _ = try attester.verify() } == "webauthn.attestation_certificate")
    }

    @Test func metadataIsFoundByTheCertificatesKey() throws {
        var forged = try ForgedU2F()
        let leaf = try forged.authority.chain(forged.leaf())[0]
        forged.registration.party.attestation.roots = [:]
        forged.registration.party.attestation.metadata = try ForgedMetadata.directory(
            aaguid: nil, roots: [forged.authority.intermediate], types: ["basic_full"],
            identifiers: [leaf.keyIdentifier])
        #expect(try forged.verify().attestation.metadata != nil)
        forged.registration.party.attestation.metadata = try ForgedMetadata.directory(
            aaguid: nil, roots: [forged.authority.intermediate], statuses: ["REVOKED"],
            identifiers: [leaf.keyIdentifier])
        let subject = forged
        #expect(code { _ = try subject.verify() } == "webauthn.authenticator_status")
    }
}
