import Codecs
import Crypto
import Foundation
import JOSE
import Kernel
import SwiftASN1
import Testing
import X509

@testable import ProofOfPossession

@Suite("Client certificates") struct ClientCertificateTests {
    let now = Instant(seconds: 1_800_000_000)

    static func name(_ common: String = "bank") throws -> DistinguishedName {
        try DistinguishedName {
            CountryName("KH")
            OrganizationName("ABC, Bank")
            OrganizationalUnitName("Cards")
            CommonName(common)
        }
    }

    private func refusal(_ step: () async throws -> Void) async throws -> ClientCertificateError? {
        do {
            try await step()
            return nil
        } catch let error as ClientCertificateError {
            return error
        }
    }

    @Test func thumbprintAndKey() throws {
        let maker = try CertificateMaker(Self.name())
        let client = try maker.client
        #expect(client.x5tS256 == Base64URL.encode(Array(SHA256.hash(data: try maker.der))))
        #expect(client.isBound(to: client.x5tS256) && !client.isBound(to: "") && !client.isBound(to: "x"))
        #expect(try client.publicKey().thumbprint == JWK(.p256(maker.key.publicKey)).thumbprint)
        #expect(client.subject == "CN=bank,OU=Cards,O=ABC\\, Bank,C=KH")
    }

    @Test func whatIsNoCertificateIsRefused() async throws {
        let der = try CertificateMaker(Self.name()).der
        for bytes in [[], [0x30], Array(der.dropLast()), der + [0], [UInt8](repeating: 0x30, count: 20_000)] {
            #expect(try await refusal { _ = try ClientCertificate(der: bytes) } == .malformed)
        }
        #expect(try await refusal { _ = try ClientCertificate(of: nil) } == .missing)
        #expect(try await refusal { _ = try ClientCertificate(of: der) } == nil)
    }

    @Test func mutatedCertificatesNeverTrap() throws {
        let der = try CertificateMaker(Self.name(), names: [.dnsName("a.example")], purposes: [.clientAuth]).der
        var generator = SeededGenerator(seed: 8705)
        var parsed = 0
        for _ in 0..<4000 {
            var bytes = der
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            guard let client = try? ClientCertificate(der: bytes) else { continue }
            parsed += 1
            _ = client.subject
            _ = try? client.publicKey()
            try? client.requireValid(at: now)
            try? CertificateMatch.sanDNS("a.example").check(client)
            #expect(bytes == der || client.x5tS256 != Base64URL.encode(Array(SHA256.hash(data: der))))
        }
        #expect(parsed > 100)
    }

    @Test func validity() async throws {
        let client = try CertificateMaker(Self.name()).client
        func at(_ seconds: Int64) async throws -> ClientCertificateError? {
            try await refusal { try client.requireValid(at: Instant(seconds: seconds)) }
        }
        #expect(try await at(1_799_000_000) == nil)
        #expect(try await at(1_801_000_000) == nil)
        #expect(try await at(1_798_999_999) == .notYetValid)
        #expect(try await at(1_801_000_001) == .expired)
    }

    @Test func selfSignedCertificatesAreKnownByTheirKeySet() async throws {
        let maker = try CertificateMaker(Self.name())
        let client = try maker.client
        let renewed = try CertificateMaker(Self.name("renewed"), key: maker.key).client
        let stranger = try CertificateMaker(Self.name()).client
        let bare = try JWK(.p256(maker.key.publicKey), use: "sig")
        let exact = try JWK(
            .p256(maker.key.publicKey), additional: ["x5c": [.string(Base64.encode(maker.der))]])
        let hashed = try JWK(.p256(maker.key.publicKey), additional: ["x5t#S256": .string(client.x5tS256)])
        let other = try JWK(.p256(P256.Signing.PrivateKey().publicKey))
        for keys in [[bare], [other, exact], [hashed, other], [exact, bare]] {
            #expect(try await refusal { try client.requireRegistered(in: keys) } == nil)
            #expect(try await refusal { try stranger.requireRegistered(in: keys) } == .notRegistered)
        }
        #expect(try await refusal { try renewed.requireRegistered(in: [bare]) } == nil)
        #expect(try await refusal { try renewed.requireRegistered(in: [exact, hashed]) } == .notRegistered)
        #expect(try await refusal { try client.requireRegistered(in: []) } == .notRegistered)
        let encryption = try JWK(.p256(maker.key.publicKey), use: "enc")
        #expect(try await refusal { try client.requireRegistered(in: [encryption]) } == .notRegistered)
        // A foreign certificate under the own key, and an own certificate under a foreign key.
        let wrong = try JWK(.p256(maker.key.publicKey), additional: ["x5c": [.string(Base64.encode(stranger.der))]])
        let lent = try JWK(.p256(P256.Signing.PrivateKey().publicKey), additional: exact.additional)
        #expect(try await refusal { try client.requireRegistered(in: [wrong, lent]) } == .notRegistered)
    }

    @Test(arguments: [
        "CN=bank,OU=Cards,O=ABC\\, Bank,C=KH", "cn=bank,ou=Cards,o=ABC\\, Bank,c=KH",
        "CN=bank, OU=Cards, O=ABC\\2c Bank, C=KH", "2.5.4.3=bank,2.5.4.11=Cards,2.5.4.10=ABC\\2C Bank,2.5.4.6=KH",
        "CN = bank , OU = Cards , O = ABC\\, Bank , C = KH", "CN=\\62ank,OU=Cards,O=ABC\\, Bank,C=KH",
    ])
    func subjectsThatMatch(_ text: String) async throws {
        let client = try CertificateMaker(Self.name()).client
        #expect(try await refusal { try CertificateMatch.subjectDN(text).check(client) } == nil)
    }

    @Test(arguments: [
        "C=KH,O=ABC\\, Bank,OU=Cards,CN=bank", "CN=bank,OU=Cards,O=ABC\\, Bank", "CN=Bank,OU=Cards,O=ABC\\, Bank,C=KH",
        "CN=bank,OU=Cards,O=ABC\\, Bank,C=KH,C=KH", "CN=bank+OU=Cards,O=ABC\\, Bank,C=KH", "CN=bank",
        "CN=bank\\ ,OU=Cards,O=ABC\\, Bank,C=KH", "UID=bank,OU=Cards,O=ABC\\, Bank,C=KH",
        "CN=#0c0462616e6b,OU=Cards,O=ABC\\, Bank,C=KH",
    ])
    func subjectsThatDiffer(_ text: String) async throws {
        let client = try CertificateMaker(Self.name()).client
        #expect(try await refusal { try CertificateMatch.subjectDN(text).check(client) } == .subjectMismatch)
    }

    @Test(arguments: [
        "", " ", "CN", "CN=", "=x", "CN=x,", ",CN=x", "CN=x,,O=y", "X9=x", "CN=\"x\"", "CN=x;O=y", "CN=x\\", "CN=x\\4",
        "CN=x\\zz", "CN=#", "CN=#0", "CN=#zz", "1.02.3=x", "2.=x", "CN=<x>", "CN=\\ff", "CN=x+CN=x", "CN=x\u{0}",
    ])
    func malformedSubjects(_ text: String) async throws {
        let client = try CertificateMaker(Self.name()).client
        #expect(try await refusal { try CertificateMatch.subjectDN(text).check(client) } == .badExpectation)
        #expect(CertificateMatch(member: "tls_client_auth_subject_dn", value: text) == nil)
    }

    @Test func namesWithOddValues() async throws {
        let values = ["ធនាគារ", " lead", "trail ", "#hash", "a+b", "a\"b\\c", "<x>", "a,b;c", "x", "a=b", "a\u{1}b"]
        for value in values {
            let name = try DistinguishedName { CommonName(value) }
            let client = try CertificateMaker(name).client
            let text = client.subject
            #expect(try await refusal { try CertificateMatch.subjectDN(text).check(client) } == nil, "\(text)")
        }
        // A value that is no text is compared in its encoded form; several values of one name in any order.
        let bits = try ASN1Any(erasing: ASN1OctetString(contentBytes: [1, 2, 3]))
        let odd = DistinguishedName([
            RelativeDistinguishedName([
                .init(type: .RDNAttributeType.commonName, utf8String: "a"),
                .init(type: [1, 2, 3, 4], value: .init(asn1Any: bits)),
            ])
        ])
        let client = try CertificateMaker(odd).client
        for text in ["CN=a+1.2.3.4=#0403010203", "1.2.3.4=#0403010203 + cn=a"] {
            #expect(try await refusal { try CertificateMatch.subjectDN(text).check(client) } == nil, "\(text)")
        }
        let nothing = try CertificateMaker(DistinguishedName(), names: [.dnsName("a.example")]).client
        #expect(try await refusal { try CertificateMatch.subjectDN("CN=a").check(nothing) } == .subjectMismatch)
    }

    @Test func alternativeNames() async throws {
        let client = try CertificateMaker(
            Self.name(),
            names: [
                .dnsName("Client.Example"), .uniformResourceIdentifier("https://client.example/Id"),
                .rfc822Name("Ops@Client.example"), .ipAddress(ASN1OctetString(contentBytes: [192, 0, 2, 7])),
                .ipAddress(
                    ASN1OctetString(contentBytes: [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1])),
            ]
        ).client
        let matching: [CertificateMatch] = [
            .sanDNS("client.example"), .sanURI("https://client.example/Id"), .sanEmail("Ops@CLIENT.example"),
            .sanIP("192.0.2.7"), .sanIP("2001:db8::1"), .sanIP("2001:0DB8:0:0:0:0:0:1"),
        ]
        for match in matching { #expect(try await refusal { try match.check(client) } == nil, "\(match)") }
        let others: [CertificateMatch] = [
            .sanDNS("example"), .sanDNS("x.client.example"), .sanURI("https://client.example/id"),
            .sanEmail("ops@client.example"), .sanIP("192.0.2.8"), .sanIP("::ffff:192.0.2.7"), .sanDNS("192.0.2.7"),
        ]
        for match in others { #expect(try await refusal { try match.check(client) } == .nameMismatch, "\(match)") }
        let bare = try CertificateMaker(Self.name()).client
        for match in matching { #expect(try await refusal { try match.check(bare) } == .nameMismatch) }
        let bad: [CertificateMatch] = [
            .sanDNS("*.example"), .sanDNS(""), .sanIP("192.0.2"), .sanIP("192.0.2.07x"), .sanEmail("x"), .sanURI("a b"),
        ]
        for match in bad { #expect(try await refusal { try match.check(client) } == .badExpectation, "\(match)") }
    }

    @Test func metadataNamesExactlyOneExpectation() throws {
        for (index, value) in ["CN=a", "a.example", "https://a.example", "192.0.2.1", "a@b.example"].enumerated() {
            let name = CertificateMatch.memberNames[index]
            let match = try CertificateMatch(metadata: [name: .string(value), "client_name": "x"])
            #expect(match.member == (name, value))
        }
        let bad: [JSONObject] = [
            [:], ["tls_client_auth_san_dns": 1], ["tls_client_auth_san_dns": ""],
            ["tls_client_auth_san_dns": "a", "tls_client_auth_san_uri": "b"],
        ]
        for metadata in bad {
            #expect(throws: ClientCertificateError.badExpectation) { try CertificateMatch(metadata: metadata) }
        }
        #expect(CertificateMatch(member: "client_name", value: "x") == nil)
    }
}

@Suite("Certificate roots") struct CertificateRootsTests {
    let now = Instant(seconds: 1_800_000_000)
    let root: CertificateMaker
    let middle: CertificateMaker

    init() throws {
        root = try CertificateMaker(ClientCertificateTests.name("root"), isAuthority: true)
        middle = try CertificateMaker(ClientCertificateTests.name("middle"), issuer: root, isAuthority: true)
    }

    private func refusal(
        _ maker: CertificateMaker, _ roots: CertificateRoots, at seconds: Int64 = 0
    ) async throws -> ClientCertificateError? {
        do {
            try await roots.validate(maker.client, now: now.adding(seconds: seconds))
            return nil
        } catch {
            return error as? ClientCertificateError
        }
    }

    @Test func chains() async throws {
        let name = try ClientCertificateTests.name()
        let direct = try CertificateMaker(name, issuer: root, purposes: [.clientAuth])
        let below = try CertificateMaker(name, issuer: middle, names: [.dnsName("a.example")])
        let rootOnly = try CertificateRoots(pem: root.pem)
        let both = try CertificateRoots(pem: middle.pem + root.pem)
        #expect(rootOnly.count == 1 && both.count == 1)
        #expect(try await refusal(direct, rootOnly) == nil)
        #expect(try await refusal(below, both) == nil)
        #expect(try await refusal(below, rootOnly) == .untrusted)
        #expect(try await refusal(direct, both, at: 2_000_000) == .expired)
        #expect(try await refusal(direct, both, at: -2_000_000) == .notYetValid)
    }

    @Test func strangersAreNotTrusted() async throws {
        let name = try ClientCertificateTests.name()
        let roots = try CertificateRoots(pem: root.pem)
        #expect(try await refusal(CertificateMaker(name), roots) == .untrusted)
        // An authority of the same name with another key.
        let impostor = try CertificateMaker(root.certificate.subject, isAuthority: true)
        #expect(try await refusal(CertificateMaker(name, issuer: impostor), roots) == .untrusted)
        // A client certificate cannot issue others.
        let client = try CertificateMaker(name, issuer: root)
        let forged = try CertificateRoots(pem: root.pem + client.pem)
        let child = try CertificateMaker(ClientCertificateTests.name("child"), issuer: client)
        #expect(try await refusal(child, forged) == .untrusted)
        // Other purposes, and authorities themselves.
        let server = try CertificateMaker(name, issuer: root, purposes: [.serverAuth])
        #expect(try await refusal(server, roots) == .untrusted)
        #expect(try await refusal(middle, roots) == .untrusted)
        #expect(try await refusal(root, roots) == .untrusted)
    }

    @Test func anExpiredAuthorityEndsTheChain() async throws {
        let old = try CertificateMaker(
            ClientCertificateTests.name("old"), isAuthority: true, end: Date(timeIntervalSince1970: 1_799_500_000))
        let client = try CertificateMaker(ClientCertificateTests.name(), issuer: old)
        #expect(try await refusal(client, CertificateRoots(pem: old.pem)) == .untrusted)
        #expect(try await refusal(client, CertificateRoots(pem: old.pem), at: -600_000) == nil)
    }

    @Test func filesThatCannotBeUsed() throws {
        let bad = try [
            "", "x", middle.pem, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n", root.pem.replacing("CERTIFICATE", with: "PRIVATE KEY"),
        ]
        for pem in bad {
            #expect(throws: RumdulError.certificateRoots("")) { try CertificateRoots(pem: pem) }
        }
    }
}
