import Crypto
import Foundation
import Kernel
import SwiftASN1
import Testing
import X509

@testable import WebAuthn

/// What authorities allow below themselves (RFC 5280 section 4.2.1.10).
@Suite struct NameConstraintTests {
    private typealias Constraints = NameConstraints

    /// The answer to a path whose intermediate has these constraints and whose leaf bears these names.
    private func result(
        permitted: [GeneralName] = [], excluded: [GeneralName] = [], subject: DistinguishedName? = nil,
        names: [GeneralName] = [], critical: Bool = true, atRoot: Bool = false
    ) throws -> String? {
        let constraints = try Certificate.Extension(
            NameConstraints(permittedSubtrees: permitted, excludedSubtrees: excluded), critical: critical)
        let authority = try atRoot ? ForgedAuthority() : ForgedAuthority { $0.extensions.append(constraints) }
        var leaf = ForgedCertificate(
            subject: try subject ?? ForgedCertificate.name(common: "Leaf"), key: try ForgedKey(.es256))
        if !names.isEmpty {
            leaf.extensions = [
                try Certificate.Extension(SubjectAlternativeNames(names), critical: false)
            ]
        }
        var root = authority.root
        if atRoot {
            var top = ForgedCertificate(subject: authority.rootName, key: authority.rootKey, serial: 5)
            top.constraints = .isCertificateAuthority(maxPathLength: nil)
            top.extensions = [constraints]
            root = try top.signed(by: authority.rootName, authority.rootKey)
        }
        let chain = try authority.chain(leaf)
        return code { try CertificatePath(roots: [root]).validate(chain, at: Times.now) }
    }

    private let refused = "webauthn.attestation_trust"

    private func directory(_ parts: DistinguishedName) -> GeneralName { .directoryName(parts) }

    @Test func directoryNames() throws {
        let ours = try DistinguishedName {
            CountryName("KH")
            OrganizationName("Forger")
        }
        let spelt = try DistinguishedName {
            CountryName("kh")
            OrganizationName("  FORGER ")
        }
        let theirs = try DistinguishedName {
            CountryName("KH")
            OrganizationName("Forger Two")
        }
        #expect(try result(permitted: [directory(ours)]) == nil)
        #expect(try result(permitted: [directory(spelt)]) == nil, "case and space do not count")
        #expect(try result(permitted: [directory(theirs)]) == refused)
        #expect(try result(permitted: [directory(theirs), directory(ours)]) == nil, "one of them is enough")
        #expect(try result(excluded: [directory(ours)]) == refused)
        #expect(try result(excluded: [directory(theirs)]) == nil)
        #expect(try result(permitted: [directory(ours)], excluded: [directory(ours)]) == refused)
        // A base that is longer than the name, and the base of everything.
        let long = try DistinguishedName {
            CountryName("KH")
            OrganizationName("Forger")
            OrganizationalUnitName("Authority")
            CommonName("Leaf")
            CommonName("More")
        }
        #expect(try result(permitted: [directory(long)]) == refused)
        #expect(try result(permitted: [directory(DistinguishedName())]) == nil)
        #expect(try result(excluded: [directory(DistinguishedName())]) == refused)
        // The names beside the subject count as well, and a certificate without names has nothing to be refused.
        #expect(try result(permitted: [directory(ours)], names: [directory(theirs)]) == refused)
        #expect(try result(permitted: [directory(theirs)], subject: DistinguishedName()) == nil)
        #expect(
            try result(permitted: [directory(theirs)], subject: DistinguishedName(), names: [directory(ours)])
                == refused)
    }

    @Test func wherever() throws {
        let theirs = try DistinguishedName { CountryName("FR") }
        #expect(try result(permitted: [directory(theirs)], critical: false) == refused, "also when it is not critical")
        #expect(try result(permitted: [directory(theirs)], atRoot: true) == refused, "also in the anchor")
        let ours = try DistinguishedName { CountryName("KH") }
        #expect(try result(permitted: [directory(ours)], atRoot: true) == nil)
    }

    @Test(arguments: [
        ("device.example", "device.example", true), ("device.example", "a.b.device.example", true),
        ("device.example", "DEVICE.example", true), ("device.example", "mydevice.example", false),
        ("device.example", "example", false), (".device.example", "device.example", false),
        (".device.example", "a.device.example", true), ("", "anything.example", true),
    ])
    func hostNames(_ base: String, _ name: String, _ isBelow: Bool) throws {
        #expect(try (result(permitted: [.dnsName(base)], names: [.dnsName(name)]) == nil) == isBelow)
        #expect(try (result(excluded: [.dnsName(base)], names: [.dnsName(name)]) == refused) == isBelow)
        // Another kind of name is not concerned.
        #expect(try result(permitted: [.dnsName(base)], names: [.rfc822Name("a@b.example")]) == nil)
    }

    @Test(arguments: [
        ("maker.example", "a@maker.example", true), ("maker.example", "a@x.maker.example", false),
        (".maker.example", "a@x.maker.example", true), ("a@maker.example", "a@MAKER.example", true),
        ("a@maker.example", "b@maker.example", false), ("a@maker.example", "A@maker.example", false),
    ])
    func mailAddresses(_ base: String, _ name: String, _ isWithin: Bool) throws {
        #expect(try (result(permitted: [.rfc822Name(base)], names: [.rfc822Name(name)]) == nil) == isWithin)
        #expect(try (result(excluded: [.rfc822Name(base)], names: [.rfc822Name(name)]) == refused) == isWithin)
    }

    @Test(arguments: [
        ("maker.example", "https://maker.example/x", true), ("maker.example", "https://a@Maker.example:8443", true),
        ("maker.example", "https://x.maker.example/", false), (".maker.example", "https://x.maker.example/", true),
        (".maker.example", "https://maker.example/", false),
    ])
    func addresses(_ base: String, _ name: String, _ isWithin: Bool) throws {
        let (base, name): (GeneralName, GeneralName) = (
            .uniformResourceIdentifier(base), .uniformResourceIdentifier(name)
        )
        #expect(try (result(permitted: [base], names: [name]) == nil) == isWithin)
        #expect(try (result(excluded: [base], names: [name]) == refused) == isWithin)
    }

    /// What cannot be compared is refused, whichever way the constraint goes.
    @Test func whatCannotBeCompared() throws {
        let pairs: [(GeneralName, GeneralName)] = [
            (.uniformResourceIdentifier("maker.example"), .uniformResourceIdentifier("urn:x:y")),
            (.uniformResourceIdentifier("maker.example"), .uniformResourceIdentifier("https://10.0.0.1/")),
            (.uniformResourceIdentifier("maker.example"), .uniformResourceIdentifier("https://[::1]/")),
            (.rfc822Name("maker.example"), .rfc822Name("nobody")),
            (.registeredID([1, 2, 3]), .registeredID([1, 2, 3])),
            (
                .ipAddress(ASN1OctetString(contentBytes: [10, 0, 0, 0])),
                .ipAddress(ASN1OctetString(contentBytes: [10, 0, 0, 1]))
            ),
        ]
        for (base, name) in pairs {
            #expect(try result(permitted: [base], names: [name]) == refused, "\(name)")
            #expect(try result(excluded: [base], names: [name]) == refused, "\(name)")
        }
    }

    @Test func networkAddresses() throws {
        let network = GeneralName.ipAddress(ASN1OctetString(contentBytes: [10, 1, 0, 0, 255, 255, 0, 0]))
        func address(_ bytes: [UInt8]) -> GeneralName { .ipAddress(ASN1OctetString(contentBytes: bytes[...])) }
        #expect(try result(permitted: [network], names: [address([10, 1, 2, 3])]) == nil)
        #expect(try result(permitted: [network], names: [address([10, 2, 2, 3])]) == refused)
        #expect(try result(excluded: [network], names: [address([10, 1, 2, 3])]) == refused)
        #expect(try result(excluded: [network], names: [address([10, 2, 2, 3])]) == nil)
        #expect(try result(excluded: [network], names: [address([UInt8](repeating: 0, count: 16))]) == nil)
        #expect(try result(excluded: [network], names: [address([10, 1])]) == refused, "no address at all")
    }

    @Test func malformedConstraints() throws {
        let authority = try ForgedAuthority {
            $0.extensions.append(
                Certificate.Extension(oid: .X509ExtensionID.nameConstraints, critical: true, value: [0x30, 0x01]))
        }
        let leaf = ForgedCertificate(subject: try ForgedCertificate.name(common: "Leaf"), key: try ForgedKey(.es256))
        let chain = try authority.chain(leaf)
        #expect(code { try CertificatePath(roots: [authority.root]).validate(chain, at: Times.now) } == refused)
    }

    /// Whom it concerns: all below, and not an authority that only renews its own key.
    @Test func allBelow() throws {
        let ours = try DistinguishedName { CountryName("KH") }
        let constraints = try Certificate.Extension(
            NameConstraints(permittedSubtrees: [directory(ours)], excludedSubtrees: []), critical: true)
        let top = try ForgedAuthority {
            $0.constraints = .isCertificateAuthority(maxPathLength: nil)
            $0.extensions.append(constraints)
        }
        func path(_ middle: DistinguishedName) throws -> String? {
            var lower = ForgedCertificate(subject: middle, key: try ForgedKey(.es256))
            lower.constraints = .isCertificateAuthority(maxPathLength: nil)
            let leaf = ForgedCertificate(
                subject: try ForgedCertificate.name(common: "Leaf"), key: try ForgedKey(.es256))
            let chain = [
                try leaf.signed(by: middle, lower.key), try lower.signed(by: top.name, top.key), top.intermediate,
            ]
            return code { try CertificatePath(roots: [top.root]).validate(chain, at: Times.now) }
        }
        #expect(try path(ForgedCertificate.name(common: "Lower")) == nil)
        #expect(try path(ForgedCertificate.name(country: "FR", common: "Lower")) == refused)
    }
}
