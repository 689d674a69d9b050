import COSE
import Kernel
import Testing
import X509

@testable import WebAuthn

/// Paths of certificates, apart from any format.
@Suite struct CertificatePathTests {
    private func result(
        _ chain: [AttestationCertificate], roots: [AttestationCertificate],
        _ place: CertificatePath.RootInPath = .refused, at now: Instant = Times.now
    ) -> String? {
        code { try CertificatePath(roots: roots, rootInPath: place).validate(chain, at: now) }
    }

    private func leaf() throws -> ForgedCertificate {
        ForgedCertificate(subject: try ForgedCertificate.name(common: "Leaf"), key: try ForgedKey(.es256))
    }

    @Test func lengths() throws {
        let authority = try ForgedAuthority()
        let chain = try authority.chain(leaf())
        #expect(result([], roots: [authority.root]) == "webauthn.attestation_trust")
        #expect(result(chain, roots: [authority.root]) == nil)
        #expect(result([chain[0]], roots: [authority.intermediate]) == nil)
        #expect(result(Array(repeating: chain[0], count: 9), roots: [chain[0]]) == "webauthn.attestation_trust")
    }

    @Test func pathLengthIsKept() throws {
        // The intermediate allows no authority below itself.
        let authority = try ForgedAuthority()
        var lower = try leaf()
        lower.constraints = .isCertificateAuthority(maxPathLength: nil)
        let lowerName = lower.subject
        let lowerCertificate = try lower.signed(by: authority.name, authority.key)
        let end = try leaf().signed(by: lowerName, lower.key)
        let chain = [end, lowerCertificate, authority.intermediate]
        #expect(result(chain, roots: [authority.root]) == "webauthn.attestation_trust")
        let open = try ForgedAuthority { $0.constraints = .isCertificateAuthority(maxPathLength: 1) }
        let again = try lower.signed(by: open.name, open.key)
        #expect(result([end, again, open.intermediate], roots: [open.root]) == nil)
    }

    @Test func rootInThePath() throws {
        let authority = try ForgedAuthority()
        let chain = try authority.chain(leaf()) + [authority.root]
        #expect(result(chain, roots: [authority.root]) == "webauthn.attestation_trust")
        #expect(result(chain, roots: [authority.root], .accepted) == nil)
        #expect(result(chain, roots: [try ForgedAuthority().root], .accepted) == "webauthn.attestation_trust")
        // A root that signs itself and stands alone is its own anchor, if it is trusted.
        #expect(result([authority.root], roots: [authority.root]) == nil)
        #expect(result([authority.root], roots: []) == "webauthn.attestation_trust")
    }

    /// A renewed root has the same name and key, and other dates.
    @Test func renewedRoot() throws {
        let authority = try ForgedAuthority()
        var renewed = ForgedCertificate(subject: authority.rootName, key: authority.rootKey, serial: 99)
        renewed.constraints = .isCertificateAuthority(maxPathLength: nil)
        let root = try renewed.signed(by: authority.rootName, authority.rootKey)
        #expect(result(try authority.chain(leaf()) + [authority.root], roots: [root], .accepted) == nil)
        #expect(result(try authority.chain(leaf()), roots: [root]) == nil)
    }

    /// Lists of an authority that was renewed under the same name do not get into each other's way.
    @Test func listsOfTheSameName() throws {
        let (authority, other) = (try ForgedAuthority(), try ForgedAuthority())
        let chain = try authority.chain(leaf())
        let own = try ForgedCRL(issuer: authority.name, key: authority.key, serials: [9]).list()
        let foreign = try ForgedCRL(issuer: other.name, key: other.key, serials: [7]).list()
        func check(_ lists: [RevocationList]) -> String? {
            code { try CertificatePath(roots: [authority.root], revocationLists: lists).validate(chain, at: Times.now) }
        }
        #expect(check([own, foreign]) == nil)
        #expect(check([foreign]) == "webauthn.revocation_list")
        var old = ForgedCRL(issuer: authority.name, key: authority.key, serials: [7])
        old.nextUpdate = "260502000000Z"
        #expect(check([own, try old.list()]) == "webauthn.certificate_revoked")
    }

    @Test func sameNameAnotherKey() throws {
        let (one, two) = (try ForgedAuthority(), try ForgedAuthority())
        let chain = try one.chain(leaf())
        #expect(result([chain[0], two.intermediate], roots: [two.root]) == "webauthn.attestation_trust")
        #expect(result(chain, roots: [two.root]) == "webauthn.attestation_trust")
        #expect(result(chain, roots: [two.root, one.root]) == nil)
    }

    @Test func sameKeyAnotherName() throws {
        let authority = try ForgedAuthority()
        var renamed = ForgedCertificate(
            subject: try ForgedCertificate.name(common: "Renamed"), key: authority.key, serial: 3)
        renamed.constraints = .isCertificateAuthority(maxPathLength: nil)
        let issuer = try renamed.signed(by: authority.rootName, authority.rootKey)
        let end = try leaf().signed(by: authority.name, authority.key)
        #expect(result([end, issuer], roots: [authority.root]) == "webauthn.attestation_trust")
    }

    @Test func listsNeedTheirUsage() throws {
        let authority = try ForgedAuthority {
            $0.extensions = [try Certificate.Extension(KeyUsage(keyCertSign: true), critical: true)]
        }
        let list = try ForgedCRL(issuer: authority.name, key: authority.key).list()
        let path = CertificatePath(roots: [authority.root], revocationLists: [list])
        let chain = try authority.chain(leaf())
        #expect(code { try path.validate(chain, at: Times.now) } == "webauthn.revocation_list")
    }

    @Test func timesAreInclusive() throws {
        let authority = try ForgedAuthority()
        var certificate = try leaf()
        certificate.notBefore = Times.now
        certificate.notAfter = Times.now.adding(seconds: 10)
        let chain = try authority.chain(certificate)
        #expect(result(chain, roots: [authority.root]) == nil)
        #expect(result(chain, roots: [authority.root], at: Times.now.adding(seconds: 10)) == nil)
        #expect(
            result(chain, roots: [authority.root], at: Times.now.adding(seconds: 11)) == "webauthn.attestation_trust")
        #expect(
            result(chain, roots: [authority.root], at: Times.now.adding(seconds: -1)) == "webauthn.attestation_trust")
    }

    /// An authority on P-384 that signs leaves on P-256, as Apple's do.
    @Test func mixedCurves() throws {
        let authority = try ForgedAuthority(try ForgedKey(.es384))
        #expect(result(try authority.chain(leaf()), roots: [authority.root]) == nil)
        let rsa = try ForgedAuthority(try ForgedKey(.rs256))
        #expect(result(try rsa.chain(leaf()), roots: [rsa.root]) == nil)
    }

    /// Version 1 certificates carry no constraints, so that they are no issuers.
    @Test func leavesAreNoIssuers() throws {
        let authority = try ForgedAuthority { $0.constraints = nil }
        #expect(result(try authority.chain(leaf()), roots: [authority.root]) == "webauthn.attestation_trust")
    }

    /// Defaults that are written out, and constraints that are malformed.
    @Test func constraintsAsMakersWriteThem() throws {
        func made(_ value: [UInt8]) throws -> AttestationCertificate {
            var certificate = try leaf()
            certificate.constraints = nil
            certificate.extensions = [
                Certificate.Extension(oid: .X509ExtensionID.basicConstraints, critical: false, value: value[...])
            ]
            return try certificate.signed(by: certificate.subject, certificate.key)
        }
        #expect(try !made([0x30, 0]).constraints().isAuthority)
        #expect(try !made([0x30, 3, 1, 1, 0]).constraints().isAuthority)
        #expect(try made([0x30, 3, 1, 1, 0xFF]).constraints().isAuthority)
        #expect(try made([0x30, 6, 1, 1, 0xFF, 2, 1, 4]).constraints().longest == 4)
        for value: [UInt8] in [[], [5, 0], [0x30, 3, 2, 1, 0], [0x30, 6, 1, 1, 0xFF, 2, 1, 0xFF], [0x30, 2, 1, 1]] {
            #expect(code { try made(value).requireNoAuthority() } == "webauthn.attestation_certificate")
        }
    }

    @Test func keyIdentifierIsTheUsualOne() throws {
        let authority = try ForgedAuthority()
        let usual = SubjectKeyIdentifier(hash: authority.root.certificate.publicKey)
        #expect(authority.root.keyIdentifier == Array(usual.keyIdentifier))
        let rsa = try ForgedAuthority(try ForgedKey(.rs256))
        let other = SubjectKeyIdentifier(hash: rsa.root.certificate.publicKey)
        #expect(rsa.root.keyIdentifier == Array(other.keyIdentifier))
    }
}
